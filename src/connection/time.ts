/**
 * Keepalive, round trips of pings, and the limit on control frames. Times are numbers that callers pass, in milliseconds; there is
 * no timer.
 *
 * @module
 */

import { numberError } from '../arguments.ts'
import { ProtocolError } from '../errors.ts'
import { POLICY_VIOLATION } from '../frame/close.ts'
import { PONG } from '../frame/rules.ts'
import type { ResolvedLimits } from '../limits.ts'
import type { Bytes } from '../types.ts'

/** How long silence may last, in milliseconds. */
export interface Keepalive {
  /** Silence after which a ping is sent. */
  readonly interval: number
  /**
   * Further silence that ends the connection; after half of it a second ping is sent. It counts from when a ping is taken, so it
   * must be longer than the transport takes to send what it buffers.
   */
  readonly timeout: number
}

/** The options that have to do with time. */
interface TimeOptions {
  readonly keepalive: Keepalive | undefined
  readonly limits: ResolvedLimits
}

/** A ping that waits for its pong. */
interface SentPing {
  readonly data: Uint8Array
  readonly at: number
}

/** The most pings that are remembered: a peer that never answers costs no more. */
const MAX_WAITING = 64

/** How often a verdict is put off because nothing is read. */
const MAX_PUT_OFF = 10

/** The times of one open connection. Created only if it is needed. */
export class Times {
  readonly #options: TimeOptions
  /** When the current wait began; `undefined`: it begins at the next time passed in. */
  #since: number | undefined = undefined
  /** The wait: 0 for bytes, 1 and 2 for the answer to the first and to the second ping. */
  #stage = 0
  /** A ping of keepalive waits in the output. */
  #pingWaits = false
  /** Output was taken while more waited, since the last wait. */
  #moved = false
  /** Waits that began again because nothing is read. */
  #putOff = 0

  /** Our pings whose times are known, oldest first. */
  #waiting: SentPing[] | undefined = undefined
  #pings = 0

  /** The token bucket: control frames counted, less those that the time since has allowed. */
  #counted = 0
  #countedAt: number | undefined = undefined
  /** Our pings without a pong so far: their pongs are not counted as a flood. */
  unanswered = 0

  constructor(options: TimeOptions) {
    this.#options = options
  }

  // Keepalive
  //
  // over                | output waits, and moved | nothing is read            | else
  // --------------------|-------------------------|----------------------------|-----------------------------------
  // interval            | ping, wait anew         | ping, wait anew            | ping
  // first half          | the interval anew       | ping, wait anew            | if its ping was taken, another one
  // second half         | the interval anew       | ping, wait anew            | the end
  //
  // A half runs from when its ping is taken, if that is later. Any byte from the peer leads back to the interval. Output that is
  // taken with nothing left behind it is no life: the transport takes it for a dead peer, too.

  /** When to call {@link tick} next: `-Infinity`: at once, because the wait has no start yet; `undefined`: never. */
  get dueAt(): number | undefined {
    const { keepalive } = this.#options
    if (keepalive === undefined) return undefined
    return this.#since === undefined ? -Infinity : this.#since + this.#span(keepalive)
  }

  /** Bytes arrived, at `now` if known. */
  heard(now: number | undefined): void {
    this.#since = now
    this.#stage = this.#putOff = 0
    if (now !== undefined) this.#refill(now)
  }

  /**
   * Output was taken, at `now` if known.
   *
   * @param moves More is left.
   * @param urgent Urgent frames are left: a ping may be among them.
   */
  outputTaken(now: number | undefined, moves: boolean, urgent: boolean): void {
    if (moves) this.#moved = true
    if (!this.#pingWaits || urgent) return
    this.#pingWaits = false
    if (this.#stage > 0) this.#since = now
  }

  /**
   * It is `now`. If `ping` throws, nothing has happened.
   *
   * @param waits Output waits.
   * @param moving The transport gets rid of output that it has taken.
   * @param unread The user has paused, or input is pending for another reason than output that waits.
   * @returns Whether it is over.
   */
  tick(now: number, waits: boolean, moving: boolean, unread: boolean, ping: () => void): boolean {
    const { keepalive } = this.#options
    if (keepalive === undefined) return false
    this.#since ??= now
    // The same sum as `dueAt`: rounding must not make it due there but not here.
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
    // What has been taken may still be long on its way, and an answer comes behind it: all of the time begins anew.
    else if (moves) this.#stage = 0
    this.#since = now
    this.#moved = false
    return false
  }

  /** How long the current wait lasts. */
  #span({ interval, timeout }: Keepalive): number {
    return this.#stage === 0 ? interval : timeout / 2
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
   * Time allows more control frames. They add up without a limit while nothing is read, because then a peer's frames add up as well;
   * what is left of them is limited at the next reading.
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
   * @param timed Whether it is known when it arrived; otherwise it is not counted, but an answer still counts as one.
   * @throws ProtocolError `too-many` (1008) past `limits.maxControlFrames`.
   */
  countControlFrame(opcode: number, timed: boolean): void {
    if (opcode === PONG && this.unanswered > 0) {
      this.unanswered--
      return
    }
    const { maxControlFrames, controlWindow } = this.#options.limits
    if (!timed || ++this.#counted <= maxControlFrames) return
    const message = `more than ${maxControlFrames} control frames in ${controlWindow} ms; limits.maxControlFrames`
    throw new ProtocolError('too-many', message, { reference: 'RFC 6455 §10.4', closeCode: POLICY_VIOLATION })
  }
}

/** Throws for an invalid time: `TypeError` if it is not a number, `RangeError` if it is not finite. */
export function requireTime(now: number): void {
  if (!Number.isFinite(now)) throw numberError(now, '`now`', 'a finite number')
}

/** Throws unless `span` is a span of time: `TypeError` if it is not a number, `RangeError` if it is not above 0 or
 * above `most`. */
export function requireSpan(span: number, name: string, most: number = Infinity): void {
  if (!(typeof span === 'number' && span > 0 && span <= most))
    throw numberError(span, `\`${name}\``, most < Infinity ? 'a finite number above 0' : 'a number above 0')
}
