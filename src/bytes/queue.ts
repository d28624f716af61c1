/**
 * A first-in, first-out queue. An array's own `shift` moves all other items if there are many.
 *
 * @module
 */

/** The number of slots of taken items that may stay empty, because moving the others takes time. */
const MAX_EMPTY = 1024

/** A queue without a size limit. `push` and `take` run in constant time on average. */
export class Queue<Item extends object | string> {
  private items: (Item | undefined)[] = []
  private start = 0

  get size(): number {
    return this.items.length - this.start
  }

  /** The oldest item; `undefined` if the queue is empty. */
  get first(): Item | undefined {
    return this.items[this.start]
  }

  push(item: Item): void {
    this.items.push(item)
  }

  /** Replaces the newest item; returns `false` if the queue is empty. */
  replaceLast(replace: (last: Item) => Item): boolean {
    const last = this.items.at(-1)
    if (last === undefined) return false
    this.items[this.items.length - 1] = replace(last)
    return true
  }

  /** Returns the queued items, oldest first. */
  list(): Item[] {
    return this.items.slice(this.start) as Item[]
  }

  /** Removes and returns the oldest item; `undefined` if the queue is empty. */
  take(): Item | undefined {
    const item = this.items[this.start]
    if (item === undefined) return undefined
    this.items[this.start++] = undefined
    // Compacting at half keeps the cost constant on average.
    if (this.start === this.items.length || (this.start >= MAX_EMPTY && 2 * this.start >= this.items.length)) {
      this.items.splice(0, this.start)
      this.start = 0
    }
    return item
  }
}
