/**
 * How long the end of a connection may take: one absolute deadline, fixed when the end begins. Nothing that is taken, written or received
 * later extends it.
 *
 * | the connection waits for                                   | until                    | then                       |
 * |------------------------------------------------------------|--------------------------|----------------------------|
 * | its output to be taken, the peer's Close                   | begin + `closeTimeout`   | destroy                    |
 * | with `autoClose: false`, the user's answer to the Close    | begin + `closeTimeout`   | our Close, with their code |
 * | that late Close to be taken                                | begin + 2 `closeTimeout` | destroy                    |
 * | the peer to end the transport, after our end of it         | begin + 2 `closeTimeout` | destroy                    |
 * | (a client, after both Closes) the server to end it         | 2 s, within the above    | end                        |
 * | (the same client, after its own end) the server to end it  | 2 s, within the above    | destroy                    |
 *
 * @module
 */

import type { Bytes } from '../types.ts'

/** How long a client waits for the server to end the transport, before and again after its own end. Milliseconds. */
const CLIENT_WAIT = 2000

/** The deadline of one connection. Created when its end begins. */
export class Deadline {
  /** When the end began; `undefined` until a time is passed in. */
  begun: number | undefined = undefined
  /** Whether a client waits for the server to end the transport. */
  waits = false
  /** When that wait began; `undefined` until a time is passed in. */
  waitBegun: number | undefined = undefined
  /** The payload of the Close that answers the peer's Close if the user does not. */
  answer: Bytes | undefined = undefined
  /** Whether that Close has been sent. */
  answered = false
  /** Whether the transport has ended while received bytes are still unread. */
  readsOn = false
  /** Bytes received after the close event. */
  excess = 0
  readonly #closeTimeout: number

  constructor(closeTimeout: number) {
    this.#closeTimeout = closeTimeout
  }

  /** Records a time that was passed in, if known. */
  note(now: number | undefined): void {
    this.begun ??= now
    if (this.waits) this.waitBegun ??= now
  }

  /** Begins the wait of a client, at `now` if known. */
  wait(now: number | undefined): void {
    this.waits = true
    this.waitBegun = now
  }

  /**
   * Returns the time of the deadline; `-Infinity` if its beginning is not known.
   *
   * @param ends Whether the transport is to be ended.
   */
  at(ends: boolean): number {
    const { begun, waitBegun, answered } = this
    if (begun === undefined || (this.waits && waitBegun === undefined)) return -Infinity
    const last = begun + this.#closeTimeout * (ends || answered ? 2 : 1)
    return waitBegun === undefined ? last : Math.min(last, waitBegun + Math.min(CLIENT_WAIT, this.#closeTimeout))
  }
}
