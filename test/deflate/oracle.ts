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

/** The last 2^bits bytes: what a reference may reach into. */
export function reach(history: Uint8Array, bits: number): Uint8Array {
  return history.subarray(Math.max(0, history.length - 2 ** bits))
}

/** A message as it goes out, without its tail (RFC 7692 §7.2.1). */
export function deflate(message: Uint8Array, history: Uint8Array = none, bits = 15, level = 6): Uint8Array {
  // No zlib makes a raw stream with 8: 9 it is, and nothing further back than 8 reach is given to it.
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
 * What a message says (RFC 7692 §7.2.2), going on behind final blocks. Throws for what `node:zlib` does not take; data that
 * end too early it cannot tell, see {@link endsWhole}.
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
    // Of the types, none knows what `info` does.
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
 * Whether data are a message by themselves: all of the tail is the lengths of an empty stored block whose header they end with
 * (RFC 7692 §7.2.1), or they end with a final block.
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

/** With other lengths behind the data, and a byte for them, one byte more comes out: so the lengths are read as lengths. */
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

/** Of all references of a message, its tail cut off, the one that reaches furthest back. */
export function furthest(data: Uint8Array): number {
  return readDeflate(concat(data, TAIL)).largestDistance
}
