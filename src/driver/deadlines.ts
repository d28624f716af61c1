/**
 * The deadlines of an endpoint: a heap of items ordered by when they are due, and one timer for all of them.
 *
 * @module
 */

import type { Timers } from '../platform/timers.ts'

/** An item that may have a deadline. */
export interface Timed {
  /** When it is due, if it has a deadline: an integer, because that needs no allocation. Only `Deadlines` sets it. */
  dueAt: number
  /** Its place in the heap, or -1 if it has no deadline. Only `Deadlines` sets it. */
  place: number
  /** Called when it is due; it has no deadline any more. */
  due(now: number): void
}

/** The deadlines of an endpoint. */
export class Deadlines {
  readonly #timers: Timers
  readonly #keepsProcess: () => boolean
  /** A binary heap: each item is due no earlier than its parent, the item at half its place. */
  readonly #heap: Timed[] = []
  #timer: unknown = undefined
  /** When the timer fires, or Infinity if it is not set. */
  #firesAt = Infinity
  #timerKeeps = false
  /** The timer has fired, and the runtime first reads the bytes that have arrived. */
  #judging = false

  /** @param keepsProcess Whether there are sockets that only a deadline releases, so that the timer must keep the process alive. */
  constructor(timers: Timers, keepsProcess: () => boolean) {
    this.#timers = timers
    this.#keepsProcess = keepsProcess
  }

  /** Sets or moves the deadline of an item. */
  set(item: Timed, at: number): void {
    item.dueAt = Math.ceil(at)
    if (item.place === -1) {
      item.place = this.#heap.length
      this.#heap.push(item)
    }
    this.#sift(item)
    this.arm()
  }

  /** Does the same, unless the item has an earlier deadline: `due` then checks again. */
  setLatest(item: Timed, at: number): void {
    if (item.place === -1 || Math.ceil(at) < item.dueAt) this.set(item, at)
  }

  /** Removes the deadline of an item, if it has one. */
  remove(item: Timed): void {
    this.#take(item)
    this.arm()
  }

  /** All items that have a deadline. */
  get items(): readonly Timed[] {
    return this.#heap
  }

  #take(item: Timed): void {
    const { place } = item
    if (place === -1) return
    item.place = -1
    const last = this.#heap.pop() as Timed
    if (last === item) return
    this.#heap[place] = last
    last.place = place
    this.#sift(last)
  }

  /** Moves an item up or down to where it belongs. */
  #sift(item: Timed): void {
    const heap = this.#heap
    let { place } = item
    while (place > 0) {
      const parent = heap[(place - 1) >> 1] as Timed
      if (parent.dueAt <= item.dueAt) break
      put(heap, place, parent)
      place = (place - 1) >> 1
    }
    for (;;) {
      let child = 2 * place + 1
      if (child >= heap.length) break
      const right = heap[child + 1]
      if (right !== undefined && right.dueAt < (heap[child] as Timed).dueAt) child++
      const earlier = heap[child] as Timed
      if (item.dueAt <= earlier.dueAt) break
      put(heap, place, earlier)
      place = child
    }
    put(heap, place, item)
  }

  /**
   * Sets the timer for the earliest deadline. Also called when the result of `keepsProcess` may have changed. The timer may fire too early,
   * for a deadline that was moved, but never too late.
   */
  arm(): void {
    if (this.#judging) return
    const first = this.#heap[0]
    const at = first === undefined ? Infinity : first.dueAt
    const keeps = this.#keepsProcess()
    const isSet = this.#firesAt !== Infinity
    // A deadline may be infinite; no timer is needed then.
    if (at === Infinity ? !isSet : this.#firesAt <= at && keeps === this.#timerKeeps) return
    if (isSet) this.#timers.clear(this.#timer)
    this.#firesAt = at
    if (at === Infinity) return
    this.#timerKeeps = keeps
    const wait = Math.max(0, Math.ceil(at - this.#timers.now()))
    this.#timer = this.#timers.set(() => this.#fire(), wait, keeps)
  }

  /**
   * Runs what is due, after the runtime has read the bytes that have arrived. A runtime runs timers before it reads: after a blocked event
   * loop or a sleep, the awaited answer may have arrived long ago.
   */
  #fire(): void {
    this.#judging = true
    this.#timers.soon(() => {
      const now = this.#timers.now()
      const due: Timed[] = []
      for (let first = this.#heap[0]; first !== undefined && first.dueAt <= now; first = this.#heap[0]) {
        due.push(first)
        this.#take(first)
      }
      let next = 0
      try {
        for (; next < due.length; next++) (due[next] as Timed).due(now)
      } finally {
        // If one throws, because its stream was misused, the others must keep their deadlines.
        for (const item of due.slice(next + 1)) this.setLatest(item, now)
        this.#judging = false
        this.#firesAt = Infinity
        this.arm()
      }
    })
  }
}

function put(heap: Timed[], place: number, item: Timed): void {
  heap[place] = item
  item.place = place
}
