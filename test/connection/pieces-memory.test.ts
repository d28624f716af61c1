// Messages far larger than memory, in both directions: the memory of a connection is counted after each step.

import { describe, expect, test } from 'vitest'
import { Connection } from '../../src/connection/connection.ts'
import { startMessage } from '../../src/connection/index.ts'
import { hex } from '../wire.ts'
import { client, server } from './outgoing-support.ts'

const MIB = 2 ** 20
const ALL = 2 ** 31
const limits = { maxMessageSize: Infinity, maxFrameSize: Infinity, maxFragments: Infinity }

/** Returns the bytes of all arrays reachable from `root`, each counted once. */
function held(root: object): number {
  const seen = new Set<object>()
  const waiting: object[] = [root]
  let size = 0
  for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
    if (seen.has(item)) continue
    seen.add(item)
    if (item instanceof ArrayBuffer) size += item.byteLength
    else if (ArrayBuffer.isView(item)) waiting.push(item.buffer)
    else for (const value of Object.values(item)) if (typeof value === 'object' && value !== null) waiting.push(value)
  }
  return size
}

describe('a message of 2 GiB', () => {
  test('never exists as a whole if it is written, taken and read in pieces', () => {
    const from = server()
    const to = new Connection({ role: 'client', pieces: true, ownsChunks: true, limits })
    const message = startMessage(from, 'binary')
    const piece = new Uint8Array(MIB).fill(7)
    let [size, most, events] = [0, 0, 0]
    for (let i = 0; i < ALL / MIB; i++) {
      if (i + 1 < ALL / MIB) message.write(piece)
      else message.end(piece)
      const got = from.takeOutputParts().flatMap((part) => [...to.receive(part)])
      while (to.hasPending) got.push(...to.receive(new Uint8Array(0)))
      const marks = got.map((event) => event.type === 'binary' && [event.data.length, event.first, event.last])
      const ends = i + 1 === ALL / MIB
      expect(marks).toEqual(got.map((_, place) => [65_536, i + place === 0, ends && place === 15]))
      events += got.length
      size += got.length * 65_536
      if (i % 64 === 0) most = Math.max(most, held(from) + held(to))
    }
    expect([size, events]).toEqual([ALL, ALL / 65_536])
    expect(most).toBeLessThan(2 * MIB)
  })

  test('keeps only the current chunk if it is one masked frame in 64 KiB chunks', () => {
    const connection = new Connection({ role: 'server', pieces: true, ownsChunks: true, limits, text: 'bytes' })
    expect(connection.receive(hex('82 ff 00 00 00 00 80 00 00 00 01 02 03 04'))).toEqual([])
    const chunk = new Uint8Array(65_536)
    let [size, most, last] = [0, 0, false]
    for (let i = 0; i < ALL / chunk.length; i++) {
      for (const event of connection.receive(chunk)) {
        if (event.type !== 'binary' || event.first !== (i === 0)) throw new Error(`event ${i}`)
        size += event.data.length
        last = event.last
      }
      if (i % 1024 === 0) most = Math.max(most, held(connection))
    }
    expect([size, last]).toEqual([ALL, true])
    expect(most).toBeLessThan(3 * chunk.length)
    expect(held(connection)).toBeLessThan(3 * chunk.length)
  })

  test('keeps at most one character if it is text that is cut inside characters', () => {
    const connection = new Connection({ role: 'client', pieces: true, limits })
    const chunk = Buffer.from('世😀é'.repeat(1000)).subarray(1)
    connection.receive(hex('01 7f 00 00 00 00 80 00 00 00 e4'))
    let length = 0
    for (let i = 0; i < 200; i++) {
      for (const event of connection.receive(i === 0 ? chunk : Buffer.concat([hex('e4'), chunk])))
        if (event.type === 'text') length += event.data.length
      expect(held(connection)).toBeLessThan(3 * chunk.length)
    }
    expect(length).toBe(200 * 4000)
  })
})

test('the output of a client that sends pieces stays as small as a piece if it is taken each time', () => {
  const connection = client()
  const message = startMessage(connection, 'text')
  for (let i = 0; i < 2000; i++) {
    message.write('a'.repeat(1000))
    expect(connection.outputSize).toBe(1008)
    connection.takeOutput()
    if (i % 100 === 0) expect(held(connection)).toBeLessThan(70_000)
  }
})
