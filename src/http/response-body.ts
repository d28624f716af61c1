/**
 * Reads the body of a refused upgrade from chunks of any size, so that a client can report the reason (RFC 9112 §6, §7.1). Takes
 * the head and the bytes after it. For short texts with a size limit, not for downloads.
 *
 * @module
 */

import { describeValue, requireOptions } from '../arguments.ts'
import { equalsIgnoringCase } from '../bytes/ascii.ts'
import { Collector, KEEP_FROM } from '../bytes/collector.ts'
import { nothing, requireBytes } from '../bytes/view.ts'
import { attempt, ProtocolError, type ProtocolErrorCode, type ProtocolErrors, quote } from '../errors.ts'
import type { Bytes } from '../types.ts'
import { type BodyFraming, type FramedResponse, pickFraming, responseFraming } from './framing.ts'
import { COLON, CR, charClass, describeByte, FIELD_TEXT, isWhitespace, LF, SEMICOLON, TCHAR } from './grammar.ts'
import { toElements } from './headers.ts'

/**
 * Options of {@link ResponseBodyReader}.
 *
 * @category HTTP heads
 */
export interface ResponseBodyOptions {
  /** The method of the request: a response to HEAD has no body. Default: `'GET'`. */
  readonly method?: string | undefined
  /** The largest body to read, in bytes. Default: 65 536, since error pages have a few kilobytes. */
  readonly maxBodySize?: number | undefined
}

const DEFAULT_MAX_BODY_SIZE = 65_536

/**
 * The result of {@link ResponseBodyReader}.
 *
 * @category HTTP heads
 */
export type ReadBody =
  | {
      /** Distinguishes it from an unreadable body. */
      ok: true
      /** The whole body, chunks joined. You may change it. */
      body: Bytes
      /** The bytes after the body, a view of the last chunk. */
      rest: Uint8Array
    }
  | {
      /** No more of the body can be read. */
      ok: false
      /** What is wrong with the body. */
      errors: ProtocolErrors
      /** The bytes from the first invalid one on, a view of the last chunk. */
      rest: Uint8Array
    }

/** What the next byte belongs to. */
type State =
  | 'until-close'
  | 'length'
  | 'chunk-size'
  | 'chunk-extension' // before its semicolon
  | 'chunk-extension-text'
  | 'chunk-size-line-feed'
  | 'chunk-data'
  | 'chunk-data-return'
  | 'chunk-data-line-feed'
  | 'trailer-start'
  | 'trailer-name'
  | 'trailer-value'
  | 'trailer-line-feed'
  | 'end-line-feed'
  | 'done'

/** The digits of a chunk size: 52 bits, which a number represents exactly. */
const MAX_SIZE_DIGITS = 13

/**
 * The limit on all chunk extensions and trailers together, which are skipped, in bytes. "A server ought to limit the total length of
 * chunk extensions received in a request to an amount reasonable for the services provided" (RFC 9112 §7.1.1), and so should a client.
 */
const MAX_SKIPPED = 16_384

/**
 * Reads the body of one response. Its head determines whether the body ends by `Content-Length`, by chunks, or with the connection.
 * Skips trailers and chunk extensions. Reads every byte once and uses a chunk only during the call. Collects at most `maxBodySize`
 * bytes, whatever the peer announces. Never throws for what a peer sent.
 *
 * Errors: `head-syntax` if the head does not reliably define where the body ends; `response-body` for invalid chunks, for a
 * connection that ends too early, and for codings that were not requested; `too-large` for a body larger than `maxBodySize`.
 *
 * @example
 * const bodies = new ResponseBodyReader({ status: 403, headers: { 'content-length': 8 } })
 * const read = bodies.push(new TextEncoder().encode('no entry'))
 * read?.ok && new TextDecoder().decode(read.body) // 'no entry'
 *
 * @example
 * // After `verifyHandshake` has rejected the response. More chunks come from the socket.
 * const bodies = new ResponseBodyReader(parsed.head)
 * let read = bodies.push(parsed.rest)
 * for await (const bytes of socket) if ((read ??= bodies.push(bytes)) !== undefined) break
 * read ??= bodies.end()
 * if (read.ok) console.log(parsed.head.status, new TextDecoder().decode(read.body))
 *
 * @category HTTP heads
 */
export class ResponseBodyReader {
  private readonly limit: number
  private state: State = 'done'
  private error: ProtocolError | undefined
  private readonly body = new Collector()
  /** The bytes left in the body, or in the current chunk. */
  private left = 0
  private digits = 0
  private skipped = 0
  /** Bytes read so far. */
  private size = 0
  private returned = false

