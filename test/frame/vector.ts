/**
 * Checks one wire vector in many ways: whole, split at every byte, followed by other bytes, inside a larger buffer, as a Node `Buffer`,
 * and encoded again.
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

/** Copies the payload of a decoder's current piece, because a view is valid only until the next step. */
type ReadPayload = (decoder: FrameDecoder) => Uint8Array

/** All ways to read a payload. */
const readers: readonly { readonly owning: boolean; readonly read: ReadPayload }[] = [
  { owning: false, read: (decoder) => Uint8Array.from(decoder.payload()) },
  { owning: false, read: readCopy },
  { owning: true, read: readInPlace },
]

// These run for every byte of large payloads, so they throw instead of calling `expect`.

/** Checks that nothing around the copy is written, and nothing else changes. */
function readCopy(decoder: FrameDecoder): Uint8Array {
  const { bytes, start, end } = decoder
  const size = end - start
  const before = Uint8Array.from(bytes)
  const target = new Uint8Array(size + 8).fill(0xaa)
  const after = decoder.copyTo(target, 3)
  if (after !== 3 + size) throw new Error(`copied up to ${after} instead of ${3 + size}`)
  const around = concat(target.subarray(0, 3), target.subarray(3 + size))
  if (around.some((byte) => byte !== 0xaa)) throw new Error('wrote beside the copy')
  if (Buffer.compare(bytes, before) !== 0) throw new Error('wrote into the chunk')
  return target.slice(3, 3 + size)
}

/** Checks that nothing around the piece is written, however often it is unmasked. */
function readInPlace(decoder: FrameDecoder): Uint8Array {
  const { bytes, start, end } = decoder
  const before = Uint8Array.from(bytes)
  decoder.unmask()
  decoder.unmask()
  if (decoder.bytes !== bytes || decoder.start !== start || decoder.end !== end) throw new Error('the piece has moved')
  const untouched = (from: number, to: number): boolean =>
    Buffer.compare(bytes.subarray(from, to), before.subarray(from, to)) === 0
  if (!untouched(0, start) || !untouched(end, bytes.length)) throw new Error('wrote beside the piece')
  return bytes.slice(start, end)
}

/** Returns everything that a decoder returns for chunks, with the pieces of a frame joined again. */
export function decodeAll(
  options: FrameDecoderOptions,
  chunks: Iterable<Uint8Array>,
  read: ReadPayload = (decoder) => Uint8Array.from(decoder.payload()),
): Frame[] {
  const decoder = new FrameDecoder(options)
  const frames: Frame[] = []
  let parts: Uint8Array[] = []
  for (const chunk of chunks) {
    decoder.push(chunk)
    while (decoder.next()) {
      const { fin, rsv, opcode } = decoder
      if (decoder.first !== (parts.length === 0)) throw new Error(`first is ${decoder.first}`)
      parts.push(read(decoder))
      if (!decoder.last) continue
      const payload = concat(...parts)
      expect(decoder.payloadLength).toBe(payload.length)
      frames.push({ fin, rsv, opcode, payload })
      parts = []
    }
  }
  return frames
}

/** Checks every way to read that the options allow. */
export function expectAll(
  options: FrameDecoderOptions,
  chunks: readonly Uint8Array[],
  expected: readonly Frame[],
): void {
  for (const { owning, read } of readers) {
    if (owning && !options.ownsChunks) continue
    // A chunk given away is not used again.
    const fresh = options.ownsChunks ? chunks.map((chunk) => Uint8Array.from(chunk)) : chunks
    expectSame(decodeAll(options, fresh, read), expected)
  }
}

export const settings: readonly Partial<FrameDecoderOptions>[] = [
  {},
  { ownsChunks: true },
  { pieces: true },
  { pieces: true, ownsChunks: true },
]

/** Compares memory, because `toEqual` is slow for large arrays. */
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

/** Checks that frames on the wire have the same meaning in every split and setting, and encode to the same bytes again. */
export function expectFrames(wire: Uint8Array, expected: readonly Frame[], rsv = 0): void {
  const role = (wire[1] as number) >= 0x80 ? 'server' : 'client'
  for (const setting of settings) {
    for (const chunks of splits(wire)) expectAll({ role, rsv, ...setting }, chunks, expected)
    // Followed by the same frames, and by the beginning of another frame.
    const twice = [concat(wire, wire, wire.subarray(0, 1))]
    expectAll({ role, rsv, ...setting }, twice, [...expected, ...expected])
  }
  expect(Buffer.compare(encodeAll(wire), wire)).toBe(0)
}

/** Reads frame after frame with the header functions, and encodes each frame again. */
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
