/**
 * The end of a connection in time: one absolute deadline, fixed when the end begins. Nothing that is taken, written or received
 * later renews it.
 *
 * | what is awaited                                          | until                    | then                      |
 * |----------------------------------------------------------|--------------------------|---------------------------|
 * | our output to be taken, their Close                      | begin + `closeTimeout`   | destroy                   |
 * | `autoClose: false`: the user's answer to their Close     | begin + `closeTimeout`   | our Close, with their code |
 * | that late Close to be taken                              | begin + 2 `closeTimeout` | destroy                   |
 * | the transport is to be ended: the peer's end of it       | begin + 2 `closeTimeout` | destroy                   |
 * | a client behind both Closes: the server ends the transport | 2 s within the above   | end                       |
 * | the same client, behind its own end                      | 2 s within the above     | destroy                   |
 *
 * @module
 */

import type { Bytes } from '../types.ts'

/** How long a client waits for the server to end the transport, and then once more. */
const CLIENT_WAIT = 2000

/** The end of one connection. Created when it begins. */
export class Deadline {
  /** When the end began; `undefined`: it counts from the next time passed in. */
  begun: number | undefined = undefined
  /** A client waits for the server to end the transport. */
  waits = false
  /** When that wait began, as above. */
  waitBegun: number | undefined = undefined
  /** Answers their Close if the user never does: the payload. */
  answer: Bytes | undefined = undefined
  /** It has answered. */
  answered = false
  /** The transport has ended, but received bytes are still unread. */
  readsOn = false
  /** Bytes received behind the close event. */
  excess = 0
  readonly #closeTimeout: number

  constructor(closeTimeout: number) {
    this.#closeTimeout = closeTimeout
  }

  /** A time was passed in, or is not known. */
  note(now: number | undefined): void {
    this.begun ??= now
    if (this.waits) this.waitBegun ??= now
  }

  /** The wait of a client begins, at `now` if known. */
  wait(now: number | undefined): void {
    this.waits = true
    this.waitBegun = now
  }

  /** When the time is over; `-Infinity`: its begin is not known. `ends`: the transport is to be ended. */
  at(ends: boolean): number {
    const { begun, waitBegun, answered } = this
    if (begun === undefined || (this.waits && waitBegun === undefined)) return -Infinity
    const last = begun + this.#closeTimeout * (ends || answered ? 2 : 1)
    return waitBegun === undefined ? last : Math.min(last, waitBegun + Math.min(CLIENT_WAIT, this.#closeTimeout))
  }
}
