/**
 * Reads an agent's input strictly: its head, then its frames and messages. Keeps the first broken rule as the fault, and reads
 * nothing after it. Does not depend on a transport.
 *
 * @module
 */

import { join } from '../bytes/join.ts'
import { decodeLatin1 } from '../bytes/latin1.ts'
import { nothing } from '../bytes/view.ts'
import type { DeflateCodec } from '../deflate/codec.ts'
import { deflateTransform } from '../deflate/extension.ts'
import { type DeflateParams, MAX_WINDOW_BITS } from '../deflate/params.ts'
import { ProtocolError } from '../errors.ts'
import { type ClosePayload, parseClosePayload } from '../frame/close.ts'
import { FrameDecoder, HEADER, PAYLOAD } from '../frame/decoder.ts'
import { describeFrame } from '../frame/describe.ts'
import { minimalLengthSize, writeInt32 } from '../frame/header.ts'
import { MessageAssembler } from '../frame/messages.ts'
import { CLOSE, CONTINUATION, FIRST_CONTROL, PING, PONG } from '../frame/rules.ts'
import type { Transform } from '../frame/transform.ts'
import type { RequestHead } from '../http/request.ts'
import { RequestHeadParser } from '../http/request-parser.ts'
import type { ResponseHead } from '../http/response.ts'
import { ResponseHeadParser } from '../http/response-parser.ts'
import type { Bytes, Role } from '../types.ts'
import { headNotes, type Transcript } from './transcript.ts'

/** The most bytes that are read from an agent, and the most that its messages may have when inflated: 64 MiB each. */
const MAX_TAKEN = 67_108_864

/** The most frames, because each one costs memory. The largest cases need 65 537. */
const MAX_FRAMES = 262_144

const limits = { maxMessageSize: MAX_TAKEN, maxFragments: Infinity } as const

/**
 * Libraries notice a reference beyond the window only if it also leaves the output of the same call. In pieces of this size, a
 * reference that is more than 32 bytes too far is found.
 */
const STRICT_PIECE = 32

/** RSV1, which permessage-deflate uses to mark a compressed message (RFC 7692 §6). */
const RSV1 = 4

/** A received frame, unmasked. */
export interface ReceivedFrame {
  /** 0–15. */
  readonly opcode: number
  /** Whether the frame ends its message. */
  readonly fin: boolean
  /** 0–7; RSV1 is 4. */
  readonly rsv: number
  /** The payload as it was sent, so still compressed if RSV1 is set. The array is yours. */
  readonly payload: Bytes
  /** A copy of the four bytes, or `undefined` if the frame is not masked. */
  readonly maskKey: Bytes | undefined
}

/** A received data message. */
export interface ReceivedMessage {
  readonly type: 'text' | 'binary'
  /** The payload, inflated if it was compressed. A text is UTF-8. */
  readonly data: Bytes
}

/** A fault in an agent's input. */
export interface Fault {
  /** `'warn'` if no rule forbids it explicitly. */
  readonly verdict: 'fail' | 'warn'
  /** A sentence. */
  readonly reason: string
}

/** Callbacks for what has been read. */
export interface Reader {
  /** Called when the head is complete. The receiver calls `startFrames` or `ignore`, now or later. */
  head(): void
  frame(frame: ReceivedFrame): void
}

/** `'unclear'` means frames, unless the bytes begin as a request does. */
type Phase = 'head' | 'held' | 'unclear' | 'frames' | 'ignored'

