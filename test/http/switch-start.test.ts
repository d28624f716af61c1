/** Tests that a 101 with the usual start has the bytes of any other response, line by line. */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { formatResponse } from '../../src/http/head-format.ts'
import type { HeaderList } from '../../src/http/headers.ts'
import type { ResponseLike } from '../../src/http/response.ts'
import { usualStart } from '../../src/http/switch-start.ts'
import { toText } from './head.ts'

const usual = (): ResponseLike & { headers: HeaderList } => ({
  status: 101,
  reason: 'Switching Protocols',
  headers: [
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
  ],
})

/** Formats a response line by line. */
function plain({ status, reason, headers, continueFirst }: ReturnType<typeof usual>): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return `${continueFirst ? 'HTTP/1.1 100 Continue\r\n\r\n' : ''}HTTP/1.1 ${status} ${reason}\r\n${lines}\r\n`
}

it('a response with the usual start has the same bytes as any other', () => {
  const other = fc.constantFrom<Partial<ReturnType<typeof usual>>>(
    {},
    { reason: '' },
    { reason: 'switching protocols' },
    { status: 103 },
    { continueFirst: true },
    { headers: [] },
    { headers: [['Upgrade', 'websocket']] },
    { headers: [...usual().headers].reverse() },
    { headers: [['upgrade', 'websocket'], usual().headers[1] as HeaderList[number]] },
    { headers: [['Upgrade', 'WebSocket'], usual().headers[1] as HeaderList[number]] },
    { headers: [usual().headers[0] as HeaderList[number], ['Connection', 'upgrade']] },
    { headers: [usual().headers[0] as HeaderList[number], ['connection', 'Upgrade']] },
  )
  const field = fc.tuple(
    fc.constantFrom('Sec-WebSocket-Accept', 'X', 'Upgrade'),
    fc.constantFrom('a', 's3pPLMB=', 'é', ''),
  )
  fc.assert(
    fc.property(other, fc.array(field, { maxLength: 3 }), (changes, more) => {
      const response = { ...usual(), ...changes }
      response.headers = [...response.headers, ...more]
      expect(toText(formatResponse(response))).toBe(plain(response))
    }),
  )
})

it('the usual start is used, and later fields are checked', () => {
  expect(usualStart(usual(), usual().headers)).toHaveLength(plain(usual()).length - 2)
  for (const field of [
    ['A', 'b\r\nC: d'],
    ['A b', 'c'],
    ['Content-Length', '0'],
    ['A', 1 as never],
  ] as HeaderList)
    expect(() => formatResponse({ ...usual(), headers: [...usual().headers, field] })).toThrow(TypeError)
  expect(() => formatResponse({ ...usual(), body: 'a' })).toThrow(TypeError)
})

it('returns a new array each time, never the shared start', () => {
  formatResponse(usual()).fill(0)
  expect(toText(formatResponse(usual()))).toBe(plain(usual()))
})
