/**
 * One direction of a pair in memory: bytes in flight, with faults.
 *
 * @module
 */

import { type Kinds, requireOneOf, requireWhole } from '../arguments.ts'
import { Queue } from '../bytes/queue.ts'
import { inMicrotask, type Timers } from '../platform/timers.ts'
import type { Chunks } from './case.ts'
import { chunkSizes, cut } from './chunks.ts'

/** Faults of one direction of a pair. Without faults, bytes arrive as they were written, as soon as possible. */
export interface PairFaults {
  /** How each write is cut into the chunks that are read. Default: `'whole'`. */
  readonly chunks?: Chunks | undefined
  /** Milliseconds until bytes, or the end, arrive. Default: 0. */
  readonly delay?: number | undefined
  /** A slow reader or a slow line: at most `size` bytes arrive in each `interval`. */
  readonly slow?:
    | {
        /** In bytes. */
        readonly size: number
        /** In milliseconds. */
        readonly interval: number
      }
    | undefined
  /** How many unread bytes the pipe accepts before the callback of a write waits. Default: 65 536. */
  readonly capacity?: number | undefined
  /**
   * What happens after this many bytes. `'fin'`: the reader sees the end. `'reset'`: both ends see a reset. `'silence'`: nothing more
   * arrives. The writer does not notice an end or silence: the pipe drops the rest of what it writes.
   */
  readonly cut?:
    | {
        /** In bytes. */
        readonly after: number
        /** What the reader sees. */
        readonly by: 'fin' | 'reset' | 'silence'
      }
    | undefined
}

const cutKinds = ['fin', 'reset', 'silence']

/** The members of {@link PairFaults}, for `requireOptions`. */
export const faultKinds: Kinds = {
  chunks: 'any',
  delay: 'number',
  slow: { size: 'number', interval: 'number' },
  capacity: 'number',
  cut: { after: 'number', by: cutKinds },
} satisfies { readonly [name in keyof PairFaults]-?: Kinds[string] }

/** The callbacks that a pipe needs from the reading end and from the writing end. */
export interface PipeEnd {
  readonly destroyed: boolean
  readonly flowing: boolean | undefined
  received(chunk: Uint8Array): void
  ended(): void
  /** The connection has been reset. */
  failed(): void
}

type WriteCallback = (error?: Error | null) => void

interface Item {
  /** When it arrives. */
  readonly at: number
  /** `undefined`: the end. */
  bytes: Uint8Array | undefined
}

/** A write, or the end, that the pipe has not accepted yet. */
interface Write {
  /** The position of its last byte in all bytes written. */
  readonly end: number
  readonly callback: WriteCallback
}

/** The bytes in flight from one end to the other. */
export class Pipe {
  readonly #timers: Timers
  readonly #source: PipeEnd
  readonly #sink: PipeEnd
  readonly #nextSize: () => number
  readonly #delay: number
  readonly #slow: PairFaults['slow']
  readonly #capacity: number
  readonly #cut: PairFaults['cut']
  readonly #items: Queue<Item> = new Queue()
  readonly #writes: Queue<Write> = new Queue()
  /** The number of bytes that were written, and of those that were read or dropped. */
  #written = 0
  #gone = 0
  /** Whether the end is in flight or has arrived. */
  #hasEnd = false
  /** Whether the pipe drops what is written. */
  #isCut = false
  /** When a reset arrives, and whether at both ends. */
  #resetAt = Infinity
  #resetsBoth = false
  /** When a slow reader reads more. */
  #readsAt = 0
  /** When this runs next, and the timer for it, unless it runs at once. */
  #runsAt = Infinity
  #timer: unknown

  /** @param name The name of the faults in messages. */
  constructor(faults: PairFaults, name: string, timers: Timers, source: PipeEnd, sink: PipeEnd) {
    const { chunks = 'whole', delay = 0, slow, capacity = 65_536, cut } = faults
    this.#timers = timers
    this.#source = source
    this.#sink = sink
    this.#nextSize = chunkSizes(chunks, `${name}.chunks`)
    this.#delay = requireWhole(delay, `\`${name}.delay\``)
    this.#capacity = requireWhole(capacity, `\`${name}.capacity\``, 0, Infinity)
    if (slow !== undefined) {
      requireWhole(slow.size, `\`${name}.slow.size\``, 1)
      requireWhole(slow.interval, `\`${name}.slow.interval\``)
    }
    if (cut !== undefined) {
      requireWhole(cut.after, `\`${name}.cut.after\``)
      requireOneOf(cut.by, cutKinds, `\`${name}.cut.by\``)
    }
    this.#slow = slow
    this.#cut = cut
    if (cut?.after === 0) this.#cutOff(cut.by)
  }

  /** Whether bytes have arrived and were not read. */
  get hasUnread(): boolean {
    const { first } = this.#items
    return first?.bytes !== undefined && first.at <= this.#timers.now()
  }

  // From the source

