/**
 * Large messages arrive whole in chunks of any size, given away or borrowed; borrowed chunks are never written to, and may be
 * overwritten as soon as the call returns. `SEED=…` repeats a run.
 */

import { expect, it } from 'vitest'
import { Connection } from '../../src/connection/connection.ts'
import { encodeFrame } from '../../src/frame/encode.ts'
import { fragmentMessage } from '../../src/frame/fragment.ts'
import { createRandom } from '../peers/support.ts'
import { receiveAll } from '../receive.ts'
import { concat, KEY, pattern } from './vector.ts'

const SEED = Number(process.env.SEED ?? 1)
const sizes = [0, 1, 255, 4095, 4096, 4097, 20_000, 65_535, 65_536, 70_001, 140_000]

it.each([false, true])('large messages arrive whole, ownsChunks %s', (ownsChunks) => {
  const random = createRandom(SEED)
  const below = (bound: number) => Math.floor(random() * bound)
  for (let run = 0; run < 150; run++) {
    const size = sizes[below(sizes.length)] as number
    const isText = random() < 0.5
    const payload = isText ? new TextEncoder().encode('Käse 世界 und mehr '.repeat(size / 20)) : pattern(size)
    const pieces = [...fragmentMessage({ opcode: isText ? 1 : 2, payload }, 1 + below(2 * size + 1))].slice(0, 60_000)
    const wire = concat(...pieces.map((piece) => encodeFrame({ ...piece, maskKey: KEY })))
    const server = new Connection({ role: 'server', ownsChunks })
    const got = []
    for (let at = 0; at < wire.length; ) {
      const chunk = wire.slice(at, at + 1 + Math.floor(2 ** (17 * random())))
      at += chunk.length
      const before = chunk.slice()
      got.push(...receiveAll(server, chunk))
      if (ownsChunks) continue
      expect(Buffer.compare(chunk, before)).toBe(0)
      chunk.fill(0xee)
    }
    const [event, ...more] = got
    if (event?.type !== 'text' && event?.type !== 'binary') throw new Error(`SEED=${SEED}, run ${run}: ${event?.type}`)
    const data = typeof event.data === 'string' ? new TextEncoder().encode(event.data) : event.data
    expect([event.type, more, Buffer.compare(data, payload)]).toEqual([isText ? 'text' : 'binary', [], 0])
  }
})
