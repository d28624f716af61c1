/**
 * Any stream of frames, under any limits, in any chunks: a connection reports the same messages and the same error, with and without
 * pieces, as strings and as bytes. A FrameDecoder with a MessageAssembler reports the same. `SEED=… RUNS=…` repeats or extends a run.
 */

import { constants, deflateRawSync } from 'node:zlib'
import { describe, expect, it, test } from 'vitest'
import { pako } from '../../src/codec/pako.ts'
import { zlib } from '../../src/codec/zlib.ts'
import {
  Connection,
  type ConnectionEvent,
  type ConnectionOptions,
  resumeConnection,
  snapshotConnection,
} from '../../src/connection/index.ts'
import { answerDeflateOffer, permessageDeflate } from '../../src/deflate/index.ts'
import { ProtocolError } from '../../src/errors.ts'
import { defineExtension } from '../../src/extensions/define.ts'
import { parseClosePayload } from '../../src/frame/close.ts'
import { FrameDecoder } from '../../src/frame/decoder.ts'
import { MessageAssembler } from '../../src/frame/messages.ts'
import type { Limits } from '../../src/limits.ts'
import { makeStream, type Stream } from '../frame/streams.ts'
import { type Chance, createChance } from '../handshake/differential/message.ts'
import { runs } from '../share.ts'
import { concat, hex } from '../wire.ts'

const RUNS = runs(400, 4000)
const SEED = Number(process.env.SEED ?? 1)

const digits = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const encoder = new TextEncoder()
const toBytes = (data: string | Uint8Array): Uint8Array => (typeof data === 'string' ? encoder.encode(data) : data)
const told = (error: ProtocolError): string => `${error.code} ${error.closeCode} ${error.offset}: ${error.message}`

/** Reassembles messages, and describes an error in full. */
class Transcript {
  readonly lines: string[] = []
  private parts: Uint8Array[] = []

  add(event: ConnectionEvent<'string' | 'bytes', boolean>): void {
    switch (event.type) {
      case 'close':
        this.lines.push(event.error ? told(event.error) : `close ${event.code} ${event.reason}`)
        return
      case 'ping':
      case 'pong':
        this.lines.push(`${event.type} ${digits(event.data)}`)
        return
    }
    if (event.first !== (this.parts.length === 0)) throw new Error('first')
    if (event.data.length === 0 && !event.last) throw new Error('an empty piece')
    this.parts.push(toBytes(event.data).slice())
    if (!event.last) return
    this.lines.push(`${event.type} ${digits(concat(...this.parts))}`)
    this.parts = []
  }
}

/** An extension that adds one to each byte, and keeps its input. */
const shift = defineExtension<object>({
  name: 'x-shift',
  rsv: 2,
  offer: () => [{}],
  accept: () => ({ params: {}, response: {} }),
  verify: () => ({}),
  open: () => {
    let first = true
    return {
      encode: (piece) => piece,
      decode: (piece, info) => {
        if (info.first !== first || (piece.length === 0 && !info.last))
          throw new Error('an empty piece, or not in order')
        first = info.last
        return piece.map((byte) => (byte === 0x41 ? 0x42 : byte))
      },
    }
  },
})
const agreement = { subprotocol: undefined, extensions: [{ name: 'x-shift', params: {} }] }

interface Setting {
  readonly limits: Limits
  readonly extended: boolean
}

function byConnection(
  { role, bytes }: Stream,
  { limits, extended }: Setting,
  pieces: boolean,
  text: 'string' | 'bytes',
  sizes: () => number,
): string[] {
  const extensions = extended ? { agreement, extensions: [shift] } : {}
  const connection = new Connection<'string' | 'bytes', boolean>({ role, limits, pieces, text, ...extensions })
  const transcript = new Transcript()
  for (let at = 0; at < bytes.length; ) {
    const size = sizes()
    for (const event of connection.receive(bytes.slice(at, at + size))) transcript.add(event)
    at += size
  }
  return transcript.lines
}

/** Returns the result of the frame-level functions for the current piece; `undefined` if there is none yet. */
function lineOf(decoder: FrameDecoder, assembler: MessageAssembler): string | undefined {
  const payload = decoder.payload()
  if (decoder.opcode === 8) {
    const { code, reason } = parseClosePayload(payload)
    return `close ${code} ${reason}`
  }
  if (decoder.opcode > 8) return `${decoder.opcode === 9 ? 'ping' : 'pong'} ${digits(payload)}`
  if (!assembler.push(decoder, payload)) return undefined
  const { type } = assembler
  return `${type} ${digits(type === 'text' ? encoder.encode(assembler.text()) : assembler.bytes())}`
}