  write(bytes: Uint8Array, callback: WriteCallback): boolean {
    const rest = (this.#cut?.after ?? Infinity) - this.#written
    this.#written += bytes.length
    if (this.#isCut) this.#gone += bytes.length
    else {
      // A copy, because the reader may write to the array that it reads, and the writer may reuse its own.
      for (const piece of cut(new Uint8Array(bytes.subarray(0, rest)), this.#nextSize)) this.#add(piece)
      if (this.#cut !== undefined && bytes.length >= rest) {
        this.#gone += bytes.length - rest
        this.#cutOff(this.#cut.by)
      }
    }
    this.#writes.push({ end: this.#written, callback })
    this.#take()
    return this.#written - this.#gone < this.#capacity
  }

  end(callback: WriteCallback): void {
    this.#addEnd()
    this.#writes.push({ end: this.#written, callback })
    this.#take()
  }

  /** Ends the source: accepted bytes still arrive, and then the end, or a reset. */
  close(resets: boolean): void {
    const excess = this.#written - this.#gone - this.#capacity
    if (excess > 0) this.#dropLast(excess)
    this.#failWrites()
    if (!resets) this.#addEnd()
    else if (!this.#isCut) this.#reset(false)
    this.#isCut = true
  }

  #cutOff(by: 'fin' | 'reset' | 'silence'): void {
    if (by === 'fin') this.#addEnd()
    else if (by === 'reset') this.#reset(true)
    this.#isCut = true
  }

  #addEnd(): void {
    if (this.#hasEnd || this.#isCut) return
    this.#hasEnd = true
    this.#add(undefined)
  }

  #add(bytes: Uint8Array | undefined): void {
    const at = this.#timers.now() + this.#delay
    this.#items.push({ at, bytes })
    this.#runAt(at)
  }

  #reset(both: boolean): void {
    this.#resetAt = this.#timers.now() + this.#delay
    this.#resetsBoth = both
    this.#runAt(this.#resetAt)
  }

  /** Drops the last bytes that have not been accepted, and the end after them. */
  #dropLast(size: number): void {
    const items = this.#items.list()
    this.#clear()
    let keep = items.reduce((all, { bytes }) => all + (bytes?.length ?? 0), 0) - size
    for (const { at, bytes } of items) {
      if (bytes === undefined || keep <= 0) break
      this.#items.push({ at, bytes: bytes.subarray(0, keep) })
      keep -= bytes.length
    }
    this.#hasEnd = false
  }

  #clear(): void {
    while (this.#items.take() !== undefined);
  }

  #failWrites(): void {
    for (let write = this.#writes.take(); write !== undefined; write = this.#writes.take()) {
      const { callback } = write
      inMicrotask(() => callback(new Error('the stream was destroyed')))
    }
  }

  /** Calls the callbacks of the writes that fit into the capacity. */
  #take(): void {
    for (let { first } = this.#writes; first !== undefined; { first } = this.#writes) {
      if (first.end - this.#gone > this.#capacity) return
      const { callback } = first
      this.#writes.take()
      inMicrotask(() => callback())
    }
  }

  // To the sink

  /** Called when the sink reads again or has ended. */
  wake(): void {
    const { first } = this.#items
    if (first !== undefined) this.#runAt(Math.max(first.at, this.#readsAt))
  }

  /** Drops everything in flight, and everything that is still written. */
  drop(): void {
    this.#clear()
    this.#isCut = true
    this.#failWrites()
    this.#resetAt = Infinity
    this.#runsAt = Infinity
    if (this.#timer !== undefined) this.#timers.clear(this.#timer)
    this.#timer = undefined
  }

  #runAt(at: number): void {
    if (at >= this.#runsAt) return
    if (this.#timer !== undefined) this.#timers.clear(this.#timer)
    this.#timer = undefined
    this.#runsAt = at
    const wait = at - this.#timers.now()
    // Not in a microtask, so that two ends that answer each other do not starve the timers.
    if (wait <= 0) this.#timers.soon(() => this.#run())
    else this.#timer = this.#timers.set(() => this.#run(), wait, true)
  }

  #run(): void {
    this.#runsAt = Infinity
    this.#timer = undefined
    const now = this.#timers.now()
    for (let { first } = this.#items; first !== undefined && first.at <= now; { first } = this.#items) {
      if (this.#sink.destroyed) return void this.#refuse(first)
      if (!this.#sink.flowing || this.#readsAt > now) break
      this.#deliver(first, now)
    }
    // The end waits for bytes that are being read, but not for a paused reader.
    if (this.#resetAt <= now && (this.#items.size === 0 || !this.#sink.flowing)) return void this.#arriveReset()
    if (this.#sink.flowing || this.#sink.destroyed) this.wake()
    if (this.#resetAt < Infinity) this.#runAt(Math.max(this.#resetAt, this.#readsAt))
  }

  #deliver(item: Item, now: number): void {
    const { bytes } = item
    if (bytes === undefined) {
      this.#items.take()
      return void this.#sink.ended()
    }
    const chunk = bytes.subarray(0, this.#slow?.size)
    if (chunk.length < bytes.length) item.bytes = bytes.subarray(chunk.length)
    else this.#items.take()
    if (this.#slow !== undefined) this.#readsAt = now + this.#slow.interval
    this.#gone += chunk.length
    this.#sink.received(chunk)
    this.#take()
  }

  /** Whether a closed end answers this with a reset. Operating systems do so for bytes, but not for the end of a direction. */
  #refuse({ bytes }: Item): void {
    this.drop()
    if (bytes !== undefined && !this.#source.destroyed) this.#source.failed()
  }

  #arriveReset(): void {
    const both = this.#resetsBoth
    this.drop()
    if (!this.#sink.destroyed) this.#sink.failed()
    if (both && !this.#source.destroyed) this.#source.failed()
  }
}
