// Any frames in any chunks: `receive(empty)` at any time returns the events that one large `receive` would return, and no call returns
// more than its limit.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Connection } from '../../src/connection/connection.ts'
import type { ConnectionEvent, TextForm } from '../../src/connection/events.ts'
import { resumeConnection, snapshotConnection, startMessage } from '../../src/connection/index.ts'
import type { ConnectionOptions } from '../../src/connection/options.ts'
import { FrameDecoder } from '../../src/frame/decoder.ts'
import { encodeFrame } from '../../src/frame/encode.ts'
import type { Transform } from '../../src/frame/transform.ts'
import { Rsv } from '../../src/registry/websocket.ts'
import { runs as count } from '../share.ts'
import { concat } from '../wire.ts'
import { agreed, deflating, extension, server } from './outgoing-support.ts'

type Any = Connection<TextForm, boolean>
type Event = ConnectionEvent<TextForm, boolean>
type Options = Partial<ConnectionOptions<TextForm, boolean>>

const runs = count(50, 150)
const [PIECE, BUDGET, EVENT] = [65_536, 262_144, 16]
const empty = new Uint8Array(0)

interface Sent {
  readonly type: 'text' | 'binary' | 'ping' | 'pong' | 'close'
  readonly size: number
  readonly fragmentSize: number
  readonly compress: boolean
}

const size = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc.integer({ min: 0, max: 70_000 }),
  fc.integer({ min: 0, max: 400_000 }),
)
const sent = fc.record<Sent>({
  type: fc.constantFrom('text', 'binary', 'text', 'binary', 'text', 'binary', 'ping', 'pong'),
  size,
  fragmentSize: fc.constantFrom(2 ** 20, 2 ** 20, 100_000, 1000),
  compress: fc.boolean(),
})
const ending = fc.constantFrom('none', 'close', 'error', 'utf8')

/** An extension that repeats each byte, at once or on demand. */
function repeating(times: number, incremental: boolean): Transform {
  let waiting = empty
  const take = (count: number): Uint8Array => {
    const output = waiting.slice(0, count)
    waiting = waiting.slice(output.length)
    return output
  }
  const transform: Transform = {
    encode: (piece, { compress }) => (compress === false ? undefined : piece),
    decode(piece, { wanted }) {
      const more = new Uint8Array(piece.length * times)
      for (let i = 0; i < more.length; i++) more[i] = piece[Math.floor(i / times)] as number
      waiting = concat(waiting, more)
      return take(incremental ? wanted : Infinity)
    },
  }
  return incremental ? { ...transform, hasMore: () => waiting.length > 0 } : transform
}

const kinds: Readonly<Record<string, () => Options>> = {
  plain: () => ({}),
  repeating: () => agreed(extension('x', Rsv.RSV2, () => repeating(3, false))),
  incremental: () => agreed(extension('x', Rsv.RSV2, () => repeating(3, true))),
  two: () =>
    agreed(
      extension('x', Rsv.RSV2, () => repeating(2, true)),
      extension('y', Rsv.RSV3, () => repeating(2, true)),
    ),
  deflate: () => deflating(),
}

const words = 'abc grüße 世界 😀😀 ä '

/** The bytes sent to a client. */
function encode(messages: readonly Sent[], end: string, options: Options): Uint8Array {
  const parts: Uint8Array[] = []
  // With an extension that repeats bytes, text must be ASCII.
  const unit = options.extensions?.some(({ name }) => name !== 'permessage-deflate') ? 'abcdefgh ' : words
  const sender = server({ extensions: options.extensions, agreement: options.agreement })
  for (const { type, size, fragmentSize, compress } of messages) {
    const text = unit.repeat(size / unit.length + 1).slice(0, size)
    const bytes = Buffer.from(text)
    if (type === 'ping' || type === 'pong') sender[type](bytes.subarray(0, size % 126))
    else {
      const message = startMessage(sender, type as 'text' | 'binary', { compress })
      for (let at = 0; at < bytes.length; at += fragmentSize) message.write(bytes.subarray(at, at + fragmentSize))
      message.end()
    }
    parts.push(...sender.takeOutputParts())
  }
  if (end === 'close') sender.close(4000, 'done')
  parts.push(...sender.takeOutputParts())
  if (end === 'error') parts.push(Uint8Array.of(0x83, 0))
  if (end === 'utf8') parts.push(encodeFrame({ opcode: 1, payload: Uint8Array.of(0x61, 0xff) }))
  return concat(...parts)
}