/** Reads with the frame-level functions. An error in the last header is reported as soon as a byte of its payload has arrived. */
function byFrames({ role, bytes }: Stream, { limits }: Setting, sizes: () => number): string[] {
  const decoder = new FrameDecoder({ role, limits, pieces: true })
  const assembler = new MessageAssembler(limits)
  const lines: string[] = []
  try {
    for (let at = 0; at < bytes.length && !lines.at(-1)?.startsWith('close'); ) {
      const size = sizes()
      decoder.push(bytes.slice(at, at + size))
      at += size
      while (!lines.at(-1)?.startsWith('close') && decoder.next()) {
        const line = lineOf(decoder, assembler)
        if (line !== undefined) lines.push(line)
      }
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    lines.push(told(error))
  }
  return lines
}

function makeSetting(chance: Chance): Setting {
  const sizes = [undefined, undefined, 0, 1, 4, 5, 125, 126, 300, 999, 1000, Infinity]
  return {
    limits: {
      maxMessageSize: chance.oneOf(sizes),
      maxFrameSize: chance.oneOf(sizes),
      maxFragments: chance.oneOf([undefined, undefined, undefined, 0, 1, 2]),
    },
    extended: chance.below(3) === 0,
  }
}

function compareOne(seed: number): void {
  const chance = createChance(seed)
  const stream = makeStream(chance)
  const setting = makeSetting(chance)
  const most = chance.oneOf([1, 3, 9, 60, 400])
  const torn = (): number => 1 + chance.below(most)
  const expected = byConnection(stream, setting, false, 'string', () => Infinity)
  const fail = (what: string, found: readonly string[]): void =>
    expect({ what, seed, setting, bytes: digits(stream.bytes), found }).toEqual(expected)
  for (const pieces of [false, true])
    for (const text of ['string', 'bytes'] as const)
      for (const sizes of [() => Infinity, torn]) {
        const found = byConnection(stream, setting, pieces, text, sizes)
        if (found.join() !== expected.join()) fail(`pieces ${pieces}, text ${text}`, found)
      }
  if (setting.extended) return
  for (const sizes of [() => Infinity, torn]) {
    const found = byFrames(stream, setting, sizes)
    const waits = found.length === expected.length - 1 && /^too-(large|many) .*message/.test(expected.at(-1) as string)
    if (found.join() !== (waits ? expected.slice(0, -1) : expected).join()) fail('frames', found)
  }
}

test(`${RUNS} random streams`, { timeout: Math.max(60_000, 10 * RUNS) }, () => {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    for (let run = 0; run < RUNS; run++) compareOne(SEED + run)
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
})

const endOf = (limits: Limits, ...chunks: string[]): string | undefined => {
  const connection = new Connection({ role: 'client', limits })
  const events = chunks.flatMap((chunk) => [...connection.receive(hex(chunk))])
  const last = events.at(-1)
  return last?.type === 'close' ? `${last.sentCode} ${last.error?.code}: ${last.error?.message}` : last?.type
}

it.each(['81 02 41 42', '82 02 41 42', '82 00'])(
  'maxFragments: 0 refuses every message, whole or split: %s',
  (wire) => {
    const refused = '1009 too-many: message of 1 frames; limits.maxFragments is 0'
    expect(endOf({ maxFragments: 0 }, wire)).toBe(refused)
    expect(endOf({ maxFragments: 0 }, ...wire.split(' '))).toBe(refused)
    expect(endOf({ maxFragments: 1 }, wire)).toMatch(/text|binary/)
  },
)

it('maxMessageSize: 0 accepts only empty messages, whole or split', () => {
  for (const chunks of [['82 01'], ['82', '01'], ['82 01 41'], ['82', '01', '41']])
    expect(endOf({ maxMessageSize: 0 }, ...chunks)).toBe(
      '1009 too-large: frame of at least 1 bytes; limits.maxMessageSize is 0',
    )
  expect(endOf({ maxMessageSize: 0 }, '81 00')).toBe('text')
  expect(endOf({ maxMessageSize: 0 }, '01 00', '80', '00')).toBe('text')
})

it('a message that grows too large, or has too many frames, is rejected at the header', () => {
  expect(endOf({ maxMessageSize: 10 }, '01 05 41 41 41 41 41', '80 06')).toBe(
    '1009 too-large: message of at least 11 bytes; limits.maxMessageSize is 10',
  )
  expect(endOf({ maxFragments: 1 }, '01 05 41 41 41 41 41', '80 06')).toMatch(/^1009 too-many/)
  expect(endOf({ maxFragments: 1 }, '01 05', '41 41 41 41 41 80', '06')).toMatch(/^1009 too-many/)
})

it.each([
  ['server', 'ff ff', 'reserved-bits'],
  ['server', '83 ff', 'reserved-opcode'],
  ['server', '09 ff', 'control-frame'],
  ['server', '88 81', 'close-payload'],
  ['client', '89 7e', 'control-frame'],
  ['client', '88 01', 'close-payload'],
  ['client', '80', 'continuation'],
  ['client', '81 80', 'masked'],
  ['client', '82 7f 80', 'length'],
] as const)('a %s rejects %s at once', (role, wire, code) => {
  const events = new Connection({ role }).receive(hex(wire))
  expect(events).toMatchObject([{ type: 'close', code: 1002, sentCode: 1002, error: { code } }])
})

/** Returns where a text through an extension fails, in chunks of this size. */
function endOfEncoded(options: Partial<ConnectionOptions<'string', boolean>>, wire: Uint8Array, size: number): string {
  const connection = new Connection<'string', boolean>({ role: 'client', ...options })
  const transcript = new Transcript()
  for (let at = 0; at < wire.length; at += size)
    for (const event of connection.receive(wire.slice(at, at + size))) transcript.add(event)
  return transcript.lines.join()
}

describe.each([false, true])('a text that decodes to too many bytes and to invalid UTF-8, pieces: %s', (pieces) => {
  const bad = (at: number): Uint8Array => Uint8Array.from({ length: 100 }, (_, i) => (i === at ? 0xff : 0x61))
  const limits = { maxMessageSize: 10, maxFrameSize: 1000 }
  const params = answerDeflateOffer([]).params
  const deflating = { subprotocol: undefined, extensions: [{ name: 'permessage-deflate', params }] }
  const makers: [
    name: string,
    options: Partial<ConnectionOptions<'string', boolean>>,
    encode: (text: Uint8Array) => Uint8Array,
  ][] = [
    ['any extension', { agreement, extensions: [shift] }, (text) => concat(hex('a1 64'), text)],
    ...[pako, zlib].map((codec): (typeof makers)[number] => [
      codec.name,
      { agreement: deflating, extensions: [permessageDeflate({ codec })] },
      (text) => {
        const data = deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)
        return concat(Uint8Array.of(0xc1, data.length), data)
      },
    ]),
  ]

  it.each(makers)('is checked up to the limit, in any chunks: %s', (_, options, encode) => {
    for (const [at, end] of [
      [0, /^utf8 1007 0:/],
      [9, /^utf8 1007 9:/],
      [10, /^too-large 1009 undefined: .*limits.maxMessageSize is 10$/],
      [99, /^too-large 1009 undefined: .*limits.maxMessageSize is 10$/],
    ] as const)
      for (const size of [1, 2, 5, 1000])
        expect(endOfEncoded({ ...options, limits, pieces }, encode(bad(at)), size)).toMatch(end)
  })

  it('is rejected elsewhere if the connection moves between the valid and the invalid part', () => {
    const growing = defineExtension({
      ...shift,
      open: () => ({
        encode: (piece) => piece,
        decode: () => new Uint8Array(300_000).fill(0x61),
        snapshot: () => null,
      }),
    })
    const options = { limits: { maxMessageSize: 262_144 }, extensions: [growing], pieces }
    let connection = new Connection<'string', boolean>({ role: 'client', agreement, ...options })
    const events = [...connection.receive(hex('a1 01 61'))]
    expect(connection.hasPending).toBe(true)
    while (connection.hasPending) {
      connection = resumeConnection(JSON.parse(JSON.stringify(snapshotConnection(connection))), options)
      events.push(...connection.receive(new Uint8Array(0)))
    }
    const sizes = events.map((event) => ('data' in event ? event.data.length : 0))
    expect(sizes).toEqual(pieces ? [65_536, 65_536, 65_536, 65_536, 0] : [0])
    expect(events.at(-1)).toMatchObject({ type: 'close', code: 1009 })
  })
})
