/**
 * A plain second implementation of permessage-deflate: `node:zlib` called afresh for each message, with the preceding bytes as a
 * dictionary, and a parser for what no library reports. Shares no code with what is tested.
 *
 * @module
 */

import zlib from 'node:zlib'
import { readDeflate } from '../codec/deflate-reader.ts'
import { concat } from '../wire.ts'
import { none, TAIL } from './messages.ts'

const { Z_SYNC_FLUSH, Z_FINISH } = zlib.constants

interface Inflated {
  readonly buffer: Uint8Array
  readonly engine: { readonly bytesWritten: number }
}

/** The last 2^bits bytes, which references may reach into. */
export function reach(history: Uint8Array, bits: number): Uint8Array {
  return history.subarray(Math.max(0, history.length - 2 ** bits))
}

/** A message as it is sent, without its tail (RFC 7692 §7.2.1). */
export function deflate(message: Uint8Array, history: Uint8Array = none, bits = 15, level = 6): Uint8Array {
  // zlib has no raw stream with 8 bits: use 9, with no more history than 8 bits reach.
  const dictionary = reach(history, bits)
  const options = { windowBits: Math.max(9, bits), level, finishFlush: Z_SYNC_FLUSH }
  const output = zlib.deflateRawSync(message, dictionary.length > 0 ? { ...options, dictionary } : options)
  return Uint8Array.from(output.subarray(0, -4))
}

/** A stream that ends: its last block is final. */
export function deflateFinal(
  message: Uint8Array,
  history: Uint8Array = none,
  options: zlib.ZlibOptions = {},
): Uint8Array {
  const dictionary = history.length > 0 ? { dictionary: history } : {}
  return new Uint8Array(zlib.deflateRawSync(message, { finishFlush: Z_FINISH, ...options, ...dictionary }))
}

/**
 * Decompresses a message (RFC 7692 §7.2.2), and continues after final blocks. Throws if `node:zlib` rejects the data. It does not detect
 * data that end too early, see {@link endsWhole}.
 */
export function inflate(data: Uint8Array, history: Uint8Array = none, bits = 15): Uint8Array {
  let rest = data
  let output = none
  while (rest.length > 0) {
    const dictionary = reach(concat(history, output), bits)
    const step = inflateStream(rest, dictionary, bits)
    output = concat(output, step.output)
    if (!step.ended) return output
    rest = rest.subarray(step.read)
  }
  return output
}

function inflateStream(data: Uint8Array, dictionary: Uint8Array, bits: number) {
  const options = { windowBits: bits, info: true, ...(dictionary.length > 0 && { dictionary }) }
  try {
    // The types lack the effect of `info`.
    const { buffer, engine } = zlib.inflateRawSync(data, options) as unknown as Inflated
    return { output: buffer, read: engine.bytesWritten, ended: true }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'Z_BUF_ERROR') throw error
  }
  const whole = concat(data, TAIL)
  const { buffer } = zlib.inflateRawSync(whole, { ...options, finishFlush: Z_SYNC_FLUSH }) as unknown as Inflated
  return { output: buffer, read: data.length, ended: false }
}

/**
 * Whether data are a complete message: they end with the header of an empty stored block, whose lengths are the tail (RFC 7692
 * §7.2.1), or with a final block.
 */
export function endsWhole(data: Uint8Array): boolean {
  let rest = data
  while (rest.length > 0) {
    const final = parse(rest)
    if (final?.final) {
      rest = rest.subarray(final.consumed)
      continue
    }
    return endsWithStoredHeader(rest)
  }
  return true
}

/** Other lengths after the data, and one byte for them, add one byte of output: so the lengths are read as lengths. */
function endsWithStoredHeader(data: Uint8Array): boolean {
  const empty = parse(concat(data, TAIL))
  const one = parse(concat(data, Uint8Array.of(1, 0, 0xfe, 0xff, 0x58)))
  if (empty === undefined || one === undefined) return false
  const [all, allAndOne] = [empty.consumed === data.length + 4, one.consumed === data.length + 5]
  return all && allAndOne && one.outputSize === empty.outputSize + 1
}

function parse(data: Uint8Array) {
  try {
    return readDeflate(data)
  } catch {
    return undefined
  }
}

/** The largest distance of a reference in a message without its tail. */
export function furthest(data: Uint8Array): number {
  return readDeflate(concat(data, TAIL)).largestDistance
}
