/** A connection after the opening handshake: reads frames, and echoes each message (RFC 6455 §5). Each fault is a switch in its place. */

import { randomBytes } from 'node:crypto'
import type { DuplexLike } from '../../../src/driver/shapes.ts'
import { type Agreement, Deflate } from './deflate.ts'
import type { Faults } from './faults.ts'
import { Utf8Check } from './utf8.ts'

const CONTINUATION = 0
const TEXT = 1
const BINARY = 2
const CLOSE = 8
const PING = 9
const PONG = 10

const MAX_SIZE = 67_108_864

interface Frame {
  readonly fin: boolean
  readonly rsv: number
  readonly opcode: number
  readonly key: Uint8Array | undefined
  readonly length: number
}

/** An unfinished data message. */
interface Message {
  readonly opcode: number
  readonly compressed: boolean
  readonly pieces: Uint8Array[]
  size: number
}

/** A fault of the other end. */
class Failure extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

/** One WebSocket connection that echoes each message. */
export class Connection {
  readonly #end: DuplexLike
  readonly #role: 'client' | 'server'
  readonly #faults: Faults
  readonly #deflate: Deflate | undefined
  /** The bytes of an incomplete header. */
  #header: number[] = []
  #frame: Frame | undefined
  /** The bytes of its payload, unmasked. */
  #pieces: Uint8Array[] = []
  /** The size of its payload so far. */
  #taken = 0
  #message: Message | undefined
  #utf8: Utf8Check
  /** Answers that are queued until the end of the input. */
  #pongs: Uint8Array[] = []
  #firstPing: Uint8Array | undefined
  /** Whether a Close or a fault has arrived. */
  #over = false
  #fragments = 0
  #received = 0
  #messages = 0
  readonly #ownKey: Uint8Array = randomBytes(4)

  constructor(end: DuplexLike, role: 'client' | 'server', faults: Faults, agreement: Agreement | undefined) {
    this.#end = end
    this.#role = role
    this.#faults = faults
    this.#deflate = agreement && new Deflate(agreement, faults)
    this.#utf8 = new Utf8Check(faults)
  }

