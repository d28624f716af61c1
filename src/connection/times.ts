/**
 * The time-dependent state of a connection, created only if it is needed.
 *
 * @module
 */

import type { ResolvedLimits } from '../limits.ts'
import { Clock } from './clock.ts'
import type { TextForm } from './events.ts'
import { Flood } from './flood.ts'
import type { ConnectionOptions } from './options.ts'
import { Pings } from './pings.ts'

/** The times of one connection. */
export class Times {
  readonly clock: Clock
  private sent: Pings | undefined = undefined
  private counted: Flood | undefined = undefined
  private readonly limits: ResolvedLimits

  /** @throws RangeError for times that are not above 0, TypeError for non-numbers. */
  constructor({ keepalive, closeAfter }: ConnectionOptions<TextForm, boolean>, limits: ResolvedLimits) {
    this.clock = new Clock(keepalive, closeAfter)
    this.limits = limits
  }

  get pings(): Pings {
    this.sent ??= new Pings()
    return this.sent
  }

  /** Our pings without a pong so far. */
  get unanswered(): number {
    return this.counted?.unanswered ?? 0
  }

  get flood(): Flood {
    this.counted ??= new Flood(this.limits)
    return this.counted
  }
}
