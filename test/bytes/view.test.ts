// Which values count as bytes.
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { requireBytes } from '../../src/bytes/view.ts'

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
