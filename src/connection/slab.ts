/**
 * Memory that the outputs of many connections share: frames are written into it one behind the other, before their size is known, and
 * each output is cut out of it. That makes one array an output, however it grew.
 *
 * @module
 */

import { Words } from '../frame/mask-words.ts'
import type { Native } from '../native.ts'
import type { Bytes } from '../types.ts'

/** The size of a slab: a slow peer may keep all of it for each write that it has not taken. */
export const SLAB_SIZE = 16_384
/** Frames of at most this size are written into a slab: larger ones would leave too much of it unused. */
export const MAX_IN_SLAB = 4096

/** A piece of memory. */
export class Slab {
  readonly bytes: Bytes
  readonly words: Words
  /** Whether outputs are views of it; otherwise they are copied, and it is used again. */
  readonly isGiven: boolean
  /** Bytes in use, from its start on. */
  end = 0
  /** Outputs that are in it, if it is used again. */
  outputs = 0

  constructor(bytes: Bytes, isGiven: boolean) {
    this.bytes = bytes
    this.words = new Words(bytes)
    this.isGiven = isGiven
  }

  /** Takes the bytes from `start` to `end`, which are an output. */
  take(start: number, end: number): Bytes {
    if (this.isGiven) return this.bytes.subarray(start, end) as Bytes
    const taken = this.bytes.slice(start, end)
    this.release(start, end)
    return taken
  }

  /** Gives up the bytes from `start` to `end`, which nobody has taken. Nothing of a message remains. */
  release(start: number, end: number): void {
    if (this.isGiven) return
    this.bytes.fill(0, start, end)
    if (--this.outputs === 0) this.end = 0
  }
}

/** The slab that outputs are written into at present. */
export interface SlabHolder {
  slab: Slab | undefined
}

/** Those of native allocators. All connections with the same functions share one, however they got their options. */
const ofNatives = new WeakMap<Native, SlabHolder>()
/** That of arrays of our own. */
const own: SlabHolder = { slab: undefined }

/** The holder of the slab for these functions. */
export function slabHolderOf(native: Native | undefined): SlabHolder {
  if (native?.allocate === undefined) return own
  let holder = ofNatives.get(native)
  if (holder === undefined) {
    holder = { slab: undefined }
    ofNatives.set(native, holder)
  }
  return holder
}
