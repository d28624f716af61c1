// The queue of chunks: first in, first out, and nothing kept of what was taken.
import { expect, test } from 'vitest'
import { ChunkQueue } from '../../src/bytes/queue.ts'

test('returns chunks in order, however pushes and takes alternate', () => {
  const queue = new ChunkQueue()
  let pushed = 0
  let taken = 0
  for (let round = 0; round < 3000; round++) {
    for (let i = 0; i < (round % 3) + 1; i++) queue.push(Uint8Array.of(pushed++ & 255, pushed >> 8))
    const chunk = queue.take()
    expect(chunk?.[0]).toBe(taken++ & 255)
  }
  while (queue.take() !== undefined) taken++
  expect(taken).toBe(pushed)
  expect(queue.take()).toBeUndefined()
})

test('releases a chunk that is taken', () => {
  const queue = new ChunkQueue()
  queue.push(new Uint8Array(10))
  queue.push(new Uint8Array(20))
  queue.take()
  expect(JSON.stringify(queue)).toBe(JSON.stringify({ chunks: [null, new Uint8Array(20)], first: 1 }))
})
