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

/** The options that have to do with sending. */
interface OutgoingOptions extends OutputOptions {
  readonly refusesLone: boolean
}

/** A message in pieces that has begun. */
export class OpenMessage {
  declare readonly opcode: number
  declare readonly compress: boolean | undefined
  /** Whether a frame of it has been sent. */
  begun = false
  /** A high surrogate whose other half may come with the next piece. */
  held = ''
  ended = false

  constructor(opcode: number, compress: boolean | undefined) {
    this.opcode = opcode
    this.compress = compress
  }
}

/** The messages that one connection sends. */
export class Outgoing {
  declare readonly output: Output
  declare readonly pipeline: Pipeline | undefined
  declare readonly refusesLone: boolean
  /** While it is open no other message can be sent. */
  message: OpenMessage | undefined = undefined
  /** Why no message can follow. */
  failure: { readonly error: unknown } | undefined = undefined

  constructor(options: OutgoingOptions, pipeline: Pipeline | undefined) {
    this.output = new Output(options)
    this.pipeline = pipeline
    this.refusesLone = options.refusesLone
  }

  /** Whether no message is open, and it has no state. With extensions it has one. */
  get atRest(): boolean {
    return this.pipeline === undefined && this.message === undefined
  }

  /** Throws `TypeError` while a message is open, or extensions run. */
  requireFree(): void {
    this.output.requireIdle()
    if (this.message !== undefined) throw new TypeError('a message is open: it must end before another one is sent')
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

  /** Begins a message with its first piece. If that throws, no message is open. */
  openWith(opcode: number, data: string | Uint8Array, compress: boolean | undefined): void {
    const message = this.open(opcode, compress)
    try {
      this.addPiece(message, data, false)
    } catch (error) {
      this.message = undefined
      throw error
    }
  }

  /** Adds the next piece of the open message. A string may end between the halves of a surrogate pair. If it throws, nothing changes. */
  addPiece(message: OpenMessage, data: string | Uint8Array, last: boolean): void {
    this.output.requireIdle()
    // Bytes cannot be the other half, but an empty piece may come before it.
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
   * Passes a message or a piece of one through the extensions. After an error their state has advanced past a message that the peer
   * will never see: it would misread what follows, so nothing can follow.
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

/** The opcode of a type of message. Throws `TypeError` for anything else. */
export function requireMessageType(type: 'text' | 'binary'): number {
  if (type === 'text') return TEXT
  if (type === 'binary') return BINARY
  const hint = type === 'encoded' ? '; for that there is `sendEncoded`' : ''
  throw new TypeError(`a message is of type 'text' or 'binary', not ${describeValue(type)}${hint}`)
}

/** Throws `TypeError` unless a message with this opcode may have this data. */
export function requireData(opcode: number, data: string | Uint8Array): void {
  if (typeof data !== 'string') requireBytes(data, 'a message that is no string')
  else if (opcode === BINARY) throw new TypeError('a binary message must be a Uint8Array, not a string')
}
