/**
 * Memory that the outputs of many connections share. Frames are written into it one after the other, before their size is known, and each
 * output becomes a part of it. Each output therefore creates one array, however it grew.
 *
 * @module
 */

import { Words } from '../frame/mask-words.ts'
import type { Native } from '../native.ts'
import type { Bytes } from '../types.ts'

/** The size of a slab in bytes. A pending write to a slow peer may keep a whole slab in memory. */
export const SLAB_SIZE = 16_384
/** Frames of at most this many bytes are written into a slab: larger frames would leave too much of it unused. */
export const MAX_IN_SLAB = 4096

/** A block of memory for many outputs. */
export class Slab {
  readonly bytes: Bytes
  readonly words: Words
  /** Whether outputs are views of the slab. Otherwise they are copied, and the slab is used again. */
  readonly isGiven: boolean
  /** Bytes in use, from the start on. */
  end = 0
  /** The number of outputs in the slab; used only if outputs are copied. */
  outputs = 0

  constructor(bytes: Bytes, isGiven: boolean) {
    this.bytes = bytes
    this.words = new Words(bytes)
    this.isGiven = isGiven
  }

  /** Takes an output: the bytes from `start` to `end`. */
  take(start: number, end: number): Bytes {
    if (this.isGiven) return this.bytes.subarray(start, end) as Bytes
    const taken = this.bytes.slice(start, end)
    this.release(start, end)
    return taken
  }

  /** Releases the bytes from `start` to `end`, and clears them, so that nothing of a message remains. */
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

/** The holders for native allocators. All connections with the same functions share one, wherever their options come from. */
const ofNatives = new WeakMap<Native, SlabHolder>()
/** The holder for connections without a native allocator. */
const own: SlabHolder = { slab: undefined }

/** Returns the slab holder for these functions. */
export function slabHolderOf(native: Native | undefined): SlabHolder {
  if (native?.allocate === undefined) return own
  let holder = ofNatives.get(native)
  if (holder === undefined) {
    holder = { slab: undefined }
    ofNatives.set(native, holder)
  }
  return holder
}
