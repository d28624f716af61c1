/**
 * The sending part of a connection: messages → extensions → output queue. Messages are sent whole or in pieces, one at a time, with
 * control frames between (RFC 6455 §5.4).
 *
 * @module
 */

import { describeValue } from '../arguments.ts'
import { join } from '../bytes/join.ts'
import { requireBytes } from '../bytes/view.ts'
import type { Pipeline } from '../extensions/pipeline.ts'
import { requireWellFormed } from '../frame/encode.ts'
import { BINARY, CONTINUATION, TEXT } from '../frame/rules.ts'
import { encodeUtf8 } from '../platform/text.ts'
import { Output, type OutputOptions } from './output.ts'

/** The options for sending. */
interface OutgoingOptions extends OutputOptions {
  readonly refusesLone: boolean
}

/** A message in pieces that has begun and not ended. */
export class OpenMessage {
  declare readonly opcode: number
  declare readonly compress: boolean | undefined
  /** Whether a frame of it has been sent. */
  begun = false
  /** A high surrogate whose other half may be in the next piece. */
  held = ''
  ended = false

  constructor(opcode: number, compress: boolean | undefined) {
    this.opcode = opcode
    this.compress = compress
  }
}

/** Sends the messages of one connection. */
export class Outgoing {
  declare readonly output: Output
  declare readonly pipeline: Pipeline | undefined
  declare readonly refusesLone: boolean
  /** The open message. No other message can be sent until it ends. */
  message: OpenMessage | undefined = undefined
  /** The error after which no message can be sent. */
  failure: { readonly error: unknown } | undefined = undefined

  constructor(options: OutgoingOptions, pipeline: Pipeline | undefined) {
    this.output = new Output(options)
    this.pipeline = pipeline
    this.refusesLone = options.refusesLone
  }

  /** Whether no message is open and there is no other state. Never true with extensions, because they have state. */
  get atRest(): boolean {
    return this.pipeline === undefined && this.message === undefined
  }

  /** Throws `TypeError` while a message is open, or extensions run. */
  requireFree(): void {
    this.output.requireIdle()
    if (this.message !== undefined) throw new TypeError('a message is open: end it before you send another one')
  }

  /** Adds a whole message. */
  addMessage(opcode: number, data: string | Uint8Array, compress: boolean | undefined): void {
    if (this.pipeline === undefined && typeof data === 'string' && this.output.addText(data)) return
    this.#add(opcode, typeof data === 'string' ? encodeUtf8(data) : data, true, true, compress)
  }

  /** Begins a message in pieces. */
  open(opcode: number, compress: boolean | undefined): OpenMessage {
    this.requireFree()
    this.message = new OpenMessage(opcode, compress)
    return this.message
  }

  /** Begins a message with its first piece. If this throws, no message is open. */
  openWith(opcode: number, data: string | Uint8Array, compress: boolean | undefined): void {
    const message = this.open(opcode, compress)
    try {
      this.addPiece(message, data, false)
    } catch (error) {
      this.message = undefined
      throw error
    }
  }

  /** Adds the next piece of the open message. A string may end between the halves of a surrogate pair. If this throws, nothing changes. */
  addPiece(message: OpenMessage, data: string | Uint8Array, last: boolean): void {
    this.output.requireIdle()
    // Bytes cannot contain the other half, but it may follow an empty piece.
    const text = typeof data === 'string' ? message.held + data : message.held
    const waits = !last && (typeof data === 'string' || data.length === 0) && endsInsidePair(text)
    const whole = waits ? text.slice(0, -1) : text
    if (this.refusesLone) requireWellFormed(whole)
    const bytes = typeof data === 'string' ? encodeUtf8(whole) : whole === '' ? data : join([encodeUtf8(whole), data])
    if (bytes.length > 0 || last) {
      this.#add(message.opcode, bytes, !message.begun, last, message.compress)
      message.begun = true
    }
    message.held = waits ? text.slice(-1) : ''
    if (!last) return
    message.ended = true
    this.message = undefined
  }

  /**
   * Passes a message or a piece of one through the extensions. After an error, their state includes a message that the peer never gets.
   * The peer would misread all later messages, so none can be sent.
   */
  encode(
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

  #add(opcode: number, piece: Uint8Array, first: boolean, last: boolean, compress: boolean | undefined): void {
    const { pipeline, output } = this
    output.requireIdle()
    const payload = pipeline === undefined ? piece : this.encode(pipeline, opcode, piece, first, last, compress)
    try {
      output.addFrames(first ? (pipeline?.encodedOpcode ?? opcode) : CONTINUATION, payload, last)
    } catch (error) {
      if (pipeline !== undefined) this.failure = { error }
      throw error
    }
  }
}

/** Whether a text ends with a high surrogate. */
export function endsInsidePair(text: string): boolean {
  const unit = text.charCodeAt(text.length - 1)
  return unit >= 0xd800 && unit < 0xdc00
}

/** Returns the opcode for a message type. Throws `TypeError` for any other value. */
export function requireMessageType(type: 'text' | 'binary'): number {
  if (type === 'text') return TEXT
  if (type === 'binary') return BINARY
  const hint = type === 'encoded' ? '; use `sendEncoded`' : ''
  throw new TypeError(`the type of a message must be 'text' or 'binary', not ${describeValue(type)}${hint}`)
}

/** Throws `TypeError` unless a message with this opcode may have this data. */
export function requireData(opcode: number, data: string | Uint8Array): void {
  if (typeof data !== 'string') requireBytes(data, 'a message (unless a string)')
  else if (opcode === BINARY) throw new TypeError('a binary message must be a Uint8Array, not a string')
}
