/**
 * The rest of the inspector's model: pasted input, heads, the builder, and the shared address.
 *
 * @module
 */

import { describe, expect, test } from 'vitest'
import { compose, type Draft, newKey } from '../../../examples/inspector/model/compose.ts'
import { inspectHead } from '../../../examples/inspector/model/head.ts'
import { parseInput } from '../../../examples/inspector/model/input.ts'
import { samples } from '../../../examples/inspector/model/samples.ts'
import { formatState, parseState } from '../../../examples/inspector/model/state.ts'

const bytes = (text: string): Uint8Array => {
  const input = parseInput(text)
  if (!('bytes' in input)) throw new Error(input.kind)
  return input.bytes
}

describe('input', () => {
  test.each([
    '81 05 48',
    '810548',
    '81:05:48',
    '0x81, 0x5, 0x48',
    '\\x81\\x05\\x48',
    '0x810548',
    '8 1 0 5 4 8',
    '81\n05\t48 ',
  ])('%j is three bytes', (text) => {
    expect(parseInput(text)).toEqual({ kind: 'frames', bytes: Uint8Array.of(0x81, 5, 0x48) })
  })

  test.each([
    ['81 0g', 4, '"g" is neither a hexadecimal digit nor a separator'],
    ['81 0', 3, 'the last digit has no partner: a byte is two hexadecimal digits'],
    ['00'.repeat(65_537), 131_073, 'more than 65536 bytes: paste a smaller part'],
  ])('%.8j is reported with its position', (text, at, message) => {
    expect(parseInput(text)).toEqual({ kind: 'unreadable', at, message })
  })

  test('empty input gives nothing', () => {
    expect(parseInput(' \n')).toEqual({ kind: 'empty' })
  })

  test('a head as text, or as hexadecimal', () => {
    const head = { kind: 'head', bytes: new TextEncoder().encode('GET / HTTP/1.1\r\nHost: a\r\n\r\n') }
    expect(parseInput('GET / HTTP/1.1\nHost: a')).toEqual(head)
    expect(parseInput(Buffer.from(head.bytes).toString('hex'))).toEqual(head)
  })
})

describe('heads', () => {
  const [request = '', faulty = '', both = ''] = samples
    .filter(({ group }) => group === 'Handshake')
    .map(({ input }) => input)

  test('the request of RFC 6455 §1.3 gets its 101', () => {
    const [head] = inspectHead(bytes(request))
    expect(head).toMatchObject({ kind: 'request', verdict: 'opens', errors: [] })
    expect(head?.answer).toContain('HTTP/1.1 101 Switching Protocols\r\n')
    expect(head?.answer).toContain('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n')
    expect(head?.answer).toContain('Sec-WebSocket-Extensions: permessage-deflate')
  })

  test('each error is shown at its line, with the response to send', () => {
    const [head] = inspectHead(bytes(faulty))
    expect(head).toMatchObject({ verdict: 'refused', title: '3 errors: the response is 400' })
    expect(
      head?.lines.filter(({ errors }) => errors.length > 0).map(({ name, errors }) => [name, errors[0]?.code]),
    ).toEqual([
      ['Connection', 'connection-missing'],
      ['Sec-WebSocket-Key', 'key'],
      ['Sec-WebSocket-Version', 'version'],
    ])
    expect(head?.answer).toContain('HTTP/1.1 400 Bad Request\r\n')
  })

  test('a response is checked against its request', () => {
    expect(inspectHead(bytes(both)).map(({ kind, verdict }) => [kind, verdict])).toEqual([
      ['request', 'opens'],
      ['response', 'opens'],
    ])
    const [, wrong] = inspectHead(bytes(both.replace('s3pP', 's3pQ')))
    expect(wrong?.verdict).toBe('refused')
    expect(wrong?.lines.find(({ name }) => name === 'Sec-WebSocket-Accept')?.errors[0]?.code).toBe('accept')
  })

  test('a response alone is checked as far as possible', () => {
    const [head] = inspectHead(bytes('HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\nConnection: Upgrade'))
    expect(head).toMatchObject({ kind: 'response', verdict: 'opens' })
    expect(inspectHead(bytes('HTTP/1.1 404 Not Found'))[0]?.verdict).toBe('refused')
  })

  test('plain HTTP is not an error, and an unreadable head is reported with its offset', () => {
    expect(inspectHead(bytes('GET / HTTP/1.1\nHost: a'))[0]?.verdict).toBe('plain')
    const [head] = inspectHead(bytes('GET / HTTP/1.1\nHost : a'))
    expect(head).toMatchObject({ verdict: 'refused', broken: { at: 20 } })
  })
})

describe('the builder', () => {
  const draft: Draft = {
    opcode: 1,
    fin: true,
    rsv: 0,
    masked: false,
    key: '37 fa 21 3d',
    length: 'shortest',
    payload: 'Hello',
    payloadAs: 'text',
    code: '1000',
    reason: 'bye',
  }
  test.each<[string, Partial<Draft>]>([
    ['81 05 48 65 6c 6c 6f', {}],
    ['81 85 37 fa 21 3d 7f 9f 4d 51 58', { masked: true }],
    ['81 7e 00 05 48 65 6c 6c 6f', { length: '2' }],
    ['81 7f 00 00 00 00 00 00 00 05 48 65 6c 6c 6f', { length: '8' }],
    ['73 02 01 ff', { opcode: 3, fin: false, rsv: 7, payload: '01ff', payloadAs: 'hex' }],
    ['88 05 03 e8 62 79 65', { opcode: 8 }],
    ['88 02 03 ed', { opcode: 8, code: '1005', reason: '' }],
    ['88 00', { opcode: 8, code: '', reason: '' }],
  ])('%s', (hex, change) => {
    expect(compose({ ...draft, ...change })).toEqual({ ok: true, hex })
  })

  test.each<[string, Partial<Draft>]>([
    ['`maskKey` must be 4 bytes long, not 2', { masked: true, key: '01 02' }],
    [
      'the payload: the last digit has no partner: a byte is two hexadecimal digits',
      { payload: '1', payloadAs: 'hex' },
    ],
    ['a close code is a whole number from 0 to 65535', { opcode: 8, code: '65536' }],
    ['a length of 126 does not fit lengthSize 0', { payload: 'a'.repeat(126), length: '0' }],
  ])('%s', (message, change) => {
    expect(compose({ ...draft, ...change })).toMatchObject({ ok: false, message: expect.stringContaining(message) })
  })

  test('a new key has four bytes', () => {
    expect(newKey()).toMatch(/^[0-9a-f]{2}( [0-9a-f]{2}){3}$/)
  })
})

test('a view is restored from its address', () => {
  const state = { input: 'GET /?a=1&b#ü HTTP/1.1\n+ %', role: 'client', deflate: true } as const
  expect(parseState(formatState(state))).toEqual(state)
  expect(parseState('')).toBe(undefined)
  expect(parseState('#input=81&role=__proto__')).toEqual({ input: '81', role: 'server', deflate: false })
})
