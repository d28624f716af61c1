// A connection, by exact bytes: the bytes it receives, the events it returns, the bytes it sends.

import { describe, expect, test } from 'vitest'
import { Connection } from '../../src/connection/connection.ts'
import type { ConnectionEvent } from '../../src/connection/events.ts'
import { resumeConnection, snapshotConnection } from '../../src/connection/index.ts'
import type { ConnectionOptions } from '../../src/connection/options.ts'
import { hex, splits } from '../wire.ts'

const maskKeys = () => hex('00 00 00 00')
const server = (options: Partial<ConnectionOptions> = {}) => new Connection({ role: 'server', ...options })
const client = (options: Partial<ConnectionOptions> = {}) => new Connection({ role: 'client', maskKeys, ...options })

const text = (data: string) => ({ type: 'text', data, first: true, last: true })
const binary = (data: string) => ({ type: 'binary', data: hex(data), first: true, last: true })
const ping = (data: string) => ({ type: 'ping', data: hex(data) })
const pong = (data: string) => ({ type: 'pong', data: hex(data) })
const closed = (code: number, more: object = {}) => ({
  type: 'close',
  code,
  reason: '',
  sentCode: code,
  clean: true,
  by: 'remote',
  error: undefined,
  ...more,
})

/** Incoming bytes (unmasked, for a client), the resulting events, and the client's answer. */
const vectors: readonly [title: string, bytes: string, events: readonly object[], output: string][] = [
  ['a text (RFC 6455 §5.7)', '81 05 48 65 6c 6c 6f', [text('Hello')], ''],
  ['a fragmented text (RFC 6455 §5.7)', '01 03 48 65 6c 80 02 6c 6f', [text('Hello')], ''],
  ['an empty text', '81 00', [text('')], ''],
  ['an empty binary message', '82 00', [binary('')], ''],
  ['a binary message', '82 03 00 ff 80', [binary('00 ff 80')], ''],
  ['empty fragments', '01 00 00 00 80 00', [text('')], ''],
  ['a text with a BOM, which stays (RFC 6455 §5.6)', '81 04 ef bb bf 61', [text('\ufeffa')], ''],
  ['a character cut by fragments', '01 02 e4 b8 80 01 96', [text('世')], ''],
  ['a ping, with its pong', '89 05 48 65 6c 6c 6f', [ping('48 65 6c 6c 6f')], '8a 85 00 00 00 00 48 65 6c 6c 6f'],
  ['an unsolicited pong', '8a 01 07', [pong('07')], ''],
  ['a ping between fragments', '01 01 61 89 00 80 01 62', [ping(''), text('ab')], '8a 80 00 00 00 00'],
  ['an empty Close', '88 00', [closed(1005)], '88 80 00 00 00 00'],
  [
    'a Close with a reason, answered with its code',
    '88 05 03 e8 62 79 65',
    [closed(1000, { reason: 'bye' })],
    '88 82 00 00 00 00 03 e8',
  ],
  ['a Close, and bytes after it that are ignored', '88 02 03 e9 ff ff ff', [closed(1001)], '88 82 00 00 00 00 03 e9'],
  ['a text and a Close', '81 01 61 88 02 03 e8', [text('a'), closed(1000)], '88 82 00 00 00 00 03 e8'],
]

describe('receiving', () => {
  test.each(vectors)('%s', (_, bytes, events, output) => {
    for (const ownsChunks of [false, true])
      for (const chunks of splits(hex(bytes))) {
        const connection = client({ ownsChunks })
        const received = chunks.flatMap((chunk) => [...connection.receive(chunk)])
        expect(received).toEqual(events)
        expect(connection.takeOutput()).toEqual(output === '' ? undefined : hex(output))
      }
  })

  test('the caller may overwrite a chunk after the call', () => {
    const connection = client()
    const chunk = hex('81 05 48 65')
    const binaryChunk = hex('6c 6c 6f 82 01 01')
    expect(connection.receive(chunk)).toEqual([])
    chunk.fill(0)
    const [first, second] = connection.receive(binaryChunk)
    binaryChunk.fill(0)
    expect([first, second]).toEqual([text('Hello'), binary('01')])
  })
})

const error = (code: string, closeCode: number, reference: string) =>
  expect.objectContaining({ name: 'ProtocolError', code, closeCode, reference })

