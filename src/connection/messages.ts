/**
 * Messages as events. Knows which of them need nobody to put them together; what is wrong with a message others tell.
 *
 * @module
 */

import type { FrameDecoder } from '../frame/decoder.ts'
import type { MessageAssembler } from '../frame/message.ts'
import { Opcode } from '../registry/websocket.ts'
import type { ConnectionEvent } from './events.ts'

/**
 * The message that the current piece of a data frame is by itself, as most are: one frame, all of it in one chunk. `undefined`
 * for any other piece, and for a message that is too large or no UTF-8: the assembler finds out what is wrong with it.
 */
export function readWhole(decoder: FrameDecoder, maxMessageSize: number): ConnectionEvent | undefined {
  const { opcode } = decoder
  const whole = decoder.fin && decoder.first && decoder.last && opcode !== Opcode.Continuation
  if (!whole || decoder.payloadLength > maxMessageSize) return undefined
  if (opcode === Opcode.Binary) return { type: 'binary', data: decoder.payload() }
  const data = decoder.validText()
  return data === undefined ? undefined : { type: 'text', data }
}

/** The message that an assembler has completed. */
export function takeMessage(assembler: MessageAssembler): ConnectionEvent {
  return assembler.type === 'text'
    ? { type: 'text', data: assembler.text() }
    : { type: 'binary', data: assembler.bytes() }
}
