/**
 * Keepalive, the round trips of pings, and the limit on control frames. Callers pass the times, in milliseconds; there is no timer.
 *
 * @module
 */

import { numberError } from '../arguments.ts'
import { ProtocolError } from '../errors.ts'
import { POLICY_VIOLATION } from '../frame/close.ts'
import { PONG } from '../frame/rules.ts'
import type { ResolvedLimits } from '../limits.ts'
import type { Bytes } from '../types.ts'

/**
 * How long a peer may be silent, in milliseconds.
 *
 * @category Connections
 */
export interface Keepalive {
  /** Silence after which the connection sends a ping. */
  readonly interval: number
  /**
   * Further silence after which the connection ends; after half of it, the connection sends a second ping. The time runs from when a ping
   * is taken, so it must be longer than the transport needs to send the output that it buffers.
   */
  readonly timeout: number
}

/** The options for times. */
interface TimeOptions {
  readonly keepalive: Keepalive | undefined
  readonly limits: ResolvedLimits
}

/** A ping without a pong so far. */
interface SentPing {
  readonly data: Uint8Array
  readonly at: number
}

/** The most pings that are remembered, so that a peer that never answers costs no more memory. */
const MAX_WAITING = 64

/** How often a timeout is postponed because nothing is read. */
const MAX_PUT_OFF = 10

/** The times of one open connection. Created only if needed. */
export class Times {
  readonly #options: TimeOptions
  /** When the current wait began; `undefined` if it begins at the next time passed in. */
  #since: number | undefined = undefined
  /** The current wait: 0 for bytes, 1 and 2 for the answer to the first and the second ping. */
  #stage = 0
  /** Whether a keepalive ping is still in the output. */
  #pingWaits = false
  /** Whether, during the current wait, output was taken while more was queued. */
  #moved = false
  /** The number of consecutive waits that began again because nothing is read. */
  #putOff = 0

  /** Our pings whose times are known, oldest first. */
  #waiting: SentPing[] | undefined = undefined
  #pings = 0

  /** The token bucket: the control frames counted, minus the frames that the elapsed time allows. */
  #counted = 0
  #countedAt: number | undefined = undefined
  /** The number of our pings without a pong so far. Their pongs are not counted as a flood. */
  unanswered = 0

  constructor(options: TimeOptions) {
    this.#options = options
  }

  // Keepalive
  //
  // What happens at the end of each wait:
  //
  // wait                | if output makes progress | if nothing is read        | otherwise
  // --------------------|--------------------------|---------------------------|-----------------------------------
  // interval            | ping, wait again         | ping, wait again          | ping, first half
  // first half          | the interval again       | ping, wait again          | another ping if the first was taken
  // second half         | the interval again       | ping, wait again          | the end
  //
  // A half runs from when its ping is taken, if that is later. Any byte from the peer starts the interval again. Output makes progress
  // if a part is taken while more is queued. If all output is taken, that proves nothing: a transport accepts it for a dead peer too.

  /** When to call {@link tick} next; `-Infinity` for at once, because the wait has no start yet; `undefined` for never. */
  get dueAt(): number | undefined {
    const { keepalive } = this.#options
    if (keepalive === undefined) return undefined
    return this.#since === undefined ? -Infinity : this.#since + this.#span(keepalive)
  }

  /** Records that bytes have arrived, at `now` if known. */
  heard(now: number | undefined): void {
    this.#since = now
    this.#stage = this.#putOff = 0
    if (now !== undefined) this.#refill(now)
  }

