/** The estimates for a configuration against zlib's formulas, member by member, from both sides. */

import { describe, expect, it } from 'vitest'
import { deflateMemory } from '../../src/deflate/memory.ts'
import type { DeflateParams } from '../../src/deflate/params.ts'

const defaults: DeflateParams = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
}
const inflateObjects = 7 * 1024

describe('deflateMemory', () => {
  it('with the defaults agrees with zlib: 256 KiB to compress, 39 to decompress', () => {
    for (const role of ['server', 'client'] as const)
      expect(deflateMemory(defaults, role)).toEqual({
        compressor: 262_144,
        decompressor: 32_768 + inflateObjects,
        ownWindow: 8192,
        peerWindow: 32_768,
      })
  })
  it('depends on the side: our own window is the server’s on the server', () => {
    const params: DeflateParams = { ...defaults, serverMaxWindowBits: 10, clientMaxWindowBits: 12 }
    expect(deflateMemory(params, 'server', { memLevel: 1 })).toEqual({
      compressor: 4096 + 1024,
      decompressor: 4096 + inflateObjects,
      ownWindow: 1024,
      peerWindow: 4096,
    })
    expect(deflateMemory(params, 'client', { memLevel: 9 })).toEqual({
      compressor: 16_384 + 262_144,
      decompressor: 1024 + inflateObjects,
      ownWindow: 4096,
      peerWindow: 1024,
    })
  })
  it('has no window to keep without context takeover', () => {
    const params: DeflateParams = { ...defaults, serverNoContextTakeover: true }
    expect(deflateMemory(params, 'server')).toMatchObject({ ownWindow: 0, peerWindow: 32_768 })
    expect(deflateMemory(params, 'client')).toMatchObject({ ownWindow: 8192, peerWindow: 0 })
    const none: DeflateParams = { ...params, clientNoContextTakeover: true }
    expect(deflateMemory(none, 'client')).toMatchObject({ ownWindow: 0, peerWindow: 0 })
  })
  it('counts a compressor with 8 bits as one with 9, as zlib does; the window keeps 8', () => {
    const params = (bits: number): DeflateParams => ({ ...defaults, serverMaxWindowBits: bits })
    const small = deflateMemory(params(8), 'server')
    expect(small.compressor).toBe(deflateMemory(params(9), 'server').compressor)
    expect(small.ownWindow).toBe(256)
    expect(deflateMemory(params(8), 'client').decompressor).toBe(256 + inflateObjects)
  })
  it('refuses invalid windows and levels', () => {
    for (const memLevel of [0, 10, 1.5, Number.NaN])
      expect(() => deflateMemory(defaults, 'server', { memLevel })).toThrow(RangeError)
    expect(() => deflateMemory({ ...defaults, serverMaxWindowBits: 16 }, 'client')).toThrow(RangeError)
    expect(() => deflateMemory({ ...defaults, clientMaxWindowBits: 7 }, 'server')).toThrow(RangeError)
  })
})
