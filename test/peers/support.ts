/**
 * What every test with a real peer needs: the example servers as processes of their own, waiting with a deadline, and chance
 * that can be repeated.
 */

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** No test waits for time to pass; this only ends one that waits for what never comes. */
const DEADLINE = 30_000

/** For tests that may use up the deadline: longer than it, so that the deadline, which says more, is met first. */
export const PATIENT: number = DEADLINE + 10_000

/** Fails with the name of what did not come. */
export async function within<Result>(promise: Promise<Result>, what: string): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`still waiting for ${what}`)), DEADLINE)
  })
  try {
    return await Promise.race([promise, deadline])
  } finally {
    clearTimeout(timer)
  }
}

/** What came, in order, for one reader who takes it piece by piece. */
export class Inbox<Item> {
  private readonly items: Item[] = []
  private wake = (): void => {}

  readonly push = (item: Item): void => {
    this.items.push(item)
    this.wake()
  }

  async next(what = 'the next event'): Promise<Item> {
    while (this.items.length === 0) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.wake = resolve
      await within(promise, what)
    }
    return this.items.shift() as Item
  }
}

export interface Host {
  readonly port: number
  /** With `ws:`. */
  readonly url: string
  stop(): Promise<void>
}
