/**
 * How many control frames come in a span of time. Knows times as numbers that others tell.
 *
 * @module
 */

import { ProtocolError } from '../errors.ts'
import type { ResolvedLimits } from '../limits.ts'

/** Counts the control frames of one peer. */
export class Flood {
  private readonly limits: ResolvedLimits
  private since = -Infinity
  private count = 0

  constructor(limits: ResolvedLimits) {
    this.limits = limits
  }

  /** One more, at `now`. Throws ProtocolError `too-many` (1009) where that is more than `limits.maxControlFrames`. */
  add(now: number): void {
    const { maxControlFrames, controlWindow } = this.limits
    // A clock that was set back begins anew.
    if (now - this.since >= controlWindow || now < this.since) {
      this.since = now
      this.count = 0
    }
    if (++this.count <= maxControlFrames) return
    const message = `more than ${maxControlFrames} control frames in ${controlWindow} units of time; limits.maxControlFrames is ${maxControlFrames}`
    throw new ProtocolError('too-many', message, { reference: 'RFC 6455 §10.4', closeCode: 1009 })
  }
}
