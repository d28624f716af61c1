// A queue is first in, first out, and keeps nothing that was taken.
import { expect, test } from 'vitest'
import { Queue } from '../../src/bytes/queue.ts'

test('returns items in order, however pushes and takes alternate', () => {
  const queue = new Queue<Uint8Array>()
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

test('releases an item that is taken', () => {
  const queue = new Queue<Uint8Array>()
  queue.push(new Uint8Array(10))
  queue.push(new Uint8Array(20))
  queue.take()
  expect(JSON.stringify(queue)).toBe(JSON.stringify({ items: [null, new Uint8Array(20)], start: 1 }))
})

test('shows its size and its first item', () => {
  const queue = new Queue<{ readonly name: string }>()
  expect([queue.size, queue.first]).toEqual([0, undefined])
  for (const name of ['a', 'b']) queue.push({ name })
  queue.take()
  expect([queue.size, queue.first]).toEqual([1, { name: 'b' }])
  queue.take()
  expect([queue.size, queue.first]).toEqual([0, undefined])
})
