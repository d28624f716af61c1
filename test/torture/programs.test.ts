/** The bench itself takes minutes and is not part of `npm test`. This test checks that the bench omits no program. */

import { expect, test } from 'vitest'

const table = './programs.mjs'
const { findPrograms, findUnknown }: { findPrograms: () => Map<string, unknown>; findUnknown: () => string[] } =
  await import(table)

test('every Node program of examples, README and guides is run against bad peers, or excluded with a reason', () => {
  expect(findUnknown()).toEqual([])
  expect([...findPrograms().keys()]).toEqual(
    expect.arrayContaining(['examples/echo-node-http.mjs', 'README.md: A server', 'docs/client.md: A client']),
  )
})