/** Bytes that a client must not send, and the close code for them. */
const errors: readonly [title: string, bytes: string, code: string, closeCode: number, reference: string][] = [
  ['an unmasked frame', '81 05 48 65 6c 6c 6f', 'unmasked', 1002, 'RFC 6455 §5.1'],
  ['RSV1 without an agreement', 'c1 80 00 00 00 00', 'reserved-bits', 1002, 'RFC 6455 §5.2'],
  ['opcode 3', '83 80 00 00 00 00', 'reserved-opcode', 1002, 'RFC 6455 §5.2'],
  ['a length that is not minimal', '82 fe 00 01 00 00 00 00 41', 'length', 1002, 'RFC 6455 §5.2'],
  ['the top bit of a length', '82 ff 80 00 00 00 00 00 00 00 00 00 00 00', 'length', 1002, 'RFC 6455 §5.2'],
  ['a length of 2^62', '82 ff 40 00 00 00 00 00 00 00 00 00 00 00', 'too-large', 1009, 'RFC 6455 §10.4'],
  ['a fragmented ping', '09 80 00 00 00 00', 'control-frame', 1002, 'RFC 6455 §5.5'],
  ['a continuation without a message', '80 80 00 00 00 00', 'continuation', 1002, 'RFC 6455 §5.4'],
  ['a text inside a text', '01 80 00 00 00 00 81 80 00 00 00 00', 'continuation', 1002, 'RFC 6455 §5.4'],
  ['a Close of one byte', '88 81 00 00 00 00 03', 'close-payload', 1002, 'RFC 6455 §5.5.1'],
  ['close code 1005', '88 82 00 00 00 00 03 ed', 'close-code', 1002, 'RFC 6455 §7.4'],
  ['a reason that is not UTF-8', '88 83 00 00 00 00 03 e8 ff', 'utf8', 1007, 'RFC 6455 §8.1'],
  ['a text that is not UTF-8', '81 81 00 00 00 00 ff', 'utf8', 1007, 'RFC 6455 §8.1'],
  ['a bad byte in a fragment that is not the last', '01 81 00 00 00 00 ff', 'utf8', 1007, 'RFC 6455 §8.1'],
  ['a bad byte in a frame that has not ended', '81 85 00 00 00 00 ff', 'utf8', 1007, 'RFC 6455 §8.1'],
]

describe('an error', () => {
  test.each(errors)('%s', (_, bytes, code, closeCode, reference) => {
    for (const chunks of splits(hex(`82 81 00 00 00 00 07 ${bytes}`))) {
      const connection = server()
      const received = chunks.flatMap((chunk) => [...connection.receive(chunk)])
      expect(received).toEqual([
        binary('07'),
        closed(closeCode, { clean: false, by: 'local', error: error(code, closeCode, reference) }),
      ])
      expect(connection.state).toBe('closed')
      expect(connection.transport).toBe('keep')
      expect(connection.takeOutput()).toEqual(Uint8Array.of(0x88, 2, closeCode >> 8, closeCode & 255))
      expect(connection.transport).toBe('end')
      expect(connection.receive(hex('82 80 00 00 00 00'))).toEqual([])
      expect(connection.receiveEnd()).toEqual([])
    }
  })

  test('a masked frame fails a client with 1002', () => {
    const connection = client()
    expect(connection.receive(hex('81 80 00 00 00 00'))).toEqual([
      closed(1002, { clean: false, by: 'local', error: error('masked', 1002, 'RFC 6455 §5.1') }),
    ])
    expect(connection.takeOutput()).toEqual(hex('88 82 00 00 00 00 03 ea'))
    expect(connection.transport).toBe('end')
  })

  test('limits: a message over maxMessageSize fails with 1009 by its header, over all fragments', () => {
    const oneFrame = client({ limits: { maxMessageSize: 5 } })
    expect(oneFrame.receive(hex('82 06'))).toMatchObject([{ code: 1009, error: { code: 'too-large' } }])
    const fragments = client({ limits: { maxMessageSize: 5 } })
    expect(fragments.receive(hex('02 03 01 02 03 80 03'))).toMatchObject([{ code: 1009, error: { code: 'too-large' } }])
    const fits = client({ limits: { maxMessageSize: 5 } })
    expect(fits.receive(hex('02 03 01 02 03 80 02 04 05'))).toEqual([binary('01 02 03 04 05')])
  })

  test('limits: a larger maxMessageSize also allows larger frames; control frames have their own limit', () => {
    const larger = client({ limits: { maxMessageSize: 20 * 2 ** 20 } })
    expect(larger.receive(hex('82 7f 00 00 00 00 01 20 00 00'))).toEqual([])
    expect(client().receive(hex('82 7f 00 00 00 00 01 20 00 00'))).toMatchObject([{ code: 1009 }])
    expect(client({ limits: { maxMessageSize: 1 } }).receive(hex('89 02 01 02'))).toEqual([ping('01 02')])
  })

  test('limits: a message of more fragments than maxFragments fails with 1009', () => {
    const connection = client({ limits: { maxFragments: 2 } })
    expect(connection.receive(hex('02 00 00 00'))).toEqual([])
    expect(connection.receive(hex('00 00'))).toMatchObject([{ code: 1009, error: { code: 'too-many' } }])
  })

  test('65 537 fragments of 64 bytes pass by default', () => {
    const connection = client()
    const payload = new Uint8Array(64).fill(0x61)
    const events: ConnectionEvent[] = []
    for (let i = 0; i <= 65_536; i++)
      events.push(...connection.receive(Uint8Array.of(i === 0 ? 1 : i === 65_536 ? 0x80 : 0, 64, ...payload)))
    expect(events).toEqual([text('a'.repeat(65_537 * 64))])
  })
})

