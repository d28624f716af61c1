/**
 * How many control frames come in a span of time. Knows times as numbers that others tell.
 *
 * @module
 */

import { ProtocolError } from '../errors.ts'
import type { ResolvedLimits } from '../limits.ts'
import { CloseCode, Opcode } from '../registry/websocket.ts'

/** Counts the control frames of one peer, except the pongs that answer our pings. */
export class Flood {
  private readonly limits: ResolvedLimits
  private since = -Infinity
  private count = 0
  /** Our pings that no pong has come for. */
  unanswered = 0

  constructor(limits: ResolvedLimits) {
    this.limits = limits
  }

  /** A ping of ours goes out: one pong is free. */
  pingSent(): void {
    this.unanswered++
  }

  /**
   * One more ping or pong of the peer.
   *
   * @param now When it came; `undefined`: nobody knows, and it is not counted, but an answer is one all the same.
   * @throws ProtocolError `too-many` (1008) where that is more than `limits.maxControlFrames`.
   */
  receive(opcode: number, now: number | undefined): void {
    if (opcode === Opcode.Pong && this.unanswered > 0) {
      this.unanswered--
      return
    }
    if (now !== undefined) this.add(now)
  }

  private add(now: number): void {
    const { maxControlFrames, controlWindow } = this.limits
    // A clock that was set back begins anew.
    if (now - this.since >= controlWindow || now < this.since) {
      this.since = now
      this.count = 0
    }
    if (++this.count <= maxControlFrames) return
    const message = `more than ${maxControlFrames} control frames in ${controlWindow} units of time; limits.maxControlFrames is ${maxControlFrames}`
    throw new ProtocolError('too-many', message, { reference: 'RFC 6455 §10.4', closeCode: CloseCode.PolicyViolation })
  }
}
