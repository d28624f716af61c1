/**
 * A message on its way out, as its sender holds it: checked whole, or written piece by piece. Knows which message a handle is
 * for; not how it is sent.
 *
 * @module
 */

import { describeValue } from '../arguments.ts'
import { nothing, requireBytes } from '../bytes/view.ts'
import { requireWellFormed } from '../frame/surrogates.ts'
import type { Outgoing } from './outgoing.ts'

/** Throws `TypeError` for what can't be a message. */
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

/** A message of a length that nobody knows yet. While it is open no other message can be sent; pings, pongs and a Close can. */
export interface OutgoingMessage {
  /**
   * The next piece: a frame, or several if `fragmentSize` is smaller. A string may end between the halves of a surrogate pair.
   *
   * @returns `false`: the connection no longer sends, and nothing was taken.
   * @throws TypeError for a string in a binary message, and after `end`.
   */
  write(piece: string | Uint8Array): boolean
  /** The last piece, which may be empty; otherwise as `write`. */
  end(piece?: string | Uint8Array): boolean
}

/** For who begins one when nothing is sent any more. */
export const noMessage: OutgoingMessage = /* @__PURE__ */ Object.freeze({ write: () => false, end: () => false })

/** Pieces of one message, for who opened it. */
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
