/**
 * Checks one wire vector in many ways: whole, split at every byte, followed by other bytes, inside a larger buffer, as a Node
 * `Buffer`, and encoded back.
 */

import { expect } from 'vitest'
import type { FrameDecoderOptions } from '../../src/frame/decoder.ts'
import { FrameDecoder } from '../../src/frame/decoder.ts'
import { encodeFrame } from '../../src/frame/encode.ts'
import { decodeFrameHeader, frameHeaderSize } from '../../src/frame/header.ts'
import { applyMask } from '../../src/frame/mask.ts'
import { concat, hex, splits } from '../wire.ts'

export { concat, hex, pattern } from '../wire.ts'

export const KEY: Uint8Array<ArrayBuffer> = hex('37 fa 21 3d')

export interface Frame {
  fin: boolean
  rsv: number
  opcode: number
  payload: Uint8Array
}

/** Everything that a decoder returns for chunks; pieces of a frame are joined again. */
export function decodeAll(options: FrameDecoderOptions, chunks: Iterable<Uint8Array>): Frame[] {
  const decoder = new FrameDecoder(options)
  const frames: Frame[] = []
  let parts: Uint8Array[] = []
  for (const chunk of chunks) {
    decoder.push(chunk)
    while (decoder.next()) {
      const { fin, rsv, opcode } = decoder
      if (decoder.first !== (parts.length === 0)) throw new Error(`first is ${decoder.first}`)
      // A view lives until the next step: it is copied, as a user would.
      parts.push(Uint8Array.from(decoder.payload()))
      if (!decoder.last) continue
      const payload = concat(...parts)
      expect(decoder.payloadLength).toBe(payload.length)
      frames.push({ fin, rsv, opcode, payload })
      parts = []
    }
  }
  return frames
}

export const settings: readonly Partial<FrameDecoderOptions>[] = [
  {},
  { ownsChunks: true },
  { pieces: true },
  { pieces: true, ownsChunks: true },
]

/** `toEqual` is slow for large arrays; equal ones are recognised by comparing memory. */
export function expectSame(found: readonly Frame[], expected: readonly Frame[]): void {
  const same = (frame: Frame, i: number): boolean => {
    const other = expected[i]
    return (
      other !== undefined &&
      frame.fin === other.fin &&
      frame.rsv === other.rsv &&
      frame.opcode === other.opcode &&
      Buffer.compare(frame.payload, other.payload) === 0
    )
  }
  if (!(found.length === expected.length && found.every(same))) expect(found).toEqual(expected)
}

/** Frames on the wire and their meaning: the same in every split and setting, and encoded again the same bytes. */
export function expectFrames(wire: Uint8Array, expected: readonly Frame[], rsv = 0): void {
  const role = (wire[1] as number) >= 0x80 ? 'server' : 'client'
  for (const setting of settings) {
    for (const chunks of splits(wire)) expectSame(decodeAll({ role, rsv, ...setting }, chunks), expected)
    // Followed by the same again, and by the beginning of a frame.
    const twice = [concat(wire, wire, wire.subarray(0, 1))]
    expectSame(decodeAll({ role, rsv, ...setting }, twice), [...expected, ...expected])
  }
  expect(Buffer.compare(encodeAll(wire), wire)).toBe(0)
}

/** Reads frame after frame with the functions alone and encodes each again. */
function encodeAll(wire: Uint8Array): Uint8Array {
  const written: Uint8Array[] = []
  for (let at = 0; at < wire.length; ) {
    const header = decodeFrameHeader(wire, at)
    if (header === undefined) throw new Error(`no header at ${at}`)
    const start = at + frameHeaderSize(header)
    const payload = wire.slice(start, start + header.payloadLength)
    if (header.maskKey !== undefined) applyMask(payload, header.maskKey)
    written.push(encodeFrame({ ...header, payload }))
    at = start + header.payloadLength
  }
  return concat(...written)
}
