/** One large chunk of many messages: messages that a slow reader has not read wait in the connection, and are not lost. */

import { expect, test } from 'vitest'
import { encodeFrame } from '../../src/frame/encode.ts'
import { within } from '../peers/support.ts'
import { concat } from '../wire.ts'
import { Puppet } from './pipes.ts'

const COUNT = 40
const SIZE = 65_536
const messages = (): Uint8Array<ArrayBuffer> =>
  concat(
    ...Array.from({ length: COUNT }, (_, i) =>
      encodeFrame({ opcode: 2, payload: new Uint8Array(SIZE).fill(i), maskKey: Uint8Array.of(1, 2, 3, 4) }),
    ),
  )

/** Bytes reachable from the streams, each array once, without the chunk that was sent. */
function held(root: object): number {
  const seen = new Set<object>()
  const waiting: object[] = [root]
  let size = 0
  for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
    if (seen.has(item)) continue
    seen.add(item)
    if (ArrayBuffer.isView(item)) size += item.byteLength
    else for (const value of Object.values(item)) if (typeof value === 'object' && value !== null) waiting.push(value)
  }
  return size
}

async function readAll(peer: Puppet): Promise<number[]> {
  const reader = peer.streams.readable.getReader()
  const firsts: number[] = []
  try {
    for (;;) {
      const { done, value } = await within(reader.read(), 'a message')
      if (done) break
      firsts.push((value as Uint8Array)[0] as number)
    }
  } catch {
    firsts.push(-1)
  }
  return firsts
}

const inOrder = Array.from({ length: COUNT }, (_, i) => i)

test('a slow reader gets all messages of a large chunk, a few at a time', async () => {
  const peer = new Puppet('server', { readAhead: 1000 })
  void peer.send(concat(messages(), encodeFrame({ opcode: 8, payload: '', maskKey: new Uint8Array(4) })))
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(held(peer.streams)).toBeLessThan(COUNT * SIZE + 10 * SIZE)
  expect(await readAll(peer)).toEqual(inOrder)
  expect(await peer.next()).toMatchObject([{ type: 'close', code: 1005, clean: true }])
  expect(await within(peer.streams.closed, 'the end')).toMatchObject({ code: 1005, clean: true })
})

test('a slow reader also gets them if the transport then ends without a Close', async () => {
  const peer = new Puppet('server', { readAhead: 1000 })
  void peer.send(messages()).then(() => peer.end())
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(await readAll(peer)).toEqual([...inOrder, -1])
  expect(await within(peer.streams.closed, 'the end')).toMatchObject({ code: 1006, by: 'transport' })
})

test('a transport that fails ends the streams at once, with or without a reader', async () => {
  const peer = new Puppet('server', { readAhead: 1000 })
  void peer.send(messages())
  await new Promise((resolve) => setTimeout(resolve, 50))
  peer.between.toServer.fail(new Error('cut'))
  expect(await within(peer.streams.closed, 'the end')).toMatchObject({ code: 1006 })
  const got = await readAll(peer)
  expect(got.at(-1)).toBe(-1)
  expect(got.slice(0, -1)).toEqual(inOrder.slice(0, got.length - 1))
  expect(got.length).toBeLessThan(COUNT)
})
