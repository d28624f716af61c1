/**
 * Everything about time on a connection: keepalive, the limit on closing, round trips of pings, and the limit on control frames.
 * Times are numbers that callers pass, in any unit; there is no timer.
 *
 * @module
 */

import { numberError } from '../arguments.ts'
import { ProtocolError } from '../errors.ts'
import { POLICY_VIOLATION } from '../frame/close.ts'
import { PONG } from '../frame/rules.ts'
import type { ResolvedLimits } from '../limits.ts'
import type { Bytes } from '../types.ts'

/** How long silence may last, in the unit of `now`. */
export interface Keepalive {
  /** Silence after which a ping is sent. */
  readonly interval: number
  /** Silence after that ping which ends the connection. */
  readonly timeout: number
}

/** What is due. `'silent'`: a ping was not answered; `'unclosed'`: our Close was not. */
export type Due = 'ping' | 'silent' | 'unclosed'

/** The options that have to do with time. */
interface TimeOptions {
  readonly keepalive: Keepalive | undefined
  readonly closeTimeout: number | undefined
  readonly limits: ResolvedLimits
}

/** A ping that waits for its pong. */
interface SentPing {
  readonly data: Uint8Array
  readonly at: number
}

/** The most pings that are remembered: a peer that never answers costs no more. */
const MAX_WAITING = 64

/** The times of one connection. Created only if it is needed. */
export class Times {
  readonly #options: TimeOptions
  /** When the current wait began; `undefined`: it begins at the next time passed in. */
  #since: number | undefined = undefined
  #pinged = false
  #closing = false

  /** Our pings whose times are known, oldest first. */
  #waiting: SentPing[] | undefined = undefined
  #pings = 0

  #windowStart = -Infinity
  #controlFrames = 0
  /** Our pings without a pong so far: their pongs are not counted as a flood. */
  unanswered = 0

  constructor(options: TimeOptions) {
    this.#options = options
  }

  // Keepalive and closing

  /** When to call {@link tick} next: `-Infinity`: at once, because the wait has no start yet; `undefined`: never. */
  get dueAt(): number | undefined {
    const span = this.#span()
    if (span === undefined) return undefined
    return this.#since === undefined ? -Infinity : this.#since + span
  }

  /** Bytes arrived, at `now` if known. */
  heard(now: number | undefined): void {
    if (this.#closing) return
    this.#since = now
    this.#pinged = false
  }

  /** The close has begun, at `now` if known: keepalive ends, and the time that closing takes counts. */
  startClosing(now: number | undefined): void {
    if (this.#closing) return
    this.#closing = true
    this.#since = now
  }

  /** It is `now`. A ping stays due until {@link keepalivePingSent} is called. */
  tick(now: number): Due | undefined {
    const span = this.#span()
    if (span === undefined) return undefined
    this.#since ??= now
    // The same sum as `dueAt`: rounding must not make it due there but not here.
    if (now < this.#since + span) return undefined
    if (this.#closing) return 'unclosed'
    return this.#pinged ? 'silent' : 'ping'
  }

  /** The ping that was due has been sent, at `now`. */
  keepalivePingSent(now: number): void {
    this.#since = now
    this.#pinged = true
  }

  /** How long the current wait may last. */
  #span(): number | undefined {
    const { keepalive, closeTimeout } = this.#options
    // Keepalive also covers peers that die while closing.
    if (this.#closing) return closeTimeout ?? keepalive?.timeout
    return this.#pinged ? keepalive?.timeout : keepalive?.interval
  }

  // Round trips

  /** Data for a keepalive ping: its number, in four bytes. */
  nextPingData(): Bytes {
    const number = ++this.#pings
    return Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number)
  }

  /** A ping has been sent, at `now` if known. */
  pingSent(data: Uint8Array, now: number | undefined): void {
    this.unanswered++
    if (now === undefined) return
    this.#waiting ??= []
    if (this.#waiting.length === MAX_WAITING) this.#waiting.shift()
    this.#waiting.push({ data: new Uint8Array(data), at: now })
  }

  // "If an endpoint receives a Ping frame and has not yet sent Pong frame(s) in response to previous Ping frame(s), the endpoint
  // MAY elect to send a Pong frame for only the most recently processed Ping frame."                 RFC 6455 §5.5.3
  /** When the newest ping with this data was sent; its pong answers all pings before it too. `undefined`: unknown. */
  answered(data: Uint8Array): number | undefined {
    const waiting = this.#waiting ?? []
    for (let index = waiting.length - 1; index >= 0; index--) {
      const { data: expected, at } = waiting[index] as SentPing
      if (expected.length !== data.length || expected.some((byte, i) => byte !== data[i])) continue
      waiting.splice(0, index + 1)
      return at
    }
    return undefined
  }

  // Control frames

  /**
   * Counts a ping or pong from the peer, except the pongs that answer our pings.
   *
   * @param now When it arrived; `undefined`: unknown, so it is not counted, but an answer still counts as one.
   * @throws ProtocolError `too-many` (1008) past `limits.maxControlFrames`.
   */
  countControlFrame(opcode: number, now: number | undefined): void {
    const { maxControlFrames, controlWindow } = this.#options.limits
    if (opcode === PONG && this.unanswered > 0) this.unanswered--
    else if (now !== undefined) {
      // If the clock is set back, counting restarts.
      if (now - this.#windowStart >= controlWindow || now < this.#windowStart) {
        this.#windowStart = now
        this.#controlFrames = 0
      }
      if (++this.#controlFrames <= maxControlFrames) return
      const message = `more than ${maxControlFrames} control frames in ${controlWindow}; limits.maxControlFrames`
      throw new ProtocolError('too-many', message, {
        reference: 'RFC 6455 §10.4',
        closeCode: POLICY_VIOLATION,
      })
    }
  }
}

/** Throws for an invalid `now`: `TypeError` if it is not a number, `RangeError` if it is not finite. */
export function requireTime(now: number): void {
  if (!Number.isFinite(now)) throw numberError(now, '`now`', 'a finite number')
}

/** Throws unless `span` is a span of time: `TypeError` if it is not a number, `RangeError` if it is not above 0. */
export function requireSpan(span: number, name: string): void {
  if (!(typeof span === 'number' && span > 0)) throw numberError(span, `\`${name}\``, 'a number above 0')
}