  /**
   * @param head The `head` of a parser's result, or any object with `status` and `headers`. If its `httpVersion` is `'2'` or `'3'`, push
   *   the content of DATA frames.
   * @throws TypeError for an invalid head or options, `RangeError` for an invalid limit.
   */
  constructor(head: FramedResponse, options: ResponseBodyOptions = {}) {
    requireOptions(options, { method: 'string', maxBodySize: 'any' }, 'the options of ResponseBodyReader')
    const { method = 'GET', maxBodySize = DEFAULT_MAX_BODY_SIZE } = options
    if (!(Number.isSafeInteger(maxBodySize) && maxBodySize >= 0) && maxBodySize !== Infinity)
      throw new RangeError(
        `\`maxBodySize\` must be Infinity or a whole number of at least 0, not ${describeValue(maxBodySize)}`,
      )
    this.limit = maxBodySize
    const framing = attempt(() => responseFraming(head, method))
    if (framing instanceof ProtocolError) this.error = framing
    else this.begin(framing, head)
  }

  private begin(framing: BodyFraming, head: FramedResponse): void {
    if (framing.kind === 'none') return
    this.error = findCodingError(head)
    if (framing.kind === 'chunked') this.state = 'chunk-size'
    else if (framing.kind === 'until-close') this.state = 'until-close'
    else {
      this.left = framing.length
      if (framing.length > 0) this.state = 'length'
      if (framing.length > this.limit) this.error ??= this.tooLarge(0)
    }
  }

  /** Returns the body when it is complete, `undefined` until then, and an empty body after that. */
  push(chunk: Uint8Array): ReadBody | undefined {
    requireBytes(chunk, 'a chunk')
    let position = 0
    while (position < chunk.length && this.state !== 'done' && this.error === undefined)
      position = this.step(chunk, position)
    this.size += position
    const rest = chunk.subarray(position)
    if (this.error !== undefined) return { ok: false, errors: [this.error], rest }
    return this.state === 'done' ? this.finish(rest) : undefined
  }

  /** Reports that the connection has ended. Returns the body, or an error if the body is incomplete. */
  end(): ReadBody {
    if (this.state === 'until-close') this.state = 'done'
    // The message is incomplete                                                                          RFC 9112 §8
    if (this.state !== 'done' && this.error === undefined)
      this.refuse(0, 'response-body', this.describeEarlyEnd(), 'RFC 9112 §8')
    return this.push(nothing) as ReadBody
  }

  private describeEarlyEnd(): string {
    return this.state === 'length' ? `the connection ended ${this.left} bytes early,` : 'the connection ended'
  }

  /** Returns the body the first time only, since the caller owns it. */
  private finish(rest: Uint8Array): ReadBody {
    const body = this.returned ? new Uint8Array(0) : this.body.join()
    this.returned = true
    return { ok: true, body, rest }
  }

  /** Reads one element of the grammar, or the part of it in the chunk. Returns where it stopped. */
  private step(chunk: Uint8Array, position: number): number {
    const byte = chunk[position] as number
    switch (this.state) {
      case 'until-close':
        return this.readUntilClose(chunk, position)
      case 'length':
      case 'chunk-data':
        return this.readData(chunk, position)
      case 'chunk-size':
        return this.readSize(byte, position)
      case 'chunk-extension':
        // chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )                    RFC 9112 §7.1.1
        if (isWhitespace(byte)) return this.skip(position, position + 1)
        return byte === SEMICOLON
          ? this.next('chunk-extension-text', position)
          : this.fail(position, byte, 'in the size of a chunk')
      case 'chunk-extension-text':
        return this.skipText(chunk, position, FIELD_TEXT, 'chunk-size-line-feed', 'in a chunk extension')
      case 'chunk-size-line-feed':
        return this.expect(byte, LF, this.left === 0 ? 'trailer-start' : 'chunk-data', position)
      case 'chunk-data-return':
        return this.expect(byte, CR, 'chunk-data-line-feed', position)
      case 'chunk-data-line-feed':
        this.digits = 0
        return this.expect(byte, LF, 'chunk-size', position)
      case 'trailer-start':
        if (byte === CR) return this.next('end-line-feed', position)
        return isTokenByte(byte)
          ? this.next('trailer-name', position, 0)
          : this.fail(position, byte, 'in the name of a trailer')
      case 'trailer-name':
        return this.skipText(chunk, position, TCHAR, 'trailer-value', 'in the name of a trailer')
      case 'trailer-value':
        return this.skipText(chunk, position, FIELD_TEXT, 'trailer-line-feed', 'in a trailer')
      case 'trailer-line-feed':
        return this.expect(byte, LF, 'trailer-start', position)
      case 'end-line-feed':
        return this.expect(byte, LF, 'done', position)
      case 'done':
        return position
    }
  }

