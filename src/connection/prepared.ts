/**
 * Messages that are encoded once and sent to many connections. Each message keeps one frame per encoding, which connections copy to
 * their output.
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

/** An unmasked frame with a message that extensions have encoded. Connections only copy from it. */
export class SharedFrame {
  /** The opcode with the RSV bits, as in the first byte of a frame. */
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

/**
 * A message for any number of connections, to be sent with {@link sendPrepared}. It contains the bytes of the message, and each encoding
 * used so far.
 *
 * @example
 * const message: PreparedMessage = prepareText('Hello')
 * message.size // 5
 *
 * @category Connections
 */
export class PreparedMessage {
  /** The type of the message on the wire. */
  declare readonly type: 'text' | 'binary'
  /** The size of the message in bytes, before compression. */
  declare readonly size: number
  /**
   * The frame for connections without extensions.
   *
   * @internal
   */
  declare readonly plain: SharedFrame
  /**
   * The frames for connections with extensions, by the key of their encoding.
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
   * As {@link sendPrepared}. A method, because adapters accept prepared messages and most programs have none, so they need not load it.
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
    // An encoding that depends on earlier messages cannot be shared.
    if (shared === undefined) outgoing.addMessage(plain.opcode, plain.payload, compress ?? false)
    else if (!outgoing.output.addShared(shared.frame, shared.payload.length))
      outgoing.output.addFrames(shared.opcode, shared.payload, true)
    return queued(connection)
  }
}

/**
 * Prepares a text for many connections. It is encoded once for all connections with the same encoding.
 *
 * @param text A string, in which a lone surrogate is sent as U+FFFD, or bytes of valid UTF-8, which are copied and not checked.
 * @throws TypeError if `text` is neither a string nor a `Uint8Array`.
 * @see RFC 6455 §5.6
 * @example
 * const message = prepareText(JSON.stringify(update))
 * for (const connection of connections) sendPrepared(connection, message)
 *
 * @category Connections
 */
export function prepareText(text: string | Uint8Array): PreparedMessage {
  if (typeof text === 'string') return new PreparedMessage('text', encodeUtf8(text))
  requireBytes(text, 'a text (unless a string)')
  return new PreparedMessage('text', text)
}

/**
 * Prepares a binary message for many connections, as {@link prepareText} does for text. The bytes are copied.
 *
 * @throws TypeError unless `bytes` is a `Uint8Array`.
 * @example
 * sendPrepared(connection, prepareBinary(Uint8Array.of(1, 2, 3)))
 *
 * @category Connections
 */
export function prepareBinary(bytes: Uint8Array): PreparedMessage {
  requireBytes(bytes, 'a binary message')
  return new PreparedMessage('binary', bytes)
}

/**
 * Sends the result of {@link prepareText} or {@link prepareBinary}, which is encoded once for all connections with the same encoding.
 * Connections share the compressed form if our side uses no context takeover. Otherwise the message is sent uncompressed; with
 * `{ compress: true }` it is compressed for this connection alone.
 *
 * @returns `false` as {@link Connection.sendText} does.
 * @throws TypeError as {@link Connection.sendText} does, and for any other message.
 * @example
 * const message = prepareText(JSON.stringify(update))
 * for (const connection of connections) sendPrepared(connection, message)
 *
 * @category Connections
 */
export function sendPrepared(connection: AnyConnection, message: PreparedMessage, options?: SendOptions): boolean {
  if (!(message instanceof PreparedMessage))
    throw new TypeError(
      `\`message\` must be the result of \`prepareText\` or \`prepareBinary\`, not ${describeValue(message)}`,
    )
  return message.sendTo(connection, options)
}

/**
 * Returns the frame that connections with the same encoding share; the first of them creates it. `undefined` if the encoding cannot be
 * shared.
 */
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
