// permessage-deflate in connections, including the handshake, alone and with an invented extension.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pako } from '../../src/codec/pako.ts'
import { zlib } from '../../src/codec/zlib.ts'
import { decodeFrameHeader } from '../../src/frame/index.ts'
import {
  type AnyConnection,
  acceptHandshake,
  Connection,
  type ConnectionEvent,
  type DefinedExtension,
  defineExtension,
  offerHandshake,
  ProtocolError,
  permessageDeflate,
  Rsv,
  verifyHandshake,
} from '../../src/index.ts'
import { concat } from '../wire.ts'

/** Inverts every bit of a message, and marks it with RSV3. */
const flipping = defineExtension<null>({
  name: 'x-flip',
  rsv: Rsv.RSV3,
  offer: () => [{}],
  accept: () => ({ params: null, response: {} }),
  verify: () => null,
  open: () => ({ encode: (piece) => piece.map((byte) => ~byte), decode: (piece) => piece.map((byte) => ~byte) }),
})

/** Returns both sides, after their agreement. */
function agree(client: readonly DefinedExtension[], server: readonly DefinedExtension[], fragmentSize = Infinity) {
  const offer = offerHandshake('ws://localhost/', { extensions: client })
  const accepted = acceptHandshake(offer.request, { extensions: server })
  const verified = verifyHandshake(accepted.response, offer)
  if (!accepted.ok || !verified.ok) throw new Error('no agreement')
  expect(verified.extensions).toEqual(accepted.extensions)
  return {
    agreed: accepted.extensions,
    client: new Connection({ role: 'client', agreement: verified, extensions: client, fragmentSize }),
    server: new Connection({ role: 'server', agreement: accepted, extensions: server, fragmentSize }),
  }
}

function* cut(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size)
}

function readAll(connection: AnyConnection, chunk: Uint8Array) {
  const events = [...connection.receive(chunk)]
  while (connection.hasPending) events.push(...connection.receive(new Uint8Array(0)))
  return events
}

function carry(from: Connection, to: Connection, size = Infinity): ConnectionEvent[] {
  const bytes = from.takeOutput() ?? new Uint8Array(0)
  return [...cut(bytes, Math.min(size, Math.max(1, bytes.length)))].flatMap((chunk) => [...to.receive(chunk)])
}

const json = (count: number) => JSON.stringify(Array.from({ length: count }, (_, id) => ({ id, name: `name ${id}` })))

