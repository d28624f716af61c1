/** The bench itself takes minutes and is no part of `npm test`; that it forgets no program is. */

import { expect, test } from 'vitest'

const table = './programs.mjs'
const { findPrograms, findUnknown }: { findPrograms: () => Map<string, unknown>; findUnknown: () => string[] } =
  await import(table)

test('every Node program of examples, README and guides is tried on bad peers, or excluded with a reason', () => {
  expect(findUnknown()).toEqual([])
  expect([...findPrograms().keys()]).toEqual(
    expect.arrayContaining(['examples/echo-node-http.mjs', 'README.md: A server', 'docs/client.md: A client']),
  )
})
