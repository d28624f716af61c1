// Incoming messages in pieces: their beginning and end, text cut between characters, and the same errors as for whole messages.
import { describe, expect, test } from 'vitest'
import { Connection } from '../../src/connection/connection.ts'
import type { ConnectionEvent, TextForm } from '../../src/connection/events.ts'
import type { ConnectionOptions } from '../../src/connection/options.ts'
import { receiveAll } from '../receive.ts'
import { concat, hex, pattern, splits } from '../wire.ts'
import { client, deflating, server } from './outgoing-support.ts'

type Event = ConnectionEvent<TextForm, boolean>
type Options = Partial<ConnectionOptions<TextForm, boolean>>

const inPieces = (options: Options = {}) =>
  new Connection<TextForm, boolean>({ role: 'client', pieces: true, ...options })
const receive = (connection: Connection<TextForm, boolean>, chunks: readonly Uint8Array[]): Event[] =>
  chunks.flatMap((chunk) => receiveAll(connection, chunk))
const piece = (data: string, first: boolean, last: boolean) => ({ type: 'text', data, first, last })
const binary = (data: string, first: boolean, last: boolean) => ({ type: 'binary', data: hex(data), first, last })

/** Returns unmasked frames with these payloads. */
function message(opcode: number, ...payloads: readonly Uint8Array[]): Uint8Array {
  const frames = payloads.map((payload, i) => {
    const fin = i === payloads.length - 1 ? 0x80 : 0
    return concat(Uint8Array.of(fin | (i === 0 ? opcode : 0), payload.length), payload)
  })
  return concat(...frames)
}

/** Returns the data of one message, whose pieces must begin and end once, in order. */
function joined(events: readonly Event[]): string | Uint8Array {
  const data = events.map((event, i) => {
    if (event.type !== 'text' && event.type !== 'binary') throw new Error(event.type)
    if (event.first !== (i === 0) || event.last !== (i === events.length - 1)) throw new Error(`event ${i}`)
    if (event.data.length === 0 && !event.last) throw new Error('empty')
    return event.data
  })
  if (data.every((part) => typeof part === 'string')) return data.join('')
  return concat(...(data as Uint8Array[]))
}

describe('pieces', () => {
  test('are returned as they arrive, with the first and the last marked', () => {
    const connection = inPieces()
    expect(connection.receive(hex('01 03 61'))).toEqual([piece('a', true, false)])
    expect(connection.receive(hex('62'))).toEqual([piece('b', false, false)])
    expect(connection.receive(hex('63 80 02'))).toEqual([piece('c', false, false)])
    expect(connection.receive(hex('64 65 82 02 01'))).toEqual([piece('de', false, true), binary('01', true, false)])
    expect(connection.receive(hex('02'))).toEqual([binary('02', false, true)])
  })

  test('are the whole message if it arrives whole', () => {
    expect(inPieces().receive(hex('81 01 61 82 01 02'))).toEqual([piece('a', true, true), binary('02', true, true)])
  })

  test('are empty only at the end of a message: an empty message is one event, and so is an empty last frame', () => {
    for (const chunks of splits(hex('01 00 00 00 80 00')))
      expect(receive(inPieces(), chunks)).toEqual([piece('', true, true)])
    expect(receive(inPieces(), [hex('81 00 82 00')])).toEqual([piece('', true, true), binary('', true, true)])
    expect(receive(inPieces(), [hex('02 00 00 01 07 00 00 80 00')])).toEqual([
      binary('07', true, false),
      binary('', false, true),
    ])
  })

  test('are interleaved with control frames, in order', () => {
    const connection = inPieces()
    expect(connection.receive(hex('01 01 61 89 01 31 00 01 62 8a 00 80 00'))).toEqual([
      piece('a', true, false),
      { type: 'ping', data: hex('31') },
      piece('b', false, false),
      { type: 'pong', data: hex(''), roundTrip: undefined },
      piece('', false, true),
    ])
    expect(connection.receive(hex('01 01 61 88 00'))).toMatchObject([piece('a', true, false), { type: 'close' }])
  })

  test('are copies, and with ownsChunks views of the chunk', () => {
    const chunk = hex('02 05 01 02')
    const [copy] = inPieces().receive(chunk)
    chunk.fill(0)
    expect(copy).toEqual(binary('01 02', true, false))
    const given = hex('02 05 01 02')
    const [view] = inPieces({ ownsChunks: true }).receive(given)
    expect(view?.type === 'binary' && view.data.buffer).toBe(given.buffer)
    const text = inPieces({ ownsChunks: true, text: 'bytes' }).receive(hex('01 05 61 62'))
    expect(text).toEqual([{ type: 'text', data: hex('61 62'), first: true, last: false }])
  })

  test('of a masking peer are unmasked, wherever they are cut', () => {
    const bytes = hex('02 85 37 fa 21 3d 7f 9f 4d 51 58  80 83 01 02 03 04 02 00 00')
    for (const chunks of splits(bytes))
      expect(joined(receive(inPieces({ role: 'server' }), chunks))).toEqual(hex('48 65 6c 6c 6f 03 02 03'))
  })
})

