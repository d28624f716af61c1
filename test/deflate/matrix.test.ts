/**
 * All windows of both sides, with and without takeover on each, over 50 messages: `node:zlib` and Python's zlib read what either
 * role sends, either role reads what they send, and no reference reaches further back than was agreed (RFC 7692 §7.1).
 *
 * A side's output depends only on its own window and takeover, and so does the peer's. So each stream is checked, and created by the
 * peers, once; every combination must send the same bytes and read the same streams.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DeflateCodec } from '../../src/deflate/codec.ts'
import { deflateTransform } from '../../src/deflate/extension.ts'
import type { DeflateParams } from '../../src/deflate/params.ts'
import type { Role } from '../../src/types.ts'
import { describePeer } from '../peers/support.ts'
import { columns } from '../share.ts'
import { concat } from '../wire.ts'
import { codecs, cutAt, json, noise, none, receive, same, send, utf8 } from './messages.ts'
import { deflate, furthest, inflate, reach } from './oracle.ts'
import { missing, PythonZlib } from './python-zlib.ts'

const allBits = [8, 9, 10, 11, 12, 13, 14, 15]
const flags = [true, false]

const long = json(9000, 7)
const far = noise(1500, 8)

/** Five kinds in turn; earlier contents recur at every distance. */
const messages: readonly Uint8Array[] = Array.from({ length: 50 }, (_, index) => {
  const size = [3, 20, 80, 150, 300, 700, 1100, 2500][index % 8] ?? 0
  switch (index % 5) {
    case 0:
      return json(size, index)
    case 1:
      return index % 3 === 0 ? none : utf8(`message ${index} of fifty, again and again. `.repeat(index % 9))
    case 2:
      return index % 4 === 2 ? noise(size, index) : far.slice(index * 10, index * 10 + 300)
    case 3:
      return new Uint8Array(size * 3).fill(index)
    default:
      return index % 20 === 4 ? long : concat(far, long.subarray(0, size))
  }
})

/** Some in one piece, some in several, some of them empty. The same for every test. */
function inPieces(bytes: Uint8Array, index: number): readonly Uint8Array[] {
  if (index % 6 === 1) return cutAt(bytes, bytes.length >> 2, bytes.length >> 2, bytes.length - (bytes.length >> 3))
  return index % 6 === 4 ? [bytes, none] : [bytes]
}

interface Side {
  readonly bits: number
  readonly takesOver: boolean
}
type Sent = readonly (Uint8Array | undefined)[]

const sides: readonly Side[] = allBits.flatMap((bits) => flags.map((takesOver) => ({ bits, takesOver })))
const nameOf = ({ bits, takesOver }: Side): string => `${bits} bits ${takesOver ? 'with' : 'without'} takeover`

function paramsOf(server: Side, client: Side): DeflateParams {
  return {
    serverNoContextTakeover: !server.takesOver,
    clientNoContextTakeover: !client.takesOver,
    serverMaxWindowBits: server.bits,
    clientMaxWindowBits: client.bits,
  }
}

function sendAll(codec: DeflateCodec, params: DeflateParams, role: Role): Sent {
  const transform = deflateTransform(params, role, codec, { threshold: 0 })
  const sent = messages.map((message, index) => send(transform, inPieces(message, index)))
  transform.close?.()
  return sent
}

function checkReading(codec: DeflateCodec, params: DeflateParams, role: Role, stream: readonly Uint8Array[]): void {
  const transform = deflateTransform(params, role, codec)
  for (const [index, data] of stream.entries()) {
    const message = messages[index] ?? none
    const read = receive(transform, inPieces(data, index + 1), message.length)
    if (!same(read, message)) expect([index, read]).toEqual([index, message])
  }
  transform.close?.()
}

/** All messages as a side of `node:zlib` sends them. */
function sendByNode({ bits, takesOver }: Side): Uint8Array[] {
  let history: Uint8Array = none
  return messages.map((message) => {
    const data = deflate(message, history, bits)
    if (takesOver) history = reach(concat(history, message), bits)
    return data
  })
}