/** Everything that an agent has sent on one connection. */
export class Incoming {
  /** The head that it sent. */
  head: RequestHead | ResponseHead | undefined
  /** The head's text, with a code unit for each byte. */
  headText = ''
  /** In order. */
  readonly messages: ReceivedMessage[] = []
  /** The payloads, in order. */
  readonly pongs: Bytes[] = []
  pings = 0
  frames = 0
  close: ClosePayload | undefined
  /** Whether two frames had the same masking key. */
  repeatsMask = false
  /** The fault, if there is one. Nothing is read after a fault that fails the case. */
  fault: Fault | undefined
  /** Whether a message was compressed and there is no codec. */
  unread = false
  /** The number of bytes so far. */
  size = 0
  readonly #role: Role
  readonly #transcript: Transcript
  readonly #codec: DeflateCodec | undefined
  readonly #reader: Reader
  readonly #parser: RequestHeadParser | ResponseHeadParser
  #phase: Phase = 'head'
  /** The bytes of the head so far, or bytes after it until it is clear what they are. */
  #held: Uint8Array[] = []
  #decoder: FrameDecoder | undefined
  readonly #assembler: MessageAssembler = new MessageAssembler(limits)
  #transform: Transform | undefined
  readonly #masks: Set<number> = new Set()
  /** Whether the current message is compressed. */
  #compressed = false
  /** Whether nothing of the message has been inflated yet. */
  #fresh = true
  /** The inflated size of all messages so far, which are kept in memory. */
  #kept = 0
  /** How many bytes are inflated at a time. */
  #wanted = Infinity

  /** @param role The suite's role. */
  constructor(role: Role, transcript: Transcript, reader: Reader, codec: DeflateCodec | undefined) {
    this.#role = role
    this.#transcript = transcript
    this.#reader = reader
    this.#codec = codec
    this.#parser = role === 'client' ? new ResponseHeadParser() : new RequestHeadParser()
  }

  /** Whether a broken rule has ended all reading. */
  get failed(): boolean {
    return this.fault?.verdict === 'fail'
  }

