// Everything that a connection returns belongs to the caller: it may be transferred or overwritten at once, without any effect
// elsewhere.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { zlib } from '../../src/codec/zlib.ts'
import { encodeFrame } from '../../src/frame/encode.ts'
import {
  type AnyConnection,
  Connection,
  FrameDecoder,
  permessageDeflate,
  prepareBinary,
  prepareText,
  Rsv,
  sendPrepared,
  snapshotConnection,
} from '../../src/index.ts'
import { runs } from '../share.ts'
import { concat, pattern } from '../wire.ts'
import { agreed, extension, zeroKeys } from './outgoing-support.ts'

const params = {
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
}
const agreement = { subprotocol: undefined, extensions: [{ name: 'permessage-deflate', params }] }
const extensions = [permessageDeflate({ codec: zlib, threshold: 0 })]
const prepared = [
  prepareText('hello'),
  prepareText('again and '.repeat(30)),
  prepareBinary(pattern(300)),
  prepareBinary(pattern(100_000)),
]

/** Makes the contents of an array unusable for everyone else, in one of two ways. */
function seize(bytes: Uint8Array, transfers: boolean): Uint8Array {
  const copy = Uint8Array.from(bytes)
  if (transfers) structuredClone(bytes.buffer, { transfer: [bytes.buffer as ArrayBuffer] })
  else new Uint8Array(bytes.buffer as ArrayBuffer).fill(0xa5)
  return copy
}

/** A server and its client, and the traffic between them. */
class Pair {
  readonly server: AnyConnection
  readonly client: AnyConnection
  readonly log: unknown[] = []

  constructor(compresses: boolean, cuts: boolean) {
    const own = { ...(compresses && { agreement, extensions }), ...(cuts && { fragmentSize: 1000 }) }
    this.server = new Connection({ role: 'server', ...own })
    this.client = new Connection({ role: 'client', maskKeys: zeroKeys, ...own })
  }

  /** Delivers pending output, and invalidates each array at once; half of the output in two chunks. */
  carry(from: AnyConnection, to: AnyConnection, seizes: boolean, inParts: boolean, transfers: boolean): void {
    const parts = inParts ? from.takeOutputParts() : [from.takeOutput() ?? new Uint8Array(0)]
    const taken = parts.map((part) => (seizes ? seize(part, transfers) : Uint8Array.from(part)))
    const all = concat(...taken)
    this.log.push(Buffer.from(all).toString('base64'))
    for (const chunk of [all.slice(0, all.length >> 1), all.slice(all.length >> 1)]) {
      const events = to.receive(chunk)
      const told = events.map((event) =>
        'data' in event && typeof event.data !== 'string'
          ? { ...event, data: Buffer.from(event.data).toString('base64') }
          : event,
      )
      this.log.push(...told)
      // Nothing may read the chunk after this.
      if (seizes) seize(chunk, transfers)
      for (const event of events)
        if (seizes && 'data' in event && typeof event.data !== 'string') seize(event.data, transfers)
    }
  }
}

interface Step {
  readonly what: string
  readonly pair: number
  readonly message: number
  readonly inParts: boolean
  readonly transfers: boolean
}

const actions: { readonly [what: string]: (pair: Pair, step: Step, given: Uint8Array, seizes: boolean) => unknown } = {
  prepared: ({ server }, { message, inParts }) =>
    sendPrepared(server, prepared[message] as (typeof prepared)[number], { compress: inParts }),
  text: ({ server }, { message }) => server.sendText(`text ${message}`.repeat(20)),
  binary: ({ server }, _, given) => server.sendBinary(given),
  ping: ({ server }, { message }, given) => server.ping(given.subarray(0, 100), message),
  piece: ({ server }, { transfers }, given) =>
    server.send({ type: 'binary', data: given, first: transfers, last: !transfers }),
  back: ({ client }, _, given) => client.sendBinary(given),
  snapshot: ({ server }) => snapshotConnection(server),
  carry: (pair, { inParts, transfers }, _, seizes) => {
    pair.carry(pair.server, pair.client, seizes, inParts, transfers)
    pair.carry(pair.client, pair.server, seizes, inParts, transfers)
  },
}

const anyStep: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom(...Object.keys(actions), 'carry'),
  pair: fc.nat(2),
  message: fc.nat(prepared.length - 1),
  inParts: fc.boolean(),
  transfers: fc.boolean(),
})