describe.each([zlib, pako])('$name', (codec) => {
  const deflate = permessageDeflate({ codec, threshold: 32 })

  test('compresses messages that are long enough, unless an option overrides it, and sets RSV1', () => {
    const { client, server } = agree([deflate], [deflate])
    const rsvOf = (text: string, compress?: boolean) => {
      server.sendText(text, { compress })
      const bytes = server.takeOutput() as Uint8Array
      expect(client.receive(bytes)).toEqual([{ type: 'text', data: text, first: true, last: true }])
      return [decodeFrameHeader(bytes)?.rsv, bytes.length < text.length]
    }
    expect(rsvOf('a'.repeat(31))).toEqual([0, false])
    expect(rsvOf('a'.repeat(32))).toEqual([Rsv.RSV1, true])
    expect(rsvOf('a'.repeat(32), false)).toEqual([0, false])
    expect(rsvOf('a'.repeat(31), true)).toEqual([Rsv.RSV1, true])
    expect(rsvOf('aZ', true)).toEqual([0, false])
    expect(rsvOf('', true)).toEqual([0, false])
  })

  test('passes through another extension in order, and back in reverse (RFC 6455 §9.1)', () => {
    for (const extensions of [
      [deflate, flipping],
      [flipping, deflate],
    ]) {
      const { agreed, client, server } = agree(extensions, [flipping, deflate])
      expect(agreed.map(({ name }) => name)).toEqual(extensions.map(({ name }) => name))
      server.sendText(json(20))
      const bytes = server.takeOutput() as Uint8Array
      expect(decodeFrameHeader(bytes)?.rsv).toBe(Rsv.RSV1 | Rsv.RSV3)
      expect(client.receive(bytes)).toEqual([{ type: 'text', data: json(20), first: true, last: true }])
      client.sendText('short')
      expect(carry(client, server, 1)).toEqual([{ type: 'text', data: 'short', first: true, last: true }])
    }
  })

  test('sends any messages both ways, cut anywhere, with any agreement', () => {
    const bits = fc.option(fc.integer({ min: 8, max: 15 }), { nil: undefined })
    const preferences = fc.record({
      serverMaxWindowBits: bits,
      clientMaxWindowBits: bits,
      serverNoContextTakeover: fc.boolean(),
      clientNoContextTakeover: fc.boolean(),
    })
    const message = fc.record({
      fromClient: fc.boolean(),
      compress: fc.option(fc.boolean(), { nil: undefined }),
      data: fc.oneof(fc.nat(300).map(json), fc.string({ unit: 'grapheme' }), fc.uint8Array({ maxLength: 2000 })),
    })
    fc.assert(
      fc.property(
        preferences,
        preferences,
        fc.array(message, { maxLength: 20 }),
        fc.integer({ min: 1, max: 700 }),
        (client, server, all, size) => {
          const make = (own: typeof client) => permessageDeflate({ codec, threshold: 20, maxCompressors: 1, ...own })
          const pair = agree([flipping, make(client)], [make(server), flipping], size)
          for (const { fromClient, compress, data } of all) {
            const [from, to] = fromClient ? [pair.client, pair.server] : [pair.server, pair.client]
            if (typeof data === 'string') from.sendText(data, { compress })
            else from.sendBinary(data, { compress })
            const type = typeof data === 'string' ? 'text' : 'binary'
            expect(carry(from, to, size)).toEqual([{ type, data, first: true, last: true }])
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  test('ends a connection whose peer sends too much, invalid DEFLATE, or a truncated message', () => {
    const limits = { maxMessageSize: 10_000 }
    const fail = (change: (bytes: Uint8Array) => Uint8Array, count: number) => {
      const { agreed, server } = agree([deflate], [deflate])
      const agreement = { subprotocol: undefined, extensions: agreed }
      const client = new Connection({ role: 'client', agreement, extensions: [deflate], limits })
      server.sendBinary(new TextEncoder().encode(json(count)))
      const [event] = client.receive(change(server.takeOutput() as Uint8Array))
      if (event?.type !== 'close') throw new Error('it did not end')
      expect(event.error).toBeInstanceOf(ProtocolError)
      return [event.code, event.error?.code]
    }
    expect(fail((bytes) => bytes, 2000)).toEqual([1009, 'too-large'])
    const short = (bytes: Uint8Array) => concat(Uint8Array.of(0xc2, bytes.length - 12), bytes.subarray(2, -10))
    expect(fail(short, 3)).toEqual([1007, 'extension-data'])
    expect(fail((bytes) => bytes.fill(0xff, 4), 3)).toEqual([1007, 'extension-data'])
  })

  test.each([
    [{ maxMessageSize: 1_500_000 }, 'limits.maxMessageSize is 1500000'],
    [{ maxInflateRatio: 150 }, 'limits.maxInflateRatio is 150'],
    [{ maxInflateRatio: 150, maxMessageSize: 1_048_576 }, 'limits.maxMessageSize is 1048576'],
  ])('names the limit that applies: %j', (limits, message) => {
    const { agreed, server } = agree([deflate], [deflate])
    server.sendBinary(new Uint8Array(2 ** 21))
    const bytes = server.takeOutput() as Uint8Array
    for (const pieces of [false, true]) {
      const agreement = { subprotocol: undefined, extensions: agreed }
      const client = new Connection({ role: 'client', agreement, extensions: [deflate], limits, pieces })
      const events = readAll(client, bytes)
      const last = events[events.length - 1]
      expect(last?.type === 'close' && last.error?.message).toContain(message)
    }
  })

  test('inflates the same amount of a frame, in any chunks', () => {
    const { agreed, server } = agree([deflate], [deflate])
    // The first part is two thousand times as long as on the wire, the whole a tenth of that.
    const message = new Uint8Array(2 ** 21 + 20_000)
    for (let at = 2 ** 21, state = 1; at < message.length; at++) message[at] = state = (state * 75 + 74) % 65_537
    server.sendBinary(message)
    const bytes = server.takeOutput() as Uint8Array
    const agreement = { subprotocol: undefined, extensions: agreed }
    const lastEvent = (maxInflateRatio: number, pieces: boolean, size: number) => {
      const limits = { maxInflateRatio }
      const client = new Connection({ role: 'client', agreement, extensions: [deflate], limits, pieces })
      const events = [...cut(bytes, Math.min(size, bytes.length))].flatMap((chunk) => readAll(client, chunk))
      return events.find(({ type }) => type === 'close')?.type
    }
    for (const size of [Infinity, 3000, 1000, 7])
      for (const pieces of [false, true]) {
        expect(lastEvent(90, pieces, size)).toBe('close')
        expect(lastEvent(100, pieces, size)).toBe(undefined)
      }
  })

  test('answers a ping between the fragments of a compressed message (RFC 7692 §6)', () => {
    const { client, server } = agree([deflate], [deflate], 10)
    server.sendText(json(50))
    const bytes = server.takeOutput() as Uint8Array
    const ping = Uint8Array.of(0x89, 1, 7)
    const events = client.receive(concat(bytes.subarray(0, 12), ping, bytes.subarray(12)))
    expect(events).toEqual([
      { type: 'ping', data: Uint8Array.of(7) },
      { type: 'text', data: json(50), first: true, last: true },
    ])
  })
})