  /** Reads the next bytes. Never throws for their contents. */
  push(chunk: Uint8Array): void {
    this.size += chunk.length
    if (this.size > MAX_TAKEN) this.fail(`It sent more than ${MAX_TAKEN / 2 ** 20} MiB.`)
    if (this.failed) return
    this.#transcript.bytes('agent', chunk, this.#phase === 'head')
    if (this.#phase === 'head') this.#readHead(chunk)
    else if (this.#phase === 'held') this.#held.push(new Uint8Array(chunk))
    else if (this.#phase === 'unclear') this.#guess(chunk)
    else if (this.#phase === 'frames') this.#readFrames(chunk)
  }

  /** Sets a head that arrived over HTTP/2. */
  setHead(head: RequestHead | ResponseHead, text: string): void {
    this.head = head
    this.headText = text
    for (const note of headNotes(text)) this.#transcript.note('agent', () => note)
    this.#phase = 'held'
    this.#reader.head()
  }

  /** Reads everything after the head as frames. @param deflate The parameters that were agreed on. */
  startFrames(deflate: DeflateParams | undefined): void {
    if (this.#phase === 'frames') return
    this.#phase = 'frames'
    const role = this.#role
    this.#decoder = new FrameDecoder({
      role,
      limits: { ...limits, maxFrameSize: MAX_TAKEN },
      rsv: deflate === undefined ? 0 : RSV1,
    })
    if (deflate !== undefined && this.#codec !== undefined) {
      this.#transform = deflateTransform(deflate, role, this.#codec)
      const bits = role === 'client' ? deflate.serverMaxWindowBits : deflate.clientMaxWindowBits
      if (bits < MAX_WINDOW_BITS) this.#wanted = STRICT_PIECE
    }
    for (const chunk of this.#held.splice(0)) this.#readFrames(chunk)
  }

  /** Ignores everything after the head, because no WebSocket was opened. */
  ignore(): void {
    this.#phase = 'ignored'
    this.#held = []
  }

  /** Handles bytes after the head when no WebSocket was opened: there should be no frames, but there may be another request. */
  expectNone(): void {
    const held = this.#held.splice(0)
    this.#phase = 'unclear'
    for (const chunk of held) this.push(chunk)
  }

  /** Whether a byte is a capital letter, as a request begins with. In a frame it would be a reserved bit or a reserved opcode. */
  #guess(chunk: Uint8Array): void {
    const [first = 0] = chunk
    if (first >= 0x41 && first <= 0x5a) this.ignore()
    else {
      this.startFrames(undefined)
      this.#readFrames(chunk)
    }
  }

  /** A description of an unfinished frame. */
  get unfinished(): string | undefined {
    const decoder = this.#decoder
    if (decoder?.state === PAYLOAD)
      return `its header announces ${decoder.payloadLength} bytes, ${decoder.received} arrived`
    if (decoder?.state !== HEADER) return undefined
    return `${decoder.tornSize === 1 ? '1 byte' : `${decoder.tornSize} bytes`}, not a whole header`
  }

  /** Called when nothing more will be read. Notes the last bytes in the transcript if they are not a whole frame. */
  noteUnfinished(): void {
    const { unfinished } = this
    if (unfinished === undefined || this.#phase !== 'frames') return
    this.#transcript.note('agent', () => `the beginning of a frame: ${unfinished}`)
    this.#phase = 'ignored'
  }

  /** Frees the decompressor's memory. */
  stop(): void {
    this.noteUnfinished()
    this.#transform?.close?.()
    this.#transform = undefined
    this.#phase = 'ignored'
  }

  /** The number of bytes that arrived after the head before it was clear what they are. */
  get heldSize(): number {
    return this.#phase === 'held' ? this.#held.reduce((size, { length }) => size + length, 0) : 0
  }

  /** Sets a fault that only the caller can see. */
  fail(reason: string): void {
    if (!this.failed) this.fault = { verdict: 'fail', reason }
  }

  #readHead(chunk: Uint8Array): void {
    this.#held.push(new Uint8Array(chunk))
    const parsed = this.#parser.push(chunk)
    if (parsed === undefined) return
    const all = join(this.#held.splice(0))
    const size = all.length - parsed.rest.length
    this.headText = decodeLatin1(all, 0, size)
    for (const note of headNotes(this.headText)) this.#transcript.note('agent', () => note)
    this.#phase = 'held'
    if (!parsed.ok) {
      const { code, message, reference } = parsed.errors[0]
      if (code === 'head-too-large') this.fail('It sent a head of more than 64 KiB.')
      else if (code === 'too-many') this.fail(`It sent a head with too much in it: ${message}.`)
      else this.fail(`It sent a head that breaks ${reference}: ${message}.`)
      return
    }
    this.head = parsed.head
    if (size < all.length) this.#held.push(all.subarray(size))
    this.#reader.head()
  }

  #readFrames(chunk: Uint8Array): void {
    const decoder = this.#decoder as FrameDecoder
    try {
      decoder.push(chunk)
      while (decoder.next()) {
        this.#take(decoder)
        if (this.failed) return
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.#broke(error)
    }
  }

  #broke(error: ProtocolError): void {
    const fault: Fault =
      this.close === undefined
        ? {
            verdict: 'fail',
            reason: error.code === 'too-large' ? describeTooLarge(error, this.#kept) : describeBroken(error),
          }
        : { verdict: 'warn', reason: 'It sent bytes that are not a frame after its Close frame.' }
    this.#transcript.note('agent', () => fault.reason)
    if (!this.failed) this.fault = fault
    this.#phase = 'ignored'
  }

  #take(decoder: FrameDecoder): void {
    const { fin, rsv, opcode, payloadLength } = decoder
    const frame: ReceivedFrame = { opcode, fin, rsv, payload: decoder.payload(), maskKey: this.#maskKey(decoder.key) }
    const { payload, maskKey } = frame
    const header = { fin, rsv, opcode, payloadLength, maskKey, lengthSize: minimalLengthSize(payloadLength) }
    this.#transcript.note('agent', () => describeFrame(header, payload))
    if (++this.frames > MAX_FRAMES) this.fail(`It sent more than ${MAX_FRAMES} frames.`)
    if (this.close !== undefined) {
      // "The application MUST NOT send any more data frames after sending a Close frame."              RFC 6455 §5.5.1
      if (opcode < FIRST_CONTROL) this.fail('It broke RFC 6455 §5.5.1: a data frame after its Close frame.')
      else this.fault ??= { verdict: 'warn', reason: 'It sent a control frame after its Close frame.' }
      return
    }
    if (opcode === CLOSE) this.close = parseClosePayload(payload)
    else if (opcode === PING) this.pings++
    else if (opcode === PONG) this.pongs.push(payload)
    else this.#takeData(frame)
    this.#reader.frame(frame)
  }

  #maskKey(key: number): Bytes | undefined {
    if (this.#role === 'client') return undefined
    if (this.#masks.has(key)) this.repeatsMask = true
    this.#masks.add(key)
    const bytes = new Uint8Array(4)
    writeInt32(bytes, 0, key)
    return bytes
  }

  #takeData({ opcode, fin, rsv, payload }: ReceivedFrame): void {
    const first = opcode !== CONTINUATION
    if (first) {
      this.#compressed = rsv !== 0
      this.#fresh = true
    }
    if (this.#compressed && this.#transform === undefined) {
      this.unread = true
      return
    }
    const data = this.#compressed ? this.#inflate(payload, fin) : payload
    if (this.#kept + data.length > MAX_TAKEN) {
      this.fail(describeBeyond(`message of ${data.length} bytes`, this.#kept))
      return
    }
    this.#kept += data.length
    const piece = { opcode, fin, payloadLength: data.length, first: true, last: true }
    if (!this.#assembler.push(piece, data)) return
    const message = { type: this.#assembler.type, data: this.#assembler.bytes() }
    this.messages.push(message)
    if (this.#compressed) this.#noteInflated(message)
  }

  #inflate(payload: Bytes, last: boolean): Uint8Array {
    if (payload.length === 0 && !last) return nothing
    const transform = this.#transform as Transform
    const pieces: Uint8Array[] = []
    let room = MAX_TAKEN - this.#kept
    let input: Uint8Array = payload
    do {
      const data = transform.decode(input, { opcode: 1, first: this.#fresh, last, room, wanted: this.#wanted })
      this.#fresh = false
      room = Math.max(0, room - data.length)
      pieces.push(data)
      input = nothing
    } while (transform.hasMore?.())
    return join(pieces)
  }

  #noteInflated({ type, data }: ReceivedMessage): void {
    const opcode = type === 'text' ? 1 : 2
    const header = {
      fin: true,
      rsv: 0,
      opcode,
      payloadLength: data.length,
      maskKey: undefined,
      lengthSize: minimalLengthSize(data.length),
    }
    this.#transcript.note('agent', () => `inflated: ${describeFrame(header, data)}`)
  }
}

function describeBroken({ message, reference, offset, cause }: ProtocolError): string {
  const place = offset === undefined ? '' : `, at byte ${offset}`
  const why = cause instanceof Error ? ` (${cause.message})` : ''
  return `It broke ${reference}: ${message}${place}${why}.`
}

/** Describes an excess over the suite's own limit. The limit's name and its rule would say nothing about the agent. */
function describeTooLarge({ message, offset }: ProtocolError, before: number): string {
  const place = offset === undefined ? '' : `, at byte ${offset}`
  const [what = ''] = message.split('; ')
  const how = what.startsWith('frame') ? ', by a length in 8 bytes' : ''
  return describeBeyond(`${what}${how}${place}`, before)
}

/** @param before The bytes of the messages so far, which count too. */
function describeBeyond(what: string, before: number): string {
  const sum = before === 0 ? '' : ` (bytes of messages before: ${before})`
  return `It exceeds the ${MAX_TAKEN / 2 ** 20} MiB that the suite accepts: ${what}${sum}.`
}
