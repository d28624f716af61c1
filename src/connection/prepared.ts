/**
 * Messages that are encoded once and sent to many connections. Each keeps one frame per encoding, which connections copy to their
 * output.
 *
 * @module
 */

import { describeValue } from '../arguments.ts'
import { requireBytes } from '../bytes/view.ts'
import { wireSize, writeFrame } from '../frame/encode.ts'
import { FIN_BIT } from '../frame/header.ts'
import { BINARY, TEXT } from '../frame/rules.ts'
import { encodeUtf8 } from '../platform/text.ts'
import type { Bytes } from '../types.ts'
import { type AnyConnection, queued } from './connection.ts'
import { readCompress, type SendOptions } from './options.ts'
import type { Outgoing } from './outgoing.ts'

/** A message after extensions, in an unmasked frame. Only connections that copy from it see its bytes. */
export class SharedFrame {
  /** With the RSV bits, as in the first byte. */
  declare readonly opcode: number
  declare readonly frame: Bytes
  /** A view of the frame. */
  declare readonly payload: Uint8Array

  /** @param payload Copied. */
  constructor(opcode: number, payload: Uint8Array) {
    this.opcode = opcode
    this.frame = new Uint8Array(wireSize(payload.length, false))
    writeFrame(this.frame, 0, FIN_BIT | opcode, payload, payload.length, false, 0)
    this.payload = this.frame.subarray(this.frame.length - payload.length)
  }
}

/** A message for any number of connections, sent by {@link sendPrepared}. It holds its bytes and each encoding used so far. */
export class PreparedMessage {
  /** The type of the message on the wire. */
  declare readonly type: 'text' | 'binary'
  /** Bytes, before compression. */
  declare readonly size: number
  /**
   * Without extensions.
   *
   * @internal
   */
  declare readonly plain: SharedFrame
  /**
   * Frames by the encoding that connections share.
   *
   * @internal
   */
  readonly encoded: Map<string, SharedFrame> = new Map()

  /** @internal */
  constructor(type: 'text' | 'binary', message: Uint8Array) {
    this.type = type
    this.size = message.length
    this.plain = new SharedFrame(type === 'text' ? TEXT : BINARY, message)
  }

  /**
   * {@link sendPrepared}, for adapters: they take prepared messages, and most programs have none.
   *
   * @internal
   */
  sendTo(connection: AnyConnection, options: SendOptions | undefined): boolean {
    const compress = readCompress(options)
    connection.requireIdle()
    if (!connection.lifecycle.sends) return false
    const outgoing = connection.ensureOutgoing()
    outgoing.requireFree()
    const { plain } = this
    const shared = findShared(outgoing, this, compress)
    // If the encoding depends on earlier messages it cannot be shared.
    if (shared === undefined) outgoing.addMessage(plain.opcode, plain.payload, compress ?? false)
    else if (!outgoing.output.addShared(shared.frame, shared.payload.length))
      outgoing.output.addFrames(shared.opcode, shared.payload, true)
    return queued(connection)
  }
}

/**
 * A text for many connections, encoded once for all that use the same encoding.
 *
 * @param text A lone surrogate is sent as U+FFFD. Bytes must be valid UTF-8: they are copied, not checked.
 * @see RFC 6455 §5.6
 * @example
 * const message = prepareText(JSON.stringify(update))
 * for (const connection of connections) sendPrepared(connection, message)
 */
export function prepareText(text: string | Uint8Array): PreparedMessage {
  if (typeof text === 'string') return new PreparedMessage('text', encodeUtf8(text))
  requireBytes(text, 'a text that is no string')
  return new PreparedMessage('text', text)
}

/**
 * A binary message for many connections, like {@link prepareText}. The bytes are copied.
 *
 * @example
 * sendPrepared(connection, prepareBinary(Uint8Array.of(1, 2, 3)))
 */
export function prepareBinary(bytes: Uint8Array): PreparedMessage {
  requireBytes(bytes, 'a binary message')
  return new PreparedMessage('binary', bytes)
}

/**
 * Sends the result of {@link prepareText} or {@link prepareBinary}, encoded once for all connections with the same encoding. The
 * compressed form is shared if our side uses no context takeover; otherwise the message is sent uncompressed, or with `{ compress:
 * true }` compressed for this connection.
 *
 * @returns `false` as {@link Connection.sendText} does.
 * @throws TypeError as {@link Connection.sendText} does, and for any other message.
 * @example
 * const message = prepareText(JSON.stringify(update))
 * for (const connection of connections) sendPrepared(connection, message)
 */
export function sendPrepared(connection: AnyConnection, message: PreparedMessage, options?: SendOptions): boolean {
  if (!(message instanceof PreparedMessage))
    throw new TypeError(
      `\`sendPrepared\` takes the result of \`prepareText\` or \`prepareBinary\`, not ${describeValue(message)}`,
    )
  return message.sendTo(connection, options)
}

/** The frame shared by connections with the same encoding, made by the first of them. */
function findShared(
  outgoing: Outgoing,
  { plain, encoded }: PreparedMessage,
  compress: boolean | undefined,
): SharedFrame | undefined {
  const { pipeline } = outgoing
  if (pipeline === undefined) return plain
  const { sharing } = pipeline
  if (sharing === undefined) return undefined
  const key = `${sharing}, ${compress}`
  let frame = encoded.get(key)
  if (frame === undefined) {
    const payload = outgoing.encode(pipeline, plain.opcode, plain.payload, true, true, compress)
    frame = new SharedFrame(pipeline.encodedOpcode, payload)
    encoded.set(key, frame)
  }
  return frame
}