  /**
   * Records that output has been taken, at `now` if known.
   *
   * @param moves Whether more output is queued.
   * @param urgent Whether urgent frames are queued, which may include a ping.
   */
  outputTaken(now: number | undefined, moves: boolean, urgent: boolean): void {
    if (moves) this.#moved = true
    if (!this.#pingWaits || urgent) return
    this.#pingWaits = false
    if (this.#stage > 0) this.#since = now
  }

  /**
   * Handles the time `now`. If `ping` throws, nothing changes.
   *
   * @param waits Whether output is queued.
   * @param moving Whether the transport has sent some of the output that it buffers.
   * @param unread Whether the user has paused, or input is pending although no output is queued.
   * @param ping Queues a ping.
   * @returns Whether the connection has timed out.
   */
  tick(now: number, waits: boolean, moving: boolean, unread: boolean, ping: () => void): boolean {
    const { keepalive } = this.#options
    if (keepalive === undefined) return false
    this.#since ??= now
    // The same sum as in `dueAt`: rounding must not make the wait due there but not here.
    if (now < this.#since + this.#span(keepalive)) return false
    const moves = moving || (waits && this.#moved)
    const putsOff = !moves && unread && this.#putOff < MAX_PUT_OFF
    const stays = moves || putsOff
    if (this.#stage === 2 && !stays) return true
    if (!this.#pingWaits && !(moves && this.#stage > 0)) {
      ping()
      this.#pingWaits = true
    }
    if (putsOff) this.#putOff++
    if (!stays) this.#stage++
    // Output that was taken may need a long time, and the pong follows it: start again with the interval.
    else if (moves) this.#stage = 0
    this.#since = now
    this.#moved = false
    return false
  }

  /** Returns the length of the current wait. */
  #span({ interval, timeout }: Keepalive): number {
    return this.#stage === 0 ? interval : timeout / 2
  }

  // Round trips

  /** Returns the data for a keepalive ping: its number, in four bytes. */
  nextPingData(): Bytes {
    const number = ++this.#pings
    return Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number)
  }

  /** Records that a ping has been sent, at `now` if known. */
  pingSent(data: Uint8Array, now: number | undefined): void {
    this.unanswered++
    if (now === undefined) return
    this.#waiting ??= []
    if (this.#waiting.length === MAX_WAITING) this.#waiting.shift()
    this.#waiting.push({ data: new Uint8Array(data), at: now })
  }

  // "If an endpoint receives a Ping frame and has not yet sent Pong frame(s) in response to previous Ping frame(s), the endpoint
  // MAY elect to send a Pong frame for only the most recently processed Ping frame."                 RFC 6455 §5.5.3
  /**
   * Returns when the newest ping with this data was sent; `undefined` if unknown. Its pong also answers all earlier pings.
   */
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
   * Refills the token bucket for the elapsed time. While nothing is read, the bucket fills without a limit, because the peer's frames
   * accumulate too. The next refill drops the tokens that are left.
   */
  #refill(now: number): void {
    const { maxControlFrames, controlWindow } = this.#options.limits
    if (maxControlFrames === Infinity) return
    const elapsed = Math.max(0, now - (this.#countedAt ?? now))
    this.#counted = Math.max(0, this.#counted) - (elapsed / (controlWindow || 1)) * maxControlFrames
    this.#countedAt = now
  }

  /**
   * Counts a ping or pong from the peer, except the pongs that answer our pings.
   *
   * @param timed Whether the time of arrival is known. Otherwise the frame is not counted, but a pong still answers a ping.
   * @throws ProtocolError `too-many` (close code 1008) for more than `limits.maxControlFrames`.
   */
  countControlFrame(opcode: number, timed: boolean): void {
    if (opcode === PONG && this.unanswered > 0) {
      this.unanswered--
      return
    }
    const { maxControlFrames, controlWindow } = this.#options.limits
    if (!timed || ++this.#counted <= maxControlFrames) return
    const message = `more than ${maxControlFrames} control frames in ${controlWindow} ms; limits.maxControlFrames is ${maxControlFrames}`
    throw new ProtocolError('too-many', message, { reference: 'RFC 6455 §10.4', closeCode: POLICY_VIOLATION })
  }
}

/** Throws for an invalid time: `TypeError` if it is not a number, `RangeError` if it is not finite. */
export function requireTime(now: number): void {
  if (!Number.isFinite(now)) throw numberError(now, '`now`', 'a finite number')
}

/** Throws unless `span` is a time span: `TypeError` if it is not a number, `RangeError` if it is not above 0 or is above `most`. */
export function requireSpan(span: number, name: string, most: number = Infinity): void {
  if (!(typeof span === 'number' && span > 0 && span <= most))
    throw numberError(span, `\`${name}\``, most < Infinity ? 'a finite number above 0' : 'a number above 0')
}
