/**
 * Messages that are encoded once and sent to many connections. Each keeps one frame per encoding, which connections copy to their
 * output.
 *
 * @module
 */

import { requireBytes } from '../bytes/view.ts'
import { wireSize, writeFrame } from '../frame/encode.ts'
import { FIN_BIT } from '../frame/header.ts'
import { encodeUtf8 } from '../platform/text.ts'
import { Opcode } from '../registry/websocket.ts'
import type { Bytes } from '../types.ts'

/** A message after extensions, in an unmasked frame. Only connections that copy from it see its bytes. */
export class SharedFrame {
  /** With the RSV bits, as in the first byte. */
  readonly opcode: number
  readonly frame: Bytes
  /** A view of the frame. */
  readonly payload: Uint8Array

  /** @param payload Copied. */
  constructor(opcode: number, payload: Uint8Array) {
    this.opcode = opcode
    this.frame = new Uint8Array(wireSize(payload.length, false))
    writeFrame(this.frame, 0, FIN_BIT | opcode, payload, false, 0)
    this.payload = this.frame.subarray(this.frame.length - payload.length)
  }
}

/** A message for any number of connections, sent by `sendPrepared`. It holds its bytes and each encoding used so far. */
export class PreparedMessage {
  /** The type of the message on the wire. */
  readonly type: 'text' | 'binary'
  /** Bytes, before compression. */
  readonly size: number
  /**
   * Without extensions.
   *
   * @internal
   */
  readonly plain: SharedFrame
  private readonly encoded = new Map<string, SharedFrame>()

  /** @internal */
  constructor(type: 'text' | 'binary', message: Uint8Array) {
    this.type = type
    this.size = message.length
    this.plain = new SharedFrame(type === 'text' ? Opcode.Text : Opcode.Binary, message)
  }

  /**
   * The frame shared by connections with the same encoding, made by the first of them.
   *
   * @internal
   */
  share(by: string, encode: () => SharedFrame): SharedFrame {
    const known = this.encoded.get(by)
    if (known !== undefined) return known
    const made = encode()
    this.encoded.set(by, made)
    return made
  }
}

/**
 * A text for many connections, encoded once for all that use the same encoding.
 *
 * @param text A lone surrogate is sent as U+FFFD. Bytes must be valid UTF-8: they are copied, not checked.
 * @see RFC 6455 §5.6
 * @example
 * const message = prepareText(JSON.stringify(update))
 * for (const connection of connections) connection.sendPrepared(message)
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
 * connection.sendPrepared(prepareBinary(Uint8Array.of(1, 2, 3)))
 */
export function prepareBinary(bytes: Uint8Array): PreparedMessage {
  requireBytes(bytes, 'a binary message')
  return new PreparedMessage('binary', bytes)
}
