/**
 * Messages as they come in: pieces of frames become events. Knows which messages need nobody to put them together, and which
 * pass extensions first; what is wrong with a message others tell.
 *
 * @module
 */

import type { FrameDecoder } from '../frame/decoder.ts'
import { MessageAssembler } from '../frame/message.ts'
import type { ResolvedLimits } from '../limits.ts'
import { Opcode } from '../registry/websocket.ts'
import type { ConnectionEvent } from './events.ts'
import type { Pipeline } from './pipeline.ts'

/** The incoming messages of one connection. */
export class Messages {
  private assembler: MessageAssembler | undefined = undefined
  private readonly limits: ResolvedLimits
  private readonly pipeline: Pipeline | undefined

  constructor(limits: ResolvedLimits, pipeline: Pipeline | undefined) {
    this.limits = limits
    this.pipeline = pipeline
  }

  /** Takes the current piece of a data frame. Returns the message that it completes. */
  read(decoder: FrameDecoder): ConnectionEvent | undefined {
    const { pipeline } = this
    if (pipeline?.takes(decoder)) {
      const bytes = pipeline.decode(decoder)
      return this.assemble().push(pipeline.piece, bytes) ? this.take() : undefined
    }
    const whole = readWhole(decoder, this.limits.maxMessageSize)
    if (whole !== undefined) return whole
    return this.assemble().push(decoder, decoder.payload()) ? this.take() : undefined
  }

  private assemble(): MessageAssembler {
    this.assembler ??= new MessageAssembler(this.limits, true)
    return this.assembler
  }

  private take(): ConnectionEvent {
    const assembler = this.assemble()
    return assembler.type === 'text'
      ? { type: 'text', data: assembler.text() }
      : { type: 'binary', data: assembler.bytes() }
  }
}

/**
 * The message that the current piece of a data frame is by itself, as most are: one frame, all of it in one chunk. `undefined`
 * for any other piece, and for a message that is too large or no UTF-8: the assembler finds out what is wrong with it.
 */
function readWhole(decoder: FrameDecoder, maxMessageSize: number): ConnectionEvent | undefined {
  const { opcode } = decoder
  const whole = decoder.fin && decoder.first && decoder.last && opcode !== Opcode.Continuation
  if (!whole || decoder.payloadLength > maxMessageSize) return undefined
  if (opcode === Opcode.Binary) return { type: 'binary', data: decoder.payload() }
  const data = decoder.validText()
  return data === undefined ? undefined : { type: 'text', data }
}