  /** Reads bytes in any pieces. */
  push(chunk: Uint8Array): void {
    const faults = this.#faults
    if (this.#stops) return
    try {
      let offset = 0
      while (offset < chunk.length && !this.#stops) {
        if (this.#frame === undefined) {
          this.#header.push(chunk[offset++] as number)
          this.#readHeader()
        } else {
          const piece = chunk.subarray(offset, offset + this.#frame.length - this.#taken)
          offset += piece.length
          this.#takePayload(this.#frame, piece)
        }
        if (this.#frame?.length === this.#taken) {
          this.#finishFrame(this.#frame)
          if (faults.has('one-frame-a-chunk')) break
        }
      }
      if (faults.has('torn-header-lost')) this.#header = []
      this.#flushPongs()
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      this.#fail(error.code)
    }
  }

  /** Whether nothing more is read. */
  get #stops(): boolean {
    const faults = this.#faults
    return this.#over && !faults.has('reads-after-close') && !faults.has('close-answered-again')
  }

  /** Called when the other end has ended its direction. */
  ended(): void {
    if (this.#faults.has('end-ignored')) return
    if (this.#faults.has('end-delivers-message') && !this.#over && this.#message !== undefined) {
      const { opcode, pieces } = this.#message
      this.#echo(opcode, Buffer.concat(pieces))
    }
    this.#over = true
    this.#end.end()
  }

  // Headers

  #readHeader(): void {
    const header = this.#header
    if (header.length < 2) return
    const [first = 0, second = 0] = header
    const masked = second >= 0x80
    const short = second & 0x7f
    const size = short === 126 ? 2 : short === 127 ? 8 : 0
    if (header.length === 2) this.#checkStart(first, masked, short)
    if (header.length < 2 + size + (masked ? 4 : 0)) return
    const length = size === 0 ? short : this.#readLength(header.slice(2, 2 + size))
    const key = masked ? Uint8Array.from(header.slice(2 + size)) : undefined
    if (key !== undefined && this.#faults.has('mask-key-reversed')) key.reverse()
    this.#checkLength(length, first & 0x0f)
    this.#frame = { fin: first >= 0x80, rsv: (first >> 4) & 7, opcode: first & 0x0f, key, length }
    this.#header = []
    this.#pieces = []
    this.#taken = 0
  }

  /** Reads the first two bytes. */
  #checkStart(first: number, masked: boolean, length: number): void {
    const faults = this.#faults
    const fin = first >= 0x80
    const rsv = (first >> 4) & 7
    const opcode = first & 0x0f
    const control = opcode >= 8
    if (opcode > PONG && !faults.has('reserved-control-opcode')) throw new Failure(1002, 'a reserved opcode')
    if (opcode > BINARY && opcode < CLOSE && !faults.has('reserved-data-opcode'))
      throw new Failure(1002, 'a reserved opcode')
    this.#checkReservedBits(rsv, opcode)
    if (this.#role === 'server' && !masked && !faults.has('unmasked')) throw new Failure(1002, 'not masked')
    if (this.#role === 'client' && masked && !faults.has('masked')) throw new Failure(1002, 'masked')
    if (control) this.#checkControl(fin, length)
    if (this.#over && faults.has('close-answered-again') && opcode !== CLOSE) throw new Failure(1002, 'after a Close')
    if (opcode === CONTINUATION && this.#message === undefined && !faults.has('continuation-of-nothing'))
      throw new Failure(1002, 'a continuation without a message')
    if ((opcode === TEXT || opcode === BINARY) && this.#message !== undefined && !faults.has('message-inside-message'))
      throw new Failure(1002, 'a message inside a message')
  }

  #checkControl(fin: boolean, length: number): void {
    const faults = this.#faults
    if (!fin && !faults.has('control-in-fragments')) throw new Failure(1002, 'a control frame in fragments')
    if (length > 125 && !faults.has('control-too-long')) throw new Failure(1002, 'a long control frame')
    if (length === 125 && faults.has('control-of-125-refused')) throw new Failure(1002, 'a long frame')
    if (this.#message !== undefined && faults.has('control-inside-message-refused'))
      throw new Failure(1002, 'a control frame inside a message')
  }

  #checkReservedBits(rsv: number, opcode: number): void {
    const faults = this.#faults
    const control = opcode >= 8
    let allowed = this.#deflate !== undefined && (opcode === TEXT || opcode === BINARY) ? 4 : 0
    if (faults.has('reserved-bits')) allowed |= 3
    if (faults.has('rsv1-without-extension') && !control) allowed |= 4
    if (faults.has('reserved-bits-on-control') && control) allowed |= 7
    if (faults.has('rsv1-on-continuation') && this.#deflate !== undefined && opcode === CONTINUATION) allowed |= 4
    if (faults.has('rsv1-on-control') && this.#deflate !== undefined && control) allowed |= 4
    if ((rsv & ~allowed) !== 0) throw new Failure(1002, 'reserved bits')
  }

  #readLength(bytes: number[]): number {
    const faults = this.#faults
    const view = new DataView(Uint8Array.from(bytes).buffer)
    const littleEndian = faults.has('length-little-endian')
    if (bytes.length === 2) {
      const length = faults.has('length-16-signed') ? view.getInt16(0) : view.getUint16(0, littleEndian)
      if (length < 0) throw new Failure(1002, 'a negative length')
      if (length < 126 && !faults.has('length-16-not-minimal')) throw new Failure(1002, 'a longer length than needed')
      return length
    }
    if (faults.has('length-64-signed')) return Math.max(0, Number(view.getBigInt64(0)))
    if (faults.has('length-64-cut')) return view.getUint32(4)
    if (faults.has('length-64-cut-to-16')) return view.getUint16(6)
    const length = view.getBigUint64(0, littleEndian)
    if (faults.has('length-top-bit')) return Number(length & ((1n << 63n) - 1n))
    if (length >= 1n << 63n) throw new Failure(1002, 'the top bit of a length')
    if (length <= 0xffffn && !faults.has('length-64-not-minimal'))
      throw new Failure(1002, 'a longer length than needed')
    return Number(length)
  }

  #checkLength(length: number, opcode: number): void {
    const faults = this.#faults
    if (opcode >= 8) return
    const before = faults.has('size-counter-not-reset') ? this.#received : (this.#message?.size ?? 0)
    const limit = faults.has('limit-of-64-kib') ? 65_535 : this.#limit
    if (before + length > limit && !faults.has('no-limit')) throw new Failure(1009, 'too large')
    this.#received += length
    this.#fragments++
    if (this.#fragments > 16_384 && faults.has('fragment-counter-not-reset')) throw new Failure(1009, 'too many')
  }

  get #limit(): number {
    const faults = this.#faults
    if (faults.has('size-counter-not-reset')) return 1_572_864
    return faults.has('limit-of-1-mib') ? 1_048_575 : MAX_SIZE
  }

  // Payloads

  #takePayload({ key, opcode, rsv }: Frame, piece: Uint8Array): void {
    const faults = this.#faults
    const data = Uint8Array.from(piece)
    if (key !== undefined && !faults.has('mask-not-removed')) {
      const start = faults.has('mask-starts-again-in-chunk') ? 0 : this.#taken
      for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) ^ (key[(start + i) % 4] as number)
    }
    if (faults.has('mask-last-bytes-kept')) {
      const whole = data.length - (data.length % 4)
      data.set(piece.subarray(whole), whole)
    }
    this.#taken += piece.length
    this.#pieces.push(data)
    if (opcode >= 8 || faults.has('utf8-checked-at-end')) return
    const type = opcode === CONTINUATION ? this.#message?.opcode : opcode
    const compressed = opcode === CONTINUATION ? this.#message?.compressed === true : (rsv & 4) !== 0
    if (type === TEXT && !compressed) this.#checkText(data)
  }

  #checkText(data: Uint8Array): void {
    if (this.#faults.has('utf8-unchecked')) return
    if (!this.#utf8.push(data)) throw new Failure(this.#textCode, 'not UTF-8')
  }

  get #textCode(): number {
    return this.#faults.has('utf8-fault-with-1002') ? 1002 : 1007
  }

  #finishFrame(frame: Frame): void {
    this.#frame = undefined
    const payload = Buffer.concat(this.#pieces)
    if (frame.opcode > BINARY && frame.opcode < CLOSE) return
    if (frame.opcode >= CLOSE) this.#takeControl(frame.opcode, payload)
    else this.#takeData(frame, payload)
  }

  // Control frames

  #takeControl(opcode: number, payload: Buffer): void {
    const faults = this.#faults
    if (faults.has('control-ends-message')) this.#message = undefined
    if (faults.has('control-resets-utf8')) this.#utf8 = new Utf8Check(faults)
    if (opcode === PING) this.#takePing(payload)
    else if (opcode === CLOSE) this.#takeClose(payload)
    else if (opcode === PONG && faults.has('pong-answered')) this.#send(PONG, payload)
    else if (opcode === PONG && faults.has('pong-unasked-refused')) throw new Failure(1002, 'an unsolicited pong')
    else if (opcode === PONG && faults.has('pong-echoed')) this.#echo(BINARY, payload)
  }

  #takePing(payload: Buffer): void {
    const faults = this.#faults
    if (faults.has('ping-unanswered')) return
    if (faults.has('ping-inside-message-unanswered') && this.#message !== undefined) return
    if (faults.has('ping-echoed')) this.#echo(BINARY, payload)
    if (faults.has('ping-answered-by-ping')) this.#send(PING, payload)
    else this.#answerPing(payload)
  }

  #answerPing(payload: Buffer): void {
    const faults = this.#faults
    let answer: Uint8Array = payload
    if (faults.has('pong-without-payload')) answer = Buffer.alloc(0)
    if (faults.has('pong-cut')) answer = payload.subarray(0, 124)
    if (faults.has('pong-as-text')) answer = Buffer.from(payload.toString('utf8'))
    if (faults.has('pong-cut-at-nul')) answer = payload.subarray(0, (payload.indexOf(0) + 126) % 126)
    if (faults.has('pong-of-first-ping')) answer = this.#firstPing ??= answer
    if (faults.has('ping-answered-twice')) this.#send(PONG, answer)
    if (faults.has('pong-in-reverse')) this.#pongs.unshift(answer)
    else if (faults.has('pong-after-message') && this.#message !== undefined) this.#pongs.push(answer)
    else if (faults.has('pong-with-next-message')) this.#pongs.push(answer)
    else this.#send(PONG, answer)
  }

  #flushPongs(): void {
    if (this.#message !== undefined && this.#faults.has('pong-after-message')) return
    if (this.#messages === 0 && this.#faults.has('pong-with-next-message')) return
    for (const payload of this.#pongs.splice(0)) this.#send(PONG, payload)
  }

  #takeClose(payload: Buffer): void {
    const faults = this.#faults
    const isAnswered = faults.has('close-unanswered') || (this.#over && !faults.has('close-answered-again'))
    const answers = !isAnswered && !this.#endsWith(payload)
    if (answers) this.#checkClose(payload)
    this.#over = true
    if (answers) this.#answerClose(payload)
    else if (!isAnswered) this.#end.end()
  }

  /** Whether a Close with this payload gets no answer, only the end of the transport. */
  #endsWith(payload: Buffer): boolean {
    const faults = this.#faults
    if (faults.has('close-ends-transport')) return true
    return faults.has('close-for-fault-ends-transport') && payload.length >= 2 && payload.readUInt16BE(0) > 1001
  }

  #answerClose(payload: Buffer): void {
    const faults = this.#faults
    this.#sendClose(this.#answerTo(payload))
    if (faults.has('data-after-close')) this.#send(TEXT, Buffer.from('bye'))
    if (faults.has('ping-after-close')) this.#send(PING, Buffer.alloc(0))
    if (faults.has('garbage-after-close')) this.#end.write(Buffer.from([0xff, 0xff, 0xff]))
    if (this.#role === 'server' && !faults.has('transport-kept')) this.#end.end()
    if (this.#role === 'client' && faults.has('transport-ended-first')) this.#end.end()
    if (this.#role === 'client' && faults.has('transport-reset')) reset(this.#end)
  }

  /** Returns the payload of the Close that answers a Close. */
  #answerTo(payload: Buffer): Uint8Array {
    const faults = this.#faults
    if (payload.length === 0 && faults.has('close-1005-sent')) return codeBytes(1005)
    if (payload.length === 0 && faults.has('close-empty-answered-with-1002')) return codeBytes(1002)
    if (faults.has('close-answered-with-1006')) return codeBytes(1006)
    if (faults.has('close-answered-with-1002')) return codeBytes(1002)
    if (faults.has('close-code-little-endian')) return Buffer.from(payload.subarray(0, 2)).reverse()
    if (faults.has('close-reason-cut')) return payload.subarray(0, 12)
    if (faults.has('close-reason-too-long')) return Buffer.concat([payload, Buffer.alloc(126 - payload.length)])
    return payload
  }

  #checkClose(payload: Buffer): void {
    const faults = this.#faults
    if (payload.length === 0) return
    if (payload.length === 1) {
      if (faults.has('close-of-1-byte')) return
      throw new Failure(1002, 'a Close of one byte')
    }
    const code = payload.readUInt16BE(0)
    if (!this.#isCode(code)) throw new Failure(1002, 'a wrong code')
    if (payload.length > 2 && faults.has('close-reason-refused')) throw new Failure(1002, 'a reason')
    const check = new Utf8Check(faults)
    const valid = check.push(payload.subarray(2)) && check.complete
    if (!valid && !faults.has('close-reason-unchecked')) throw new Failure(this.#textCode, 'not UTF-8')
  }

  #isCode(code: number): boolean {
    const faults = this.#faults
    if (faults.has('close-codes-unchecked')) return true
    if (this.#isSoundCodeRefused(code)) return false
    if (faults.has('close-codes-below-3000') && code >= 1000 && code < 3000) return true
    if (faults.has('close-codes-reserved') && [1004, 1005, 1006, 1015].includes(code)) return true
    if (faults.has('close-codes-beyond-4999') && code > 4999) return true
    if (faults.has('close-codes-below-1000') && code < 1000) return true
    return (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999)
  }

  #isSoundCodeRefused(code: number): boolean {
    const faults = this.#faults
    if (faults.has('close-codes-other-than-1000-refused')) return code !== 1000
    if (faults.has('close-codes-of-libraries-refused')) return code >= 3000 && code < 4000
    if (faults.has('close-codes-of-applications-refused')) return code >= 4000
    if (faults.has('close-codes-of-rfc-2011-only')) return code > 1011 && code < 3000
    return faults.has('close-1010-refused') && code === 1010
  }

  /** Closes because of a fault of the other end. */
  #fail(code: number): void {
    const faults = this.#faults
    if (this.#over) return
    this.#over = true
    if (faults.has('fault-ignored')) {
      this.#over = false
      this.#header = []
      this.#frame = undefined
      return
    }
    if (faults.has('fault-kept-silent')) return
    if (faults.has('fault-resets')) reset(this.#end)
    if (!faults.has('fault-without-close')) this.#sendClose(codeBytes(faults.has('fault-with-1000') ? 1000 : code))
    if (!faults.has('transport-kept')) this.#end.end()
  }

  // Data

  #takeData({ opcode, fin, rsv }: Frame, payload: Buffer): void {
    const faults = this.#faults
    if (opcode !== CONTINUATION || this.#message === undefined) this.#begin(opcode, rsv)
    const message = this.#message as Message
    if (payload.length > 0 || !fin || opcode !== CONTINUATION || !faults.has('empty-last-fragment-dropped')) {
      message.pieces.push(payload)
      message.size += payload.length
      if (faults.has('fragments-join-backwards')) message.pieces.unshift(...message.pieces.splice(-1))
      if (faults.has('utf8-checked-by-frame') && message.opcode === TEXT && !this.#utf8.complete)
        throw new Failure(1007, 'a character across frames')
      if (faults.has('utf8-state-dropped-by-frame')) this.#utf8 = new Utf8Check(faults)
      if (fin || faults.has('messages-end-with-frames')) this.#finish(message)
    }
  }

  #begin(opcode: number, rsv: number): void {
    const faults = this.#faults
    const compressed = this.#deflate !== undefined && (rsv & 4) !== 0
    this.#message = {
      opcode: opcode === CONTINUATION ? BINARY : opcode,
      compressed: compressed || (this.#deflate !== undefined && faults.has('rsv1-ignored')),
      pieces: [],
      size: 0,
    }
  }

  #finish({ opcode, compressed, pieces }: Message): void {
    const faults = this.#faults
    this.#message = undefined
    this.#messages++
    let data = Buffer.concat(pieces)
    if (compressed) data = this.#inflate(pieces)
    else this.#deflate?.remember(data)
    const checked = !compressed && !faults.has('utf8-checked-at-end')
    if (opcode === TEXT && !checked && !(compressed && faults.has('inflated-text-unchecked'))) this.#checkText(data)
    if (opcode === TEXT && !this.#utf8.complete && !isEndUnchecked(faults))
      throw new Failure(this.#textCode, 'a text ends within a character')
    if (!faults.has('utf8-state-kept')) this.#utf8 = new Utf8Check(faults)
    this.#received = faults.has('size-counter-not-reset') ? this.#received : 0
    if (!faults.has('fragment-counter-not-reset')) this.#fragments = 0
    if (this.#messages > 1 && faults.has('second-message-unanswered')) return
    this.#echo(pieces.length > 1 && faults.has('fragments-echoed-as-binary') ? BINARY : opcode, data)
  }

  #inflate(pieces: readonly Uint8Array[]): Buffer<ArrayBuffer> {
    const faults = this.#faults
    const deflate = this.#deflate as Deflate
    try {
      if (faults.has('inflated-by-frame')) return Buffer.concat(pieces.map((piece) => deflate.inflate(piece)))
      return deflate.inflate(Buffer.concat(pieces))
    } catch (error) {
      if (faults.has('inflate-fault-ignored')) return Buffer.alloc(0)
      const tooLarge = (error as { readonly code?: string }).code === 'ERR_BUFFER_TOO_LARGE'
      throw new Failure(tooLarge ? 1009 : 1007, 'it cannot be inflated')
    }
  }

  // Output

  #echo(opcode: number, data: Buffer): void {
    const faults = this.#faults
    let type = opcode
    let payload = data
    if (faults.has('text-as-binary')) type = BINARY
    if (faults.has('binary-as-text')) type = TEXT
    if (type === TEXT && faults.has('bom-stripped')) payload = Buffer.from(new TextDecoder().decode(data))
    if (type === TEXT && faults.has('text-cut-at-nul') && data.includes(0)) payload = data.subarray(0, data.indexOf(0))
    if (type === TEXT && faults.has('text-as-ucs-2')) payload = asUcs2(data)
    if (type === TEXT && faults.has('text-normalized')) payload = Buffer.from(data.toString('utf8').normalize('NFC'))
    if (type === TEXT && faults.has('text-replaced'))
      payload = Buffer.from(data.toString('utf8').replace(/\r\n/g, '\n'))
    if (payload.length === 0 && faults.has('empty-message-dropped')) return
    if (faults.has('echo-twice')) this.#sendData(type, payload)
    if (faults.has('echo-in-text-frames')) this.#sendInFrames(type, payload, type)
    else if (faults.has('echo-in-frames-without-end')) this.#sendInFrames(type, payload, CONTINUATION, false)
    else this.#sendData(type, payload)
  }

  #sendData(opcode: number, data: Uint8Array): void {
    const faults = this.#faults
    if (this.#deflate === undefined) this.#send(opcode, data, faults.has('rsv1-sent') ? 4 : 0)
    else this.#send(opcode, this.#deflate.deflate(data), faults.has('compressed-without-rsv1') ? 0 : 4)
  }

  #sendInFrames(opcode: number, data: Uint8Array, next: number, ends = true): void {
    const half = data.length >> 1
    this.#write(opcode, data.subarray(0, half))
    this.#write((ends ? 0x80 : 0) | next, data.subarray(half))
  }

  #send(opcode: number, payload: Uint8Array, rsv = 0): void {
    this.#write(0x80 | (rsv << 4) | opcode, payload)
  }

  #sendClose(payload: Uint8Array): void {
    if (this.#faults.has('close-without-fin')) this.#write(CLOSE, payload)
    else this.#send(CLOSE, payload)
  }

  #write(first: number, payload: Uint8Array): void {
    const faults = this.#faults
    const masks = this.#role === 'client' ? !faults.has('sends-unmasked') : faults.has('sends-masked')
    const header = [first, ...this.#lengthBytes(payload.length)]
    this.#end.write(Buffer.concat(masks ? this.#masked(header, payload) : [Buffer.from(header), payload]))
  }

  #masked([first = 0, second = 0, ...rest]: readonly number[], payload: Uint8Array): readonly Uint8Array[] {
    const key = this.#drawKey()
    const data = Uint8Array.from(payload)
    if (!this.#faults.has('mask-not-applied'))
      for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) ^ (key[i % 4] as number)
    return [Buffer.from([first, 0x80 | second, ...rest]), key, data]
  }

  #drawKey(): Uint8Array {
    if (this.#faults.has('mask-key-of-zeros')) return Buffer.alloc(4)
    return this.#faults.has('mask-key-reused') ? this.#ownKey : randomBytes(4)
  }

  #lengthBytes(length: number): number[] {
    const faults = this.#faults
    const short = faults.has('sends-125-in-16-bits') ? 124 : faults.has('sends-126-in-7-bits') ? 126 : 125
    const medium = faults.has('sends-65535-in-64-bits') ? 65_534 : faults.has('sends-16-bits-only') ? Infinity : 65_535
    if (length <= short) return [length]
    if (length <= medium) return [126, (length >> 8) & 0xff, length & 0xff]
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64BE(BigInt(length))
    return [127, ...bytes]
  }
}

function isEndUnchecked(faults: Faults): boolean {
  return faults.has('utf8-end-unchecked') || faults.has('utf8-unchecked') || faults.has('utf8-state-kept')
}

function codeBytes(code: number): Uint8Array {
  return Buffer.from([code >> 8, code & 0xff])
}

/** Characters beyond the first 65 536 become two surrogates of three bytes each. */
function asUcs2(data: Buffer): Buffer {
  const units = data.toString('utf8').split('')
  return Buffer.concat(units.map((unit) => unitBytes(unit.charCodeAt(0))))
}

function unitBytes(unit: number): Buffer {
  if (unit < 0xd800 || unit > 0xdfff) return Buffer.from(String.fromCharCode(unit))
  return Buffer.from([0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)])
}

function reset(end: DuplexLike): void {
  if ('resetAndDestroy' in end && typeof end.resetAndDestroy === 'function') end.resetAndDestroy()
  else end.destroy()
}
