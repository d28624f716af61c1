/**
 * An outgoing message in the sender's hands: checked whole, or written piece by piece. Pieces pass on to `outgoing.ts`.
 *
 * @module
 */

import { describeValue } from '../arguments.ts'
import { nothing, requireBytes } from '../bytes/view.ts'
import { requireWellFormed } from '../frame/encode.ts'
import type { Outgoing } from './outgoing.ts'

/** Throws `TypeError` for an invalid message. */
export function checkMessage(type: 'text' | 'binary', data: string | Uint8Array, refusesLone: boolean): void {
  if (type !== 'text' && type !== 'binary') throw wrongType(type)
  if (typeof data !== 'string') requireBytes(data, 'a message that is no string')
  else if (type === 'binary') throw new TypeError('a binary message must be a Uint8Array, not a string')
  else if (refusesLone) requireWellFormed(data)
}

function wrongType(type: unknown): TypeError {
  const hint = type === 'encoded' ? '; `sendEncoded` sends what an extension has encoded' : ''
  return new TypeError(`a message is of type 'text' or 'binary', not ${describeValue(type)}${hint}`)
}

/** A message of unknown length. While it is open no other message can be sent; pings, pongs and a Close can. */
export interface OutgoingMessage {
  /**
   * Sends the next piece: a frame, or several if `fragmentSize` is smaller. A string may end between the halves of a surrogate
   * pair.
   *
   * @returns `false`: the connection no longer sends, and nothing was queued.
   * @throws TypeError for a string in a binary message, and after `end`.
   */
  write(piece: string | Uint8Array): boolean
  /** Sends the last piece, which may be empty; otherwise like `write`. */
  end(piece?: string | Uint8Array): boolean
}

/** Returned when the connection no longer sends. */
export const noMessage: OutgoingMessage = /* @__PURE__ */ Object.freeze({ write: () => false, end: () => false })

/** Writes the pieces of one message. */
export class MessageWriter implements OutgoingMessage {
  private ended = false
  private readonly outgoing: Outgoing
  private readonly number: number
  private readonly sends: () => boolean

  constructor(outgoing: Outgoing, sends: () => boolean) {
    this.outgoing = outgoing
    this.number = outgoing.number
    this.sends = sends
  }

  write(piece: string | Uint8Array): boolean {
    return this.add(piece, false)
  }

  end(piece: string | Uint8Array = nothing): boolean {
    return this.add(piece, true)
  }

  private add(piece: string | Uint8Array, last: boolean): boolean {
    if (this.ended) throw new TypeError('this message has ended')
    if (!this.sends()) return false
    if (this.number !== this.outgoing.number) throw new TypeError('this message has ended, and another one has begun')
    this.outgoing.addPiece(piece, last)
    this.ended = last
    return true
  }
}