describe('sending', () => {
  test('puts text, binary, ping and Close into one output in order, after the pong', () => {
    const connection = server()
    expect(connection.sendText('Hello')).toBe(true)
    expect(connection.sendText(hex('61'))).toBe(true)
    expect(connection.sendBinary(hex('01 02'))).toBe(true)
    expect(connection.ping('p')).toBe(true)
    expect(connection.pong(hex('07'))).toBe(true)
    expect(connection.close(1000, 'bye')).toBe(true)
    expect(connection.takeOutput()).toEqual(
      hex('8a 01 07  81 05 48 65 6c 6c 6f  81 01 61  82 02 01 02  89 01 70  88 05 03 e8 62 79 65'),
    )
    expect(connection.takeOutput()).toBeUndefined()
  })

  test('replaces a lone surrogate with U+FFFD', () => {
    const connection = server()
    connection.sendText('a\ud800')
    expect(connection.takeOutput()).toEqual(hex('81 04 61 ef bf bd'))
  })

  test('cuts messages by fragmentSize, also inside characters; short messages stay whole', () => {
    const connection = server({ fragmentSize: 2 })
    connection.sendText('世')
    connection.sendText('ab')
    connection.sendBinary(hex('01 02 03'))
    connection.sendText('')
    connection.ping('abc')
    expect(connection.takeOutput()).toEqual(
      hex('01 02 e4 b8 80 01 96  81 02 61 62  02 02 01 02 80 01 03  81 00  89 03 61 62 63'),
    )
  })

  test('neither writes to the caller’s bytes nor keeps a reference to them', () => {
    const connection = client({ maskKeys: () => hex('ff ff ff ff') })
    const bytes = hex('01 02 03')
    connection.sendBinary(bytes)
    expect(bytes).toEqual(hex('01 02 03'))
    bytes.fill(0)
    expect(connection.takeOutput()).toEqual(hex('82 83 ff ff ff ff fe fd fc'))
  })

  test('throws a TypeError or RangeError for a mistake', () => {
    const connection = server()
    expect(() => connection.ping('x'.repeat(126))).toThrow(RangeError)
    expect(() => connection.pong(new Uint8Array(126))).toThrow(RangeError)
    expect(() => connection.close(1005)).toThrow(RangeError)
    expect(() => connection.close(1000, 'x'.repeat(124))).toThrow(RangeError)
    expect(() => connection.close(undefined, 'x')).toThrow(TypeError)
    expect(() => connection.sendBinary('text' as never)).toThrow(TypeError)
    expect(() => connection.sendBinary(new ArrayBuffer(8) as never)).toThrow(TypeError)
    expect(() => connection.sendText({ hello: 1 } as never)).toThrow(TypeError)
    expect(() => connection.sendBinary(new DataView(new ArrayBuffer(8)) as never)).toThrow(TypeError)
    expect(() => connection.sendBinary(Uint16Array.of(1) as never)).toThrow(TypeError)
    expect(() => connection.ping(new ArrayBuffer(3) as never)).toThrow(TypeError)
    expect(() => connection.pong(123 as never)).toThrow(TypeError)
    expect(() => connection.receive('hello' as never)).toThrow(TypeError)
    expect(() => server({ fragmentSize: 0 })).toThrow(RangeError)
    expect(() => server({ limits: { maxMessageSize: -1 } })).toThrow(RangeError)
    expect(() => server({ role: 'Server' as never })).toThrow(TypeError)
    expect(() => server({ agreement: { subprotocol: undefined, extensions: [{ name: 'x', params: {} }] } })).toThrow(
      TypeError,
    )
    expect(connection.takeOutput()).toBeUndefined()
    expect(connection.state).toBe('open')
  })
})

