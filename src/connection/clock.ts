/**
 * What time asks of a connection: a ping after silence, an end after more of it, and an end where a Close stays unanswered. Knows
 * times as numbers that others tell, in any unit; no timer.
 *
 * @module
 */

import { describeValue } from '../arguments.ts'

/** How long silence may last, in the unit of the `now` that is told. */
export interface Keepalive {
  /** Silence after which a ping goes out. */
  readonly pingAfter: number
  /** Silence behind that ping after which the connection is over. */
  readonly failAfter: number
}

/** What is due. `'silent'`: a ping stayed without any answer; `'unclosed'`: our Close did. */
export type Due = 'ping' | 'silent' | 'unclosed'

/** The times of one connection. */
export class Clock {
  private readonly keepalive: Keepalive | undefined
  private readonly closeAfter: number | undefined
  /** When the current wait began; `undefined`: when the next time is told. */
  private since: number | undefined = undefined
  private pinged = false
  private closing = false

  /** @throws RangeError for times that are no numbers above 0. */
  constructor(keepalive: Keepalive | undefined, closeAfter: number | undefined) {
    if (keepalive !== undefined) {
      checkSpan('keepalive.pingAfter', keepalive.pingAfter)
      checkSpan('keepalive.failAfter', keepalive.failAfter)
    }
    if (closeAfter !== undefined) checkSpan('closeAfter', closeAfter)
    this.keepalive = keepalive
    this.closeAfter = closeAfter
  }

  /** When to {@link tick} next: `-Infinity`: at once, for the wait has no beginning yet; `undefined`: no need. */
  get dueAt(): number | undefined {
    const { span, since } = this
    if (span === undefined) return undefined
    return since === undefined ? -Infinity : since + span
  }

  /** Bytes came, at `now`, if that is known. */
  heard(now: number | undefined): void {
    if (this.closing) return
    this.since = now
    this.pinged = false
  }

  /** The end has begun, at `now`, if that is known: keepalive is over, and what counts is how long it takes. */
  startClosing(now: number | undefined): void {
    if (this.closing) return
    this.closing = true
    this.since = now
  }

  /** It is `now`. A ping is due until {@link pingSent} is told. */
  tick(now: number): Due | undefined {
    const { span } = this
    if (span === undefined) return undefined
    this.since ??= now
    // The very sum that was told: rounding must not make it due there and not here.
    if (now < this.since + span) return undefined
    if (this.closing) return 'unclosed'
    return this.pinged ? 'silent' : 'ping'
  }

  /** The ping that was due has gone out, at `now`. */
  pingSent(now: number): void {
    this.since = now
    this.pinged = true
  }

  /** How long the current wait may last. */
  private get span(): number | undefined {
    // Who watches for dead peers means those that die while they close as well.
    if (this.closing) return this.closeAfter ?? this.keepalive?.failAfter
    return this.pinged ? this.keepalive?.failAfter : this.keepalive?.pingAfter
  }
}

/** Throws for a `now` that is given and is no time: `TypeError` where it is no number, `RangeError` where it is not finite. */
export function checkTime(now: number | undefined): void {
  if (now === undefined || Number.isFinite(now)) return
  if (typeof now !== 'number') throw new TypeError(`\`now\` must be a number, not ${describeValue(now)}`)
  throw new RangeError(`\`now\` must be a finite number, not ${now}`)
}

function checkSpan(name: string, span: number): void {
  if (!(span > 0)) throw new RangeError(`${name} is a span of time above 0, not ${span}`)
}