const bytesOf = (data: string | Uint8Array): Uint8Array => (typeof data === 'string' ? Buffer.from(data) : data)

/** Joins pieces, so that their cuts do not matter. */
function joined(events: readonly Event[]): string[] {
  const told: string[] = []
  let parts: Uint8Array[] = []
  for (const event of events) {
    if (event.type === 'close') told.push(`close ${event.code} ${event.reason} ${event.error?.code} ${event.by}`)
    else if (event.type === 'ping' || event.type === 'pong')
      told.push(`${event.type} ${Buffer.from(event.data).toString('hex')}`)
    else {
      if (event.first !== (parts.length === 0)) throw new Error('first')
      parts.push(bytesOf(event.data))
      if (!event.last) continue
      told.push(`${event.type} ${Buffer.concat(parts).toString('latin1')}`)
      parts = []
    }
  }
  // A text that an error cuts off is reported in other pieces.
  return told
}

function checkCall(events: readonly Event[], pieces: boolean): void {
  let handed = 0
  for (const event of events) {
    // An earlier end of the transport is reported with the last of the pending data.
    if (handed >= BUDGET && event.type !== 'close') throw new Error('too much in one call')
    const length = event.type === 'close' ? 0 : bytesOf(event.data).length
    if (pieces && length > PIECE) throw new Error('too large a piece')
    if (pieces && length === 0 && 'last' in event && !event.last) throw new Error('an empty piece')
    handed += EVENT + length
  }
}

/** Returns the number of frames in the same bytes, by a simple loop. */
function countFrames(bytes: Uint8Array): number {
  const decoder = new FrameDecoder({ role: 'client', rsv: 7, limits: { maxFrameSize: Infinity } })
  decoder.push(bytes)
  let count = 0
  try {
    while (decoder.next()) count++
  } catch {
    // The error at the end.
  }
  return count
}

test('receive returns the same events, whenever the rest is read', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(
      fc.array(sent, { minLength: 1, maxLength: 6 }),
      ending,
      fc.constantFrom(...Object.keys(kinds)),
      fc.record({ pieces: fc.boolean(), text: fc.constantFrom('string', 'bytes'), ownsChunks: fc.boolean() }),
      fc.array(fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 1_000_000 })), {
        minLength: 1,
        maxLength: 4,
      }),
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 5 }),
      fc.boolean(),
      (messages, end, kind, form, sizes, drains, moves) => {
        const make = kinds[kind] as () => Options
        const wire = encode(messages, end, make())
        const options = { role: 'client', limits: { maxFragments: Infinity }, ...form } as const
        const reference: Any = new Connection<TextForm, boolean>({ ...options, ...make(), pieces: false })
        const whole = [...reference.receive(wire.slice())]
        while (reference.hasPending) whole.push(...reference.receive(empty))
        whole.push(...reference.receiveEnd())
        expect(whole.length).toBeLessThanOrEqual(countFrames(wire) + 1)

        const own = { ...options, ...make(), keepalive: { interval: 1, timeout: 1 } }
        let connection: Any = new Connection<TextForm, boolean>(own)
        const events: Event[] = []
        const take = (got: readonly Event[]): void => {
          checkCall(got, form.pieces)
          events.push(...got)
          if (!connection.hasPending) return
          if (connection.poll(1e9).length > 0) throw new Error('a timeout')
          const snapshot = moves ? snapshotConnection(connection) : undefined
          if (snapshot) connection = resumeConnection<TextForm, boolean>(JSON.parse(JSON.stringify(snapshot)), own)
        }
        for (let at = 0, i = 0; at < wire.length && connection.state !== 'closed'; i++) {
          const chunk = wire.slice(at, at + (sizes[i % sizes.length] as number) + 4000)
          at += chunk.length
          take(connection.receive(chunk))
          if (!form.ownsChunks) chunk.fill(0xee)
          for (let times = drains[i % drains.length] as number; times > 0; times--) take(connection.receive(empty))
        }
        const late = [...connection.receiveEnd()]
        take(late)
        while (connection.hasPending) take(connection.receive(empty))
        expect(joined(events).join('\n') === joined(whole).join('\n')).toBe(true)
        expect(events.filter(({ type }) => type === 'close')).toHaveLength(1)
        expect(events.at(-1)?.type).toBe('close')
      },
    ),
    { numRuns: runs, ...(process.env.SEED !== undefined && { seed: Number(process.env.SEED) }) },
  )
})
