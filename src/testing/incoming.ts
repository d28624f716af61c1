/**
 * What an agent sends, read strictly: its head, then its frames and messages. The first broken rule is kept as the fault, and
 * nothing is read after it. Knows no transport.
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

/** The most bytes that are taken of an agent, and the most that all its messages may have, inflated: 64 MiB each. */
const MAX_TAKEN = 67_108_864

/** The most frames: each costs memory of its own, and cases that want many send 65 537. */
const MAX_FRAMES = 262_144

const limits = { maxMessageSize: MAX_TAKEN, maxFragments: Infinity } as const

/**
 * Libraries find a reference beyond the window only where it leaves the output of the same call, too. In such small pieces one by
 * more than 32 bytes is found.
 */
const STRICT_PIECE = 32

/** RSV1, by which permessage-deflate marks a message (RFC 7692 §6). */
const RSV1 = 4

/** A frame that has been received, unmasked. */
export interface ReceivedFrame {
  /** 0–15. */
  readonly opcode: number
  /** Whether the message ends with it. */
  readonly fin: boolean
  /** 0–7; RSV1 is 4. */
  readonly rsv: number
  /** Yours; as it was sent, so still compressed where RSV1 is set. */
  readonly payload: Bytes
  /** Four bytes, a copy; `undefined`: not masked. */
  readonly maskKey: Bytes | undefined
}

/** A data message that has been received. */
export interface ReceivedMessage {
  readonly type: 'text' | 'binary'
  /** Of a text its UTF-8; inflated where it was compressed. */
  readonly data: Bytes
}

/** What is wrong with what an agent sent. */
export interface Fault {
  /** `'warn'`: no rule forbids it in so many words. */
  readonly verdict: 'fail' | 'warn'
  /** A sentence. */
  readonly reason: string
}

/** Called for what has been read. */
export interface Reader {
  /** The head is there. Says how to go on by `startFrames` or `ignore`, now or later. */
  head(): void
  frame(frame: ReceivedFrame): void
}

/** `'unclear'`: frames, unless it begins as a request does. */
type Phase = 'head' | 'held' | 'unclear' | 'frames' | 'ignored'

/** Everything that an agent has sent on one connection. */
export class Incoming {
  /** The head that it sent. */
  head: RequestHead | ResponseHead | undefined
  /** Its text, a code unit a byte. */
  headText = ''
  /** In order. */
  readonly messages: ReceivedMessage[] = []
  /** The payloads, in order. */
  readonly pongs: Bytes[] = []
  pings = 0
  frames = 0
  close: ClosePayload | undefined
  /** Two frames had the same masking key. */
  repeatsMask = false
  /** Nothing is read after one that fails. */
  fault: Fault | undefined
  /** A message was compressed, and there is no codec. */
  unread = false
  /** Bytes so far. */
  size = 0
  readonly #role: Role
  readonly #transcript: Transcript
  readonly #codec: DeflateCodec | undefined
  readonly #reader: Reader
  readonly #parser: RequestHeadParser | ResponseHeadParser
  #phase: Phase = 'head'
  /** The bytes of the head so far, or what came after it before it was clear what that is. */
  #held: Uint8Array[] = []
  #decoder: FrameDecoder | undefined
  readonly #assembler: MessageAssembler = new MessageAssembler(limits)
  #transform: Transform | undefined
  readonly #masks: Set<number> = new Set()
  /** The current message is compressed. */
  #compressed = false
  /** Nothing of it has been inflated. */
  #fresh = true
  /** Bytes of all messages so far, inflated: they are kept. */
  #kept = 0
  /** How many bytes are inflated at once. */
  #wanted = Infinity

  /** @param role The suite's. */
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

  /** Takes the next bytes. Never throws for what they are. */
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

  /** A head that came in another way: over HTTP/2. */
  setHead(head: RequestHead | ResponseHead, text: string): void {
    this.head = head
    this.headText = text
    for (const note of headNotes(text)) this.#transcript.note('agent', () => note)
    this.#phase = 'held'
    this.#reader.head()
  }

  /** What follows the head is frames. @param deflate What was agreed on. */
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

  /** What follows the head is no WebSocket. */
  ignore(): void {
    this.#phase = 'ignored'
    this.#held = []
  }

  /** No WebSocket was opened, so there should be no frames; but there may be another request. */
  expectNone(): void {
    const held = this.#held.splice(0)
    this.#phase = 'unclear'
    for (const chunk of held) this.push(chunk)
  }

  /** A capital letter, with which requests begin, is no first byte of a frame: it would have two reserved bits or a reserved opcode. */
  #guess(chunk: Uint8Array): void {
    const [first = 0] = chunk
    if (first >= 0x41 && first <= 0x5a) this.ignore()
    else {
      this.startFrames(undefined)
      this.#readFrames(chunk)
    }
  }

  /** What there is of a frame that has begun and not ended. */
  get unfinished(): string | undefined {
    const decoder = this.#decoder
    if (decoder?.state === PAYLOAD)
      return `its header announces ${decoder.payloadLength} bytes, ${decoder.received} came`
    if (decoder?.state !== HEADER) return undefined
    return `${decoder.tornSize === 1 ? '1 byte' : `${decoder.tornSize} bytes`}, not a whole header`
  }

  /** Nothing more will be read: says in the transcript what the last bytes are, if they are no whole frame. */
  noteUnfinished(): void {
    const { unfinished } = this
    if (unfinished === undefined || this.#phase !== 'frames') return
    this.#transcript.note('agent', () => `the beginning of a frame: ${unfinished}`)
    this.#phase = 'ignored'
  }

  /** Frees what a decompressor holds. */
  stop(): void {
    this.noteUnfinished()
    this.#transform?.close?.()
    this.#transform = undefined
    this.#phase = 'ignored'
  }

  /** Bytes that came after the head before it was clear what they are. */
  get heldSize(): number {
    return this.#phase === 'held' ? this.#held.reduce((size, { length }) => size + length, 0) : 0
  }

  /** A broken rule that only the caller can see. */
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
        : { verdict: 'warn', reason: 'It sent bytes that are no frame after its Close frame.' }
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

/** The limit is the suite's own: neither its name nor the rule about limits says anything of the agent. */
function describeTooLarge({ message, offset }: ProtocolError, before: number): string {
  const place = offset === undefined ? '' : `, at byte ${offset}`
  const [what = ''] = message.split('; ')
  const how = what.startsWith('frame') ? ', by a length in 8 bytes' : ''
  return describeBeyond(`${what}${how}${place}`, before)
}

/** @param before Bytes of the messages so far, which count too. */
function describeBeyond(what: string, before: number): string {
  const sum = before === 0 ? '' : ` (bytes of messages before: ${before})`
  return `It goes beyond the ${MAX_TAKEN / 2 ** 20} MiB that the suite takes: ${what}${sum}.`
}