describe('a text in pieces (RFC 6455 §5.6)', () => {
  const text = 'aé世😀b'
  const bytes = new TextEncoder().encode(text)

  test('in strings is cut between characters, for any frames and chunks', () => {
    for (let a = 0; a <= bytes.length; a++)
      for (let b = a; b <= bytes.length; b++) {
        const frames = message(1, bytes.subarray(0, a), bytes.subarray(a, b), bytes.subarray(b))
        for (const chunks of splits(frames)) {
          const events = receive(inPieces(), chunks)
          for (const event of events) expect(event.type === 'text' && [...text].join('|')).toContain(split(event))
          expect(joined(events)).toBe(text)
          expect(joined(receive(inPieces({ text: 'bytes' }), chunks))).toEqual(bytes)
        }
      }
  })
  const split = (event: Event) => ('data' in event && typeof event.data === 'string' ? [...event.data].join('|') : '?')

  test('is returned without an incomplete character until the character is whole', () => {
    const connection = inPieces()
    expect(connection.receive(hex('01 04 61 f0 9f'))).toEqual([piece('a', true, false)])
    expect(connection.receive(hex('98 00 02 80'))).toEqual([piece('😀', false, false)])
    expect(connection.receive(hex('62 80 00'))).toEqual([piece('b', false, false), piece('', false, true)])
    expect(connection.receive(hex('01 01 e4'))).toEqual([])
    expect(connection.receive(hex('80 02 b8 96'))).toEqual([piece('世', true, true)])
  })

  test('in bytes is returned as received, even inside a character', () => {
    const connection = inPieces({ text: 'bytes' })
    expect(connection.receive(hex('01 01 e4'))).toEqual([{ type: 'text', data: hex('e4'), first: true, last: false }])
    expect(connection.receive(hex('80 02 b8 96'))).toEqual([
      { type: 'text', data: hex('b8 96'), first: false, last: true },
    ])
  })

  test('in bytes is also validated in whole messages', () => {
    const whole = new Connection({ role: 'client', text: 'bytes' })
    expect(whole.receive(hex('81 03 e4 b8 96 01 01 61 80 00'))).toEqual([
      { type: 'text', data: hex('e4 b8 96'), first: true, last: true },
      { type: 'text', data: hex('61'), first: true, last: true },
    ])
    expect(whole.receive(hex('81 01 ff'))).toMatchObject([{ code: 1007, error: { code: 'utf8', offset: 0 } }])
  })

  const bad = ['ff', '61 ff 62', 'c3 28', 'e4 b8', 'f0 9f 98', 'ed a0 80', 'f4 90 80 80', 'c0 80', '61 e4 b8 61', '80']

  test.each(bad)('that is not UTF-8 fails at the same byte as a whole message: %s', (wrong) => {
    const payload = hex(wrong)
    for (let cut = 0; cut <= payload.length; cut++) {
      const frames = message(1, bytes, payload.subarray(0, cut), payload.subarray(cut))
      for (const chunks of splits(frames)) {
        const expected = receive(
          client() as Connection<TextForm, boolean>,
          chunks.map((chunk) => chunk.slice()),
        ).at(-1)
        expect(expected).toMatchObject({ code: 1007, error: { code: 'utf8' } })
        for (const form of ['string', 'bytes'] as const) {
          const events = receive(inPieces({ text: form }), chunks)
          const [end, ...pieces] = events.reverse()
          expect(end).toEqual(expected)
          expect(plain(end)).toEqual(plain(expected))
          expect(pieces.every((event) => event.type === 'text' && !event.last)).toBe(true)
        }
      }
    }
  })
  const plain = (event: Event | undefined) =>
    event?.type === 'close' && { ...event.error, message: event.error?.message }
})

describe('limits on pieces', () => {
  const end = (code: string) => ({ type: 'close', code: 1009, error: { code } })

  test('apply as to whole messages: by the header, over all frames, however they are cut', () => {
    const small = (limits: object) => inPieces({ limits })
    expect(small({ maxMessageSize: 5 }).receive(hex('02 06'))).toMatchObject([end('too-large')])
    expect(small({ maxMessageSize: 5 }).receive(hex('02 03 01 02 03 80 03'))).toMatchObject([
      { data: hex('01 02 03') },
      end('too-large'),
    ])
    expect(joined(small({ maxMessageSize: 5 }).receive(message(2, pattern(3), pattern(2))))).toHaveLength(5)
    expect(small({ maxFragments: 2 }).receive(hex('02 01 01 00 00 80 00'))).toMatchObject([
      { data: hex('01') },
      end('too-many'),
    ])
  })

  test('count the next message from zero', () => {
    const connection = inPieces({ limits: { maxMessageSize: 3, maxFragments: 2 } })
    for (let i = 0; i < 5; i++) expect(joined(connection.receive(message(1, hex('61'), hex('62 63'))))).toBe('abc')
  })

  test('apply to inflated data', () => {
    const agreement = deflating()
    const sender = server(agreement)
    sender.sendBinary(new Uint8Array(5000))
    const output = sender.takeOutput() as Uint8Array
    expect(inPieces({ ...agreement, limits: { maxMessageSize: 4999 } }).receive(output)).toMatchObject([
      end('too-large'),
    ])
    expect(joined(inPieces({ ...agreement, limits: { maxMessageSize: 5000 } }).receive(output))).toHaveLength(5000)
  })
})

describe('compressed messages in pieces (RFC 7692 §7.2.2)', () => {
  test('are inflated as they arrive, and cut between characters', () => {
    const text = Array.from({ length: 3000 }, (_, i) => `${i} 世😀 ${(i * 7919) % 1009}`).join('')
    for (const fragmentSize of [undefined, 50]) {
      const agreement = deflating()
      const sender = server({ ...agreement, fragmentSize })
      const connection = inPieces(agreement)
      for (let round = 0; round < 2; round++) {
        sender.sendText(text)
        const output = sender.takeOutput() as Uint8Array
        const events: Event[] = []
        let early = 0
        for (let at = 0; at < output.length; at += 100) {
          events.push(...connection.receive(output.slice(at, at + 100)))
          if (at < output.length / 2) early = events.length
        }
        expect(joined(events)).toBe(text)
        expect(early).toBeGreaterThan(5)
      }
    }
  })
})
