/**
 * Limits the number of control frames in a span of time. Times are numbers that callers pass.
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
  /** Our pings without a pong so far. */
  unanswered = 0

  constructor(limits: ResolvedLimits) {
    this.limits = limits
  }

  /** We sent a ping: one pong is not counted. */
  pingSent(): void {
    this.unanswered++
  }

  /**
   * Counts a ping or pong from the peer.
   *
   * @param now When it arrived; `undefined`: unknown, so it is not counted, but an answer still counts as one.
   * @throws ProtocolError `too-many` (1008) past `limits.maxControlFrames`.
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
    // If the clock is set back, counting restarts.
    if (now - this.since >= controlWindow || now < this.since) {
      this.since = now
      this.count = 0
    }
    if (++this.count <= maxControlFrames) return
    const message = `more than ${maxControlFrames} control frames in ${controlWindow} units of time; limits.maxControlFrames is ${maxControlFrames}`
    throw new ProtocolError('too-many', message, { reference: 'RFC 6455 §10.4', closeCode: CloseCode.PolicyViolation })
  }
}
