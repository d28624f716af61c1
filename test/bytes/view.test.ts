// What counts as bytes.
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
  ['String', 'abc'],
  ['ArrayBuffer', new ArrayBuffer(3)],
  ['DataView', new DataView(new ArrayBuffer(3))],
  ['Uint16Array', new Uint16Array(3)],
  ['Int8Array', new Int8Array(3)],
  ['Array', [1, 2]],
  ['Number', 3],
  ['Undefined', undefined],
])('%s does not, and the message says so', (tag, value) => {
  expect(() => requireBytes(value as never, 'a chunk')).toThrow(new TypeError(`a chunk is a Uint8Array, not ${tag}`))
})