function play(steps: readonly Step[], seizes: boolean): unknown {
  const pairs = [new Pair(false, false), new Pair(true, false), new Pair(false, true)]
  for (const step of steps) {
    const given = pattern(10 + step.message * 5000)
    try {
      actions[step.what]?.(pairs[step.pair] as Pair, step, given, seizes)
    } catch (error) {
      // A message in pieces is open, or not.
      if (!(error instanceof TypeError) || !/message/.test(error.message)) throw error
    }
    // The arguments belong to the caller again.
    if (seizes) seize(given, step.transfers)
  }
  for (const pair of pairs) pair.carry(pair.server, pair.client, seizes, false, false)
  // Connections share compressors: without this, connections of earlier runs would keep them.
  for (const { server, client } of pairs) for (const end of [server, client]) end.receiveEnd()
  return pairs.map(({ log }) => log)
}

test('transferring or overwriting returned arrays has no effect elsewhere, in any order', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
      expect(play(steps, true)).toEqual(play(steps, false))
    }),
    { numRuns: runs(40, 300) },
  )
})

describe('messages as objects', () => {
  test('a snapshot shares nothing with the connection or with its agreement', () => {
    const given = structuredClone(agreement)
    const connection = new Connection({ role: 'server', agreement: given, extensions })
    given.extensions.length = 0
    const first = snapshotConnection(connection) as NonNullable<ReturnType<typeof snapshotConnection>>
    expect(first.agreement).toEqual(agreement)
    ;(first.agreement as { extensions: unknown[] }).extensions.length = 0
    expect(snapshotConnection(connection)?.agreement).toEqual(agreement)
  })

  test('lists of events and of parts are new for each call, or immutable', () => {
    const connection = new Connection({ role: 'server' })
    const parts = connection.takeOutputParts() as Uint8Array[]
    parts.push(pattern(1))
    expect(connection.takeOutputParts()).toEqual([])
    expect(Object.isFrozen(connection.receive(new Uint8Array(0)))).toBe(true)
  })

  test('two connections do not share pending output, even with space left in the array', () => {
    const connection = new Connection({ role: 'server' })
    connection.sendText('a'.repeat(40))
    connection.sendText('b')
    const first = connection.takeOutput() as Uint8Array
    connection.sendText('c')
    new Uint8Array(first.buffer as ArrayBuffer).fill(0)
    expect(connection.takeOutput()).toEqual(Uint8Array.of(0x81, 1, 0x63))
  })
})

describe('an incomplete message shares no memory with returned data', () => {
  const large = pattern(20_000)
  const ping = encodeFrame({ opcode: 9, payload: 'abc' })
  const same = extension('same', Rsv.RSV2, { encode: (piece) => piece, decode: (piece) => piece })
  const begun = (rsv: number) => encodeFrame({ opcode: 2, rsv, fin: false, payload: large })
  const whole = (rsv: number) => encodeFrame({ opcode: 2, rsv, payload: large })
  const end = encodeFrame({ opcode: 0, payload: '' })

  test.each<[string, (rsv: number) => Uint8Array, (rsv: number) => Uint8Array]>([
    [
      'a part of a frame after a ping',
      (rsv) => concat(ping, whole(rsv).subarray(0, 9000)),
      (rsv) => whole(rsv).subarray(9000),
    ],
    ['a fragment after a ping', (rsv) => concat(ping, begun(rsv)), () => end],
    ['a fragment before a ping', (rsv) => concat(begun(rsv), ping), () => end],
    ['a fragment between pings', (rsv) => concat(ping, begun(rsv), ping), () => end],
  ])('%s', (_, first, second) => {
    for (const rsv of [0, Rsv.RSV2]) {
      const connection = new Connection({ role: 'client', ownsChunks: true, ...(rsv !== 0 && agreed(same)) })
      const reported = connection.receive(first(rsv)).find(({ type }) => type === 'ping')
      if (reported?.type === 'ping') seize(reported.data, true)
      expect(connection.receive(second(rsv).slice())).toMatchObject([{ type: 'binary', data: large }])
    }
  })

  test('and neither does the beginning of a frame that a decoder collects', () => {
    const decoder = new FrameDecoder({ role: 'client', ownsChunks: true })
    const bytes = concat(ping, whole(0))
    decoder.push(bytes.slice(0, 9000))
    decoder.next()
    const payload = decoder.payload()
    expect(decoder.next()).toBe(false)
    seize(payload, true)
    decoder.push(bytes.slice(9000))
    expect([decoder.next(), decoder.payload()]).toEqual([true, large])
  })

  test('but a chunk that contains nothing else is not copied', () => {
    const connection = new Connection({ role: 'client', ownsChunks: true })
    const frame = encodeFrame({ opcode: 2, fin: false, payload: large })
    connection.receive(frame)
    const [event] = connection.receive(end.slice())
    expect((event as { data: Uint8Array }).data.buffer === frame.buffer).toBe(true)
  })
})
