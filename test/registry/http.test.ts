/** Holds the reason phrases: registered ones only, spelled as Node spells them unless RFC 9110 has changed them. */

import { STATUS_CODES } from 'node:http'
import { expect, it } from 'vitest'
import { reasonPhrases } from '../../src/registry/http.ts'

it('are those of Node, but for the one that RFC 9110 renamed', () => {
  const renamed = { ...STATUS_CODES, 413: 'Content Too Large' }
  for (const [status, phrase] of Object.entries(reasonPhrases))
    expect([status, phrase]).toEqual([status, renamed[status as '413']])
})
it('hold every status that a handshake answers with or tells apart', () => {
  const needed = [100, 101, 103, 200, 301, 302, 303, 307, 308, 400, 401, 403, 405, 407, 414, 426, 431, 503, 505]
  expect(needed.filter((status) => !reasonPhrases[status])).toEqual([])
})
it('are frozen, and need no escaping on the wire', () => {
  expect(Object.isFrozen(reasonPhrases)).toBe(true)
  expect(Object.values(reasonPhrases).filter((phrase) => !/^[A-Za-z ]+$/.test(phrase))).toEqual([])
})