  private next(state: State, position: number, read = 1): number {
    this.state = state
    return position + read
  }

  private expect(byte: number, wanted: number, state: State, position: number): number {
    if (byte === wanted) return this.next(state, position)
    return this.fail(position, byte, `where ${wanted === CR ? 'CR' : 'LF'} is expected`)
  }

  // chunk-size = 1*HEXDIG                                                                              RFC 9112 §7.1
  private readSize(byte: number, position: number): number {
    const digit = hexDigit(byte)
    if (digit === -1) {
      if (this.digits === 0) return this.fail(position, byte, 'where the size of a chunk is expected')
      if (byte === CR) return this.next('chunk-size-line-feed', position)
      return this.next('chunk-extension', position, 0)
    }
    if (this.digits === MAX_SIZE_DIGITS)
      return this.refuse(position, 'response-body', `a size of more than ${MAX_SIZE_DIGITS} digits`, 'RFC 9112 §7.1')
    this.left = (this.digits === 0 ? 0 : this.left) * 16 + digit
    this.digits++
    if (this.left > this.limit - this.body.size) this.error = this.tooLarge(position)
    return this.error === undefined ? position + 1 : position
  }

  private readData(chunk: Uint8Array, position: number): number {
    const end = Math.min(chunk.length, position + this.left)
    this.collect(chunk.subarray(position, end))
    this.left -= end - position
    if (this.left > 0) return end
    return this.next(this.state === 'length' ? 'done' : 'chunk-data-return', end, 0)
  }

  private readUntilClose(chunk: Uint8Array, position: number): number {
    const end = Math.min(chunk.length, position + this.limit - this.body.size)
    this.collect(chunk.subarray(position, end))
    if (end < chunk.length) this.error = this.tooLarge(end)
    return end
  }

  /** Copies, because the caller may change a chunk after the call. */
  private collect(chunk: Uint8Array): void {
    if (chunk.length < KEEP_FROM) this.body.copy(chunk)
    else this.body.keep(new Uint8Array(chunk))
  }

  /** Skips a run of characters and the delimiter after it. */
  private skipText(chunk: Uint8Array, position: number, bits: number, state: State, where: string): number {
    const classes = charClass
    let end = position
    while (end < chunk.length && ((classes[chunk[end] as number] as number) & bits) !== 0) end++
    const stop = this.skip(position, end)
    if (stop < end || end === chunk.length) return stop
    const byte = chunk[end] as number
    if (byte !== (bits === TCHAR ? COLON : CR)) return this.fail(end, byte, where)
    return this.next(state, end)
  }

  /** Counts skipped bytes. Returns the position that exceeds the limit, or the end. */
  private skip(position: number, end: number): number {
    const left = MAX_SKIPPED - this.skipped
    this.skipped += end - position
    if (end - position <= left) return end
    const found = `more than ${MAX_SKIPPED} bytes of chunk extensions and trailers`
    return this.refuse(position + left, 'too-large', found, 'RFC 9112 §7.1.1')
  }

  private fail(position: number, byte: number, where: string): number {
    return this.refuse(position, 'response-body', `${describeByte(byte)} ${where}`, 'RFC 9112 §7.1')
  }

  private refuse(position: number, code: ProtocolErrorCode, found: string, reference: string): number {
    const offset = this.size + position
    this.error = new ProtocolError(code, `unreadable body: ${found} at byte ${offset}`, { reference, offset })
    return position
  }

  private tooLarge(position: number): ProtocolError {
    const message = `the body is larger than ${this.limit} bytes (\`maxBodySize\`)`
    return new ProtocolError('too-large', message, { reference: 'RFC 9110 §8.6', offset: this.size + position })
  }
}

// A client must request other codings than chunked with TE, which our requests never send                RFC 9112 §7.4
function findCodingError({ headers }: FramedResponse): ProtocolError | undefined {
  const codings = attempt(() => toElements(pickFraming(headers).codings, 'Transfer-Encoding'))
  if (codings instanceof ProtocolError) return codings
  const other = codings.length > 1 ? codings.join(', ') : codings[0]
  if (other === undefined || equalsIgnoringCase(other, 'chunked')) return undefined
  const message = `Transfer-Encoding is ${quote(other)}, not chunked alone`
  return new ProtocolError('response-body', message, { reference: 'RFC 9112 §7.4' })
}

function isTokenByte(byte: number): boolean {
  return ((charClass[byte] as number) & TCHAR) !== 0
}

/** Returns the value of a hexadecimal digit, or -1 for any other byte. */
function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}