describe('lone surrogates in strings to be sent', () => {
  test('are sent as U+FFFD by default', () => {
    const connection = server()
    expect(connection.sendText('a\ud800')).toBe(true)
    expect(connection.ping('\udc00')).toBe(true)
    expect(connection.close(1000, '\ud800')).toBe(true)
    expect(connection.takeOutput()).toEqual(hex('81 04 61 ef bf bd  89 03 ef bf bd  88 05 03 e8 ef bf bd'))
  })

  test("are errors with loneSurrogates: 'error', and nothing is sent", () => {
    const lone = 'a\ud800b'
    for (const fragmentSize of [undefined, 2]) {
      const connection = server({ loneSurrogates: 'error', fragmentSize })
      for (const send of [
        () => connection.sendText(lone),
        () => connection.ping(lone),
        () => connection.pong(lone),
        () => connection.close(1000, lone),
      ]) {
        expect(send).toThrow(TypeError)
        expect(send).toThrow('at index 1')
      }
      expect(connection.takeOutput()).toBeUndefined()
      expect(connection.state).toBe('open')
      expect(connection.sendText('😀')).toBe(true)
      expect(connection.sendText(hex('61'))).toBe(true)
      expect(connection.close(1000, '😀')).toBe(true)
    }
  })

  test('the option is one of two values', () => {
    expect(() => server({ loneSurrogates: 'throw' as 'error' })).toThrow(TypeError)
  })
})

describe('invalid arguments', () => {
  const open = () => new Connection({ role: 'server', keepalive: { interval: 1, timeout: 1 } })
  const loose = Connection as unknown as new (options?: unknown) => Connection

  test.each([undefined, null, 5, 'server', [], Promise.resolve({ role: 'server' })])('options: %j', (options) => {
    expect(() => new loose(options)).toThrow(TypeError)
    expect(() => new loose(options)).toThrow('the options of a Connection must be an object')
  })

  test.each([
    ['snapshot', undefined, {}],
    ['snapshot', null, {}],
    ['snapshot', 'x', {}],
    ['snapshot', { format: 1 }, {}],
    ['the options of `resumeConnection`', snapshotConnection(new Connection({ role: 'server' })), null],
    ['the options of `resumeConnection`', snapshotConnection(new Connection({ role: 'server' })), 5],
  ])('resume names its %s', (name, snapshot, options) => {
    expect(() => resumeConnection(snapshot as never, options as never)).toThrow(TypeError)
    expect(() => resumeConnection(snapshot as never, options as never)).toThrow(name)
  })

  test.each([
    'text',
    new ArrayBuffer(4),
    undefined,
    null,
    5,
    [1],
    new Uint16Array(1),
    new DataView(new ArrayBuffer(1)),
  ])('a chunk: %j', (chunk) => {
    expect(() => open().receive(chunk as unknown as Uint8Array)).toThrow(TypeError)
    expect(() => open().receive(chunk as unknown as Uint8Array)).toThrow('chunk')
  })

  test.each(['5', 5n, null, {}, new Date(), true])('a time that is not a number: %s', (now) => {
    for (const call of [
      () => open().poll(now as number),
      () => open().receive(hex('81'), now as number),
      () => open().receive(new Uint8Array(0), now as number),
      () => open().ping('', now as number),
    ]) {
      expect(call).toThrow(TypeError)
      expect(call).toThrow('`now`')
    }
  })

  test('a time that is not finite, or missing', () => {
    for (const now of [Number.NaN, Infinity, -Infinity]) {
      expect(() => open().poll(now)).toThrow(RangeError)
      expect(() => open().receive(hex('81'), now)).toThrow(/`now`/)
    }
    expect(() => (open() as unknown as { poll(): void }).poll()).toThrow(TypeError)
  })

  test('extensions that are not an array', () => {
    const agreement = { subprotocol: undefined, extensions: [] }
    for (const extensions of [{}, 'permessage-deflate', 5])
      expect(() => new loose({ role: 'server', agreement, extensions })).toThrow(/`extensions` must be an array/)
  })
})
