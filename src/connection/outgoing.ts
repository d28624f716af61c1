/**
 * Outgoing messages, from the sending API to frames: whole, in pieces, or prepared; one at a time, with control frames between (RFC
 * 6455 §5.4). Passes them through extensions and rejects misuse.
 *
 * @module
 */

import { describeValue } from '../arguments.ts'
import { decodeBase64, encodeBase64 } from '../bytes/base64.ts'
import { join } from '../bytes/join.ts'
import { requireFlag, requireInteger, requireObject } from '../bytes/plain.ts'
import { requireBytes } from '../bytes/view.ts'
import type { Pipeline } from '../extensions/pipeline.ts'
import { requireWellFormed } from '../frame/encode.ts'
import { encodeUtf8 } from '../platform/text.ts'
import { Opcode } from '../registry/websocket.ts'
import type { Output } from './output.ts'
import { type PreparedMessage, SharedFrame } from './prepared.ts'

/** The state of outgoing messages, as plain data. */
export interface OutgoingState {
  readonly opened: number
  readonly begun: boolean
  readonly compress?: boolean | undefined
  readonly held: string
  /** Output not taken yet, base64. */
  readonly waiting: string
}

/** The outgoing messages of one connection. */
export class Outgoing {
  readonly output: Output
  private readonly pipeline: Pipeline | undefined
  private readonly refusesLone: boolean
  /** Counts messages in pieces, including those of connections that used this object before. */
  number = 0
  /** The opcode of the open message; 0: there is none. */
  private opened = 0
  private begun = false
  private compress: boolean | undefined = undefined
  /** A high surrogate whose other half may come with the next piece. */
  private held = ''
  /** Why no message can follow. */
  private failure: { readonly error: unknown } | undefined = undefined

  constructor(output: Output, pipeline: Pipeline | undefined, refusesLone: boolean) {
    this.output = output
    this.pipeline = pipeline
    this.refusesLone = refusesLone
  }

  /** Whether it is empty: no message is open, and all output has been taken. */
  get atRest(): boolean {
    return this.opened === 0 && this.output.isEmpty && this.failure === undefined
  }

  /** The state as plain data, including waiting output; `undefined`: no message can follow. */
  snapshot(): OutgoingState | undefined {
    if (this.failure !== undefined) return undefined
    const { opened, begun, compress, held } = this
    return { opened, begun, compress, held, waiting: encodeBase64(this.output.copy()) }
  }

  resume(state: OutgoingState): void {
    const { opened, begun, compress, held, waiting } = requireObject(state)
    this.opened = requireInteger(opened, 0, Opcode.Binary)
    this.begun = requireFlag(begun)
    this.compress = compress === undefined ? undefined : requireFlag(compress)
    this.held = requireHeld(held)
    this.output.addBytes(decodeBase64(waiting))
    // Invalidates handles of earlier messages, including those of other connections.
    this.number++
  }

  /** Throws `TypeError` while a message is open, or extensions run. */
  checkFree(): void {
    this.output.requireIdle()
    if (this.opened !== 0) throw new TypeError('a message has begun and not ended: no other one may come between')
  }

  /** Adds a whole message, already checked. */
  addMessage(type: 'text' | 'binary', data: string | Uint8Array, compress: boolean | undefined): void {
    if (this.pipeline === undefined && typeof data === 'string' && this.output.addText(data)) return
    this.add(opcodeOf(type), typeof data === 'string' ? encodeUtf8(data) : data, true, true, compress)
  }

  /** Throws `TypeError` if a piece and its message have different types. */
  checkType(type: 'text' | 'binary'): void {
    if (this.opened !== 0 && opcodeOf(type) !== this.opened)
      throw new TypeError(`this piece is ${type}, and the message that has begun is not`)
  }

  /** Begins a message in pieces. */
  open(type: 'text' | 'binary', compress: boolean | undefined): void {
    this.checkFree()
    this.opened = opcodeOf(type)
    this.number++
    this.begun = false
    this.compress = compress
  }

  /** Begins a message with its first piece. If that throws, no message is open. */
  openWith(type: 'text' | 'binary', data: string | Uint8Array, compress: boolean | undefined): void {
    this.open(type, compress)
    try {
      this.addPiece(data, false)
    } catch (error) {
      this.opened = 0
      throw error
    }
  }

