/** Text in memory that a platform rejects, as Chromium does. Node rejects none, so its codec is wrapped here. */

import { afterEach, describe, expect, it, vi } from 'vitest'
import { isOrdinary } from '../../src/platform/memory.ts'

const Resizable = ArrayBuffer as new (size: number, options: object) => ArrayBuffer
const memories = {
  ordinary: () => new ArrayBuffer(8),
  resizable: () => new Resizable(8, { maxByteLength: 16 }),
  shared: () => new SharedArrayBuffer(8),
}

function refuse(bytes: Uint8Array): void {
  if (!isOrdinary(bytes)) throw new TypeError('The provided Uint8Array value must not be shared or resizable.')
}

/** A new codec on a platform that rejects such memory. */
async function loadCodec() {
  const { TextDecoder: Decoder, TextEncoder: Encoder } = globalThis
  class Refusing extends Decoder {
    override decode(bytes: Uint8Array<ArrayBuffer>): string {
      refuse(bytes)
      return super.decode(bytes)
    }
  }
  class RefusingEncoder extends Encoder {
    override encodeInto(text: string, target: Uint8Array) {
      refuse(target)
      return super.encodeInto(text, target)
    }
  }
  vi.stubGlobal('TextDecoder', Refusing)
  vi.stubGlobal('TextEncoder', RefusingEncoder)
  vi.resetModules()
  return import('../../src/platform/text.ts')
}

afterEach(() => vi.unstubAllGlobals())

it('only unshared memory of a fixed size is ordinary', () => {
  expect(isOrdinary(new Uint8Array(memories.ordinary()))).toBe(true)
  expect(isOrdinary(Buffer.from('a'))).toBe(true)
  expect(isOrdinary(new Uint8Array(memories.resizable()))).toBe(false)
  expect(isOrdinary(new Uint8Array(memories.shared()))).toBe(false)
})

describe.each(Object.keys(memories) as (keyof typeof memories)[])('%s memory', (name) => {
  const place = (text: string) => {
    const bytes = new Uint8Array(memories[name](), 1, text.length)
    bytes.set(Buffer.from(text, 'latin1'))
    return bytes
  }

  it('is read, UTF-8 or not', async () => {
    const { decodeUtf8, decodeUtf8Strictly } = await loadCodec()
    expect(decodeUtf8(place('K\xc3\xa4se'))).toBe('Käse')
    expect(decodeUtf8(place('\xef\xbb\xbfa\xff'))).toBe('\ufeffa\ufffd')
    expect(decodeUtf8Strictly(place('K\xc3\xa4se'))).toBe('Käse')
    expect(decodeUtf8Strictly(place('\xef\xbf\xbd'))).toBe('\ufffd')
    expect(decodeUtf8Strictly(place('a\xff'))).toBeUndefined()
  })

  it('is written', async () => {
    const { encodeUtf8Into } = await loadCodec()
    const target = place('.......')
    expect(encodeUtf8Into('Käs', target)).toBe(4)
    expect(Buffer.from(target).toString('latin1')).toBe('K\xc3\xa4s...')
  })
})