/** Reads them by `node:zlib` with the window only. @returns The largest distance that the parser finds. */
function judge(sent: Sent, { bits, takesOver }: Side): number {
  let furthestOfAll = 0
  let history: Uint8Array = none
  for (const [index, data] of sent.entries()) {
    const message = messages[index] ?? none
    if (data === undefined) continue
    expect(same(inflate(data, history, bits), message)).toBe(true)
    furthestOfAll = Math.max(furthestOfAll, furthest(data))
    if (takesOver) history = reach(concat(history, message), bits)
  }
  return furthestOfAll
}

/** All, or different ones for each server, so that all are covered. */
const clientsOf = (server: Side): readonly Side[] =>
  [...columns(sides.indexOf(server), sides.length, 8)].map((index) => sides[index] as Side)

const sentBy = new Map<string, Sent>(
  codecs.flatMap(([name, codec]) =>
    sides.map((side) => [`${name}, ${nameOf(side)}`, sendAll(codec, paramsOf(side, side), 'server')] as const),
  ),
)
const fromNode = new Map(sides.map((side) => [nameOf(side), sendByNode(side)] as const))

describe.each(codecs)('%s', (name, codec) => {
  test.each(sides.map((side) => [nameOf(side), side] as const))(
    'a side with %s, checked by node:zlib and a parser',
    (title, side) => {
      const sent = sentBy.get(`${name}, ${title}`) ?? []
      expect(sent.filter((data) => data !== undefined).length).toBeGreaterThan(35)
      const reference = judge(sent, side)
      expect(reference).toBeLessThanOrEqual(2 ** side.bits)
      // The messages use more than half of every window, except those larger than one message.
      if (side.takesOver || side.bits < 13) expect(reference).toBeGreaterThan(0.45 * 2 ** side.bits)
    },
  )

  test.each(sides.map((side) => [nameOf(side), side] as const))(
    'a server with %s, with every client',
    (_title, server) => {
      for (const client of clientsOf(server)) {
        const params = paramsOf(server, client)
        for (const [role, own, other] of [
          ['server', server, client],
          ['client', client, server],
        ] as const) {
          const wanted = sentBy.get(`${name}, ${nameOf(own)}`) ?? []
          const different = sendAll(codec, params, role).findIndex((data, index) => !alike(data, wanted[index]))
          expect(different).toBe(-1)
          checkReading(codec, params, role, fromNode.get(nameOf(other)) ?? [])
        }
      }
    },
  )
})

function alike(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && same(a, b))
}

describePeer('Python’s zlib', missing, () => {
  let python: PythonZlib
  beforeAll(() => {
    python = new PythonZlib()
  })
  afterAll(() => python.stop())

  test.each(codecs)('reads what %s sends, with all windows', async (name) => {
    for (const side of sides) {
      const sent = sentBy.get(`${name}, ${nameOf(side)}`) ?? []
      const compressed = [...sent.entries()].filter(([, data]) => data !== undefined)
      const wanted = compressed.map(([index]) => messages[index] ?? none)
      const data = compressed.map(([, bytes]) => bytes ?? none)
      const read = await python.run('inflate', side.bits, side.takesOver, data)
      expect(read.map((bytes, index) => same(bytes, wanted[index] ?? none))).not.toContain(false)
      expect(read.length).toBe(wanted.length)
    }
  })

  test('sends what each codec reads, in all combinations of windows and both roles', async () => {
    const streams = new Map<string, readonly Uint8Array[]>()
    for (const side of sides)
      streams.set(nameOf(side), await python.run('deflate', side.bits, side.takesOver, messages))
    for (const [, codec] of codecs)
      for (const server of sides)
        for (const client of clientsOf(server)) {
          const params = paramsOf(server, client)
          checkReading(codec, params, 'client', streams.get(nameOf(server)) ?? [])
          checkReading(codec, params, 'server', streams.get(nameOf(client)) ?? [])
        }
  })
})
