/**
 * Time-outs of a connection: a ping after silence, an end after more of it, and an end if a Close goes unanswered. Times are
 * numbers that callers pass, in any unit; there is no timer.
 *
 * @module
 */

import { checkOptionNames, describeValue } from '../arguments.ts'

/** How long silence may last, in the unit of `now`. */
export interface Keepalive {
  /** Silence after which a ping is sent. */
  readonly pingAfter: number
  /** Silence after that ping which ends the connection. */
  readonly failAfter: number
}

/** The members of {@link Keepalive}, for option checks. */
export const keepaliveNames: readonly (keyof Keepalive)[] = ['pingAfter', 'failAfter']

/** What is due. `'silent'`: a ping was not answered; `'unclosed'`: our Close was not. */
export type Due = 'ping' | 'silent' | 'unclosed'

/** The times of one connection. */
export class Clock {
  private readonly keepalive: Keepalive | undefined
  private readonly closeAfter: number | undefined
  /** When the current wait began; `undefined`: it begins at the next time passed in. */
  private since: number | undefined = undefined
  private pinged = false
  private closing = false

  /** @throws RangeError for times that are not above 0, TypeError for non-numbers. */
  constructor(keepalive: Keepalive | undefined, closeAfter: number | undefined) {
    if (keepalive !== undefined) {
      checkOptionNames(keepalive, keepaliveNames, '`keepalive`')
      checkSpan('keepalive.pingAfter', keepalive.pingAfter)
      checkSpan('keepalive.failAfter', keepalive.failAfter)
    }
    if (closeAfter !== undefined) checkSpan('closeAfter', closeAfter)
    this.keepalive = keepalive
    this.closeAfter = closeAfter
  }

  /** When to call {@link tick} next: `-Infinity`: at once, because the wait has no start yet; `undefined`: never. */
  get dueAt(): number | undefined {
    const { span, since } = this
    if (span === undefined) return undefined
    return since === undefined ? -Infinity : since + span
  }

  /** Bytes arrived, at `now` if known. */
  heard(now: number | undefined): void {
    if (this.closing) return
    this.since = now
    this.pinged = false
  }

  /** The close has begun, at `now` if known: keepalive ends, and the time it takes counts. */
  startClosing(now: number | undefined): void {
    if (this.closing) return
    this.closing = true
    this.since = now
  }

  /** It is `now`. A ping stays due until {@link pingSent} is called. */
  tick(now: number): Due | undefined {
    const { span } = this
    if (span === undefined) return undefined
    this.since ??= now
    // The same sum as `dueAt`: rounding must not make it due there but not here.
    if (now < this.since + span) return undefined
    if (this.closing) return 'unclosed'
    return this.pinged ? 'silent' : 'ping'
  }

  /** The ping that was due has been sent, at `now`. */
  pingSent(now: number): void {
    this.since = now
    this.pinged = true
  }

  /** How long the current wait may last. */
  private get span(): number | undefined {
    // Keepalive also covers peers that die while closing.
    if (this.closing) return this.closeAfter ?? this.keepalive?.failAfter
    return this.pinged ? this.keepalive?.failAfter : this.keepalive?.pingAfter
  }
}

/** Throws for an invalid `now`: `TypeError` if it is not a number, `RangeError` if it is not finite. */
export function checkTime(now: number | undefined): void {
  if (now === undefined || Number.isFinite(now)) return
  if (typeof now !== 'number') throw new TypeError(`\`now\` must be a number, not ${describeValue(now)}`)
  throw new RangeError(`\`now\` must be a finite number, not ${now}`)
}

function checkSpan(name: string, span: number): void {
  if (typeof span !== 'number') throw new TypeError(`\`${name}\` must be a number, not ${describeValue(span)}`)
  if (!(span > 0)) throw new RangeError(`\`${name}\` must be a span of time above 0, not ${span}`)
}
