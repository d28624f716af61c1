/**
 * Messages assembled from fragments, and inflated if compressed. Maps each byte of a message to its byte of the input.
 *
 * @module
 */

import { MessageAssembler, Opcode, ProtocolError, type Transform } from 'websocket-primitives'
import { pako } from 'websocket-primitives/codec/pako'
import { deflateTransform } from 'websocket-primitives/deflate'
import type { FoundError, Frame, Settings } from './types.ts'

export interface Message {
  readonly type: 'text' | 'binary'
  /** Indices of its frames, from 0. */
  readonly frames: readonly number[]
  /** Bytes on the wire, if it was compressed. */
  readonly compressedSize: number | undefined
  readonly bytes: Uint8Array
  readonly text: string | undefined
}

/** The size limit of one message, which the page has to show. */
const MAX_SIZE = 2 ** 20

const params = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
}

export class Messages {
  readonly list: Message[] = []
  private readonly assembler = new MessageAssembler({ maxMessageSize: MAX_SIZE })
  private readonly inflater: Transform | undefined
  private numbers: number[] = []
  private opcode = 0
  private compressed = false
  private wireSize = 0
  private size = 0

  constructor({ role, deflate }: Settings) {
    if (deflate) this.inflater = deflateTransform(params, role, pako, { threshold: 0 })
  }

  /** Adds a valid frame; returns the error of its message, if any. */
  add(frame: Frame, number: number): FoundError | undefined {
    if (frame.header.opcode >= Opcode.Close) return undefined
    if (frame.header.opcode !== Opcode.Continuation) this.begin(frame)
    this.numbers.push(number)
    this.wireSize += frame.payload.length
    try {
      this.assemble(frame)
      return undefined
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      return { error, frame: number, ...this.placeOf(error, frame) }
    }
  }

  private begin({ header }: Frame): void {
    this.numbers = []
    this.opcode = header.opcode
    this.compressed = (header.rsv & 4) !== 0
    this.wireSize = 0
    this.size = 0
  }

  private assemble(frame: Frame): void {
    const { header, complete } = frame
    const bytes = this.inflate(frame)
    const whole = this.assembler.push({ ...header, first: true, last: complete }, bytes)
    this.size += bytes.length
    if (!whole) return
    const { type } = this.assembler
    const all = this.assembler.bytes()
    this.list.push({
      type,
      frames: this.numbers,
      compressedSize: this.compressed ? this.wireSize : undefined,
      bytes: all,
      text: type === 'text' ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(all) : undefined,
    })
  }

  private inflate({ header, payload, complete }: Frame): Uint8Array {
    if (!this.compressed || this.inflater === undefined) return payload
    const first = header.opcode !== Opcode.Continuation
    return this.inflater.decode(payload, {
      opcode: this.opcode,
      first,
      last: header.fin && complete,
      remaining: MAX_SIZE - this.size,
      wanted: Infinity,
    })
  }

  /** The offset of a bad character counts from the start of the message; for inflated data there is no such byte in the input. */
  private placeOf(error: ProtocolError, { body, start, end }: Frame): { readonly start: number; readonly end: number } {
    if (error.code === 'utf8' && !this.compressed && error.offset !== undefined) {
      const at = Math.max(body, Math.min(body + error.offset - this.size, end - 1))
      return { start: at, end: at + 1 }
    }
    return end > body ? { start: body, end } : { start, end }
  }
}
