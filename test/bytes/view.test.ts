// The values that count as bytes.
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { requireBytes, viewOf } from '../../src/bytes/view.ts'

test.each([
  ['a Uint8Array', new Uint8Array(3)],
  ['a Buffer', Buffer.from('abc')],
  ['one of another realm', runInNewContext('new Uint8Array(3)')],
])('%s does', (_, value) => {
  expect(() => requireBytes(value, 'a chunk')).not.toThrow()
})

test.each<[string, unknown]>([
  ['a string', 'abc'],
  ['an ArrayBuffer', new ArrayBuffer(3)],
  ['a DataView', new DataView(new ArrayBuffer(3))],
  ['a Uint16Array', new Uint16Array(3)],
  ['an Int8Array', new Int8Array(3)],
  ['an array', [1, 2]],
  ['a number', 3],
  ['undefined', undefined],
])('%s does not, and the message says so', (name, value) => {
  expect(() => requireBytes(value as never, 'a chunk')).toThrow(
    new TypeError(`a chunk must be a Uint8Array, not ${name}`),
  )
})

const buffer = Uint8Array.of(0, 1, 2, 3).buffer
const shared = new SharedArrayBuffer(2)

test.each<[string, unknown, ArrayBufferLike | undefined, number[]]>([
  ['an ArrayBuffer', buffer, buffer, [0, 1, 2, 3]],
  ['a SharedArrayBuffer', shared, shared, [0, 0]],
  ['a DataView', new DataView(buffer, 1, 2), buffer, [1, 2]],
  ['other numbers', new Uint16Array(buffer, 2, 1), buffer, [2, 3]],
  ['a Uint8Array', new Uint8Array(buffer, 1), buffer, [1, 2, 3]],
  ['one of another realm', runInNewContext('Uint8Array.of(4)'), undefined, [4]],
  ['a buffer of another realm', runInNewContext('Uint8Array.of(4).buffer'), undefined, [4]],
  ['a view of another realm', runInNewContext('new DataView(Uint8Array.of(4).buffer)'), undefined, [4]],
])('%s is seen as bytes, and not copied', (_, value, memory, bytes) => {
  const view = viewOf(value)
  expect(view).toBeInstanceOf(Uint8Array)
  expect([...(view as Uint8Array)]).toEqual(bytes)
  expect(view?.buffer).toBe(memory ?? (value as Uint8Array).buffer ?? value)
})

test.each([undefined, null, 3, 'abc', [1, 2], {}, { length: 2 }, Promise.resolve(buffer), new Blob(['a'])])(
  '%o has no bytes to see',
  (value) => expect(viewOf(value)).toBe(undefined),
)