  /**
   * Adds the next piece. A string may end between the halves of a surrogate pair. Throws `TypeError` for data that cannot continue
   * the open message, and what the caller's `maskKeys` throws; either way nothing changes.
   */
  addPiece(data: string | Uint8Array, last: boolean): void {
    this.output.requireIdle()
    const { opened, held } = this
    if (opened === 0) throw new TypeError('no message has begun that this could be a piece of')
    if (typeof data !== 'string') requireBytes(data, 'a message that is no string')
    else if (opened === Opcode.Binary) throw new TypeError('a binary message must be a Uint8Array, not a string')
    // Bytes cannot be the other half, but an empty piece may come before it.
    const text = typeof data === 'string' ? held + data : held
    const waits = !last && (typeof data === 'string' || data.length === 0) && endsInside(text)
    const whole = waits ? text.slice(0, -1) : text
    if (this.refusesLone) requireWellFormed(whole)
    const bytes = typeof data === 'string' ? encodeUtf8(whole) : whole === '' ? data : join([encodeUtf8(whole), data])
    if (bytes.length > 0 || last) {
      this.add(opened, bytes, !this.begun, last, this.compress)
      this.begun = true
    }
    this.held = waits ? text.slice(-1) : ''
    if (last) this.opened = 0
  }

  /**
   * Adds a prepared message, already checked. If its encoding depends on earlier messages it cannot be shared: it is then sent
   * uncompressed, unless `compress` requests its own compression.
   */
  addPrepared(message: PreparedMessage, compress: boolean | undefined): void {
    const { opcode, payload } = message.plain
    const shared = this.shareOf(message, compress)
    if (shared === undefined) this.add(opcode, payload, true, true, compress ?? false)
    else if (!this.output.addShared(shared.frame, shared.payload.length))
      this.output.addFrames(shared.opcode, shared.payload, true)
  }

  private shareOf(message: PreparedMessage, compress: boolean | undefined): SharedFrame | undefined {
    const { pipeline } = this
    const { plain } = message
    if (pipeline === undefined) return plain
    const by = pipeline.sharing
    if (by === undefined) return undefined
    return message.share(`${by}, ${compress}`, () => {
      const payload = this.encode(pipeline, plain.opcode, plain.payload, true, true, compress)
      return new SharedFrame(pipeline.encodedOpcode, payload)
    })
  }

  private add(opcode: number, piece: Uint8Array, first: boolean, last: boolean, compress: boolean | undefined): void {
    const { pipeline, output } = this
    output.requireIdle()
    if (pipeline === undefined) {
      output.addFrames(first ? opcode : Opcode.Continuation, piece, last)
      return
    }
    const payload = this.encode(pipeline, opcode, piece, first, last, compress)
    try {
      output.addFrames(first ? pipeline.encodedOpcode : Opcode.Continuation, payload, last)
    } catch (error) {
      // Our extensions have advanced past a message that the peer will never see: it would misread what follows.
      this.failure = { error }
      throw error
    }
  }

  private encode(
    pipeline: Pipeline,
    opcode: number,
    piece: Uint8Array,
    first: boolean,
    last: boolean,
    compress: boolean | undefined,
  ): Uint8Array {
    if (this.failure !== undefined) throw this.failure.error
    this.output.busy = true
    try {
      return pipeline.encode(opcode, piece, first, last, compress)
    } catch (error) {
      this.failure = { error }
      throw error
    } finally {
      this.output.busy = false
    }
  }
}

/** Accepts an empty string or a high surrogate. Throws `TypeError` for anything else. */
function requireHeld(held: unknown): string {
  if (typeof held === 'string' && (held === '' || (held.length === 1 && endsInside(held)))) return held
  throw new TypeError('a snapshot has something else where one half of a character is expected')
}

function endsInside(text: string): boolean {
  const unit = text.charCodeAt(text.length - 1)
  return unit >= 0xd800 && unit < 0xdc00
}

export function opcodeOf(type: 'text' | 'binary'): number {
  if (type === 'text') return Opcode.Text
  if (type === 'binary') return Opcode.Binary
  throw new TypeError(`a message is of type 'text' or 'binary', not ${describeValue(type)}`)
}
