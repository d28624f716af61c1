/**
 * Reads one HTTP/1.1 head from chunks, for both parsers: a start line of three parts, then fields, then the empty line
 * (RFC 9112 §2–5). A {@link HeadGrammar} describes how requests and responses differ.
 *
 * The reader classifies each byte once and records only positions, such as where a name ends. When the head is complete, the reader
 * decodes it in one step and slices it at these positions. Until then it keeps the bytes of a head that is split across chunks. It
 * reports an error at its byte, wherever the chunks end:
 *
 *     state            takes                              next state
 *     before           the CR of an empty line            empty-line-feed   (requests only)
 *                      nothing                            start-line
 *     start-line       a part of the start line and SP    start-line
 *                      the last part and CR               line-feed
 *     line-start       the CR of the empty line           end-line-feed
 *                      SP or HTAB, a folded line          before-value      (responses only)
 *                      nothing                            name
 *     name             a name and its colon               before-value
 *     before-value     white space                        value
 *     value            a value and CR                     line-feed
 *     empty-line-feed  LF                                 before
 *     line-feed        LF                                 line-start
 *     end-line-feed    LF                                 done
 *
 * @module
 */

import { grow } from '../bytes/join.ts'
import { decodeLatin1 } from '../bytes/latin1.ts'
import { nothing, requireBytes } from '../bytes/view.ts'
import { ProtocolError, type ProtocolErrorCode, quote } from '../errors.ts'
import type { ResolvedLimits } from '../limits.ts'
import { COLON, CR, charClass, describeByte, FIELD_TEXT, isWhitespace, LF, SP, TCHAR } from './grammar.ts'
import type { HeaderList } from './headers.ts'

/**
 * A head and the bytes after it.
 *
 * @category HTTP heads
 */
export interface Parsed<Head> {
  /** You may change it. */
  head: Head
  /** Size in bytes, including the final empty line and any empty lines before the head. */
  size: number
  /** The bytes after the head, a view of the last chunk. */
  rest: Uint8Array
}

/** The grammar of one kind of head. */
export interface HeadGrammar {
  /** The three parts of the start line, and the characters of each. */
  readonly parts: readonly [StartPart, StartPart, StartPart]
  /** The RFC section of the start line. */
  readonly reference: string
  /** Whether empty lines may precede the head, as for requests (RFC 9112 §2.2). */
  readonly skipsEmptyLines: boolean
  /** Whether folded lines are joined by a space, as in responses, or refused, as in requests (RFC 9112 §5.2). */
  readonly joinsFolds: boolean
  /** Whether the last part, the reason phrase, may be missing together with the space before it. */
  readonly lastPartOptional: boolean
  /** The status for a start line that is too long. `undefined` for responses, which get no answer. */
  readonly longStartLineStatus: number | undefined
}

/** One part of a start line. */
interface StartPart {
  readonly name: string
  readonly charClass: number
  readonly code: ProtocolErrorCode
  /** Checks the part as soon as it is complete. */
  findError?(text: string): StartPartError | undefined
}

/** What is wrong with a part of a start line. */
export interface StartPartError {
  readonly message: string
  readonly reference: string
  /** Default: 400. */
  readonly status?: number
}

/** Checks `HTTP-version = "HTTP/" DIGIT "." DIGIT`, case-sensitive (RFC 9112 §2.3). Any major version but 1 gets a 505. */
export function findVersionError(version: string): StartPartError | undefined {
  if (version === 'HTTP/1.1') return undefined
  if (version.length !== 8 || !/^HTTP\/[0-9]\.[0-9]/.test(version))
    return { message: `the start line has ${quote(version)} instead of HTTP/1.1`, reference: 'RFC 9112 §2.3' }
  if (version[5] === '1') return undefined
  return { message: `${version} is not supported`, reference: 'RFC 9110 §15.6.6', status: 505 }
}

/** The states that expect an LF, and the state after it. */
const afterLineFeed = { 'empty-line-feed': 'before', 'line-feed': 'line-start', 'end-line-feed': 'done' } as const

/** What the next byte belongs to. */
type State =
  | 'before'
  | 'start-line'
  | 'line-start'
  | 'name'
  | 'before-value'
  | 'value'
  | 'done'
  | keyof typeof afterLineFeed

/** Recorded in place of a name if the line continues the previous value. */
const CONTINUED = -1

/** Reads one head. Create a new reader for the next head. */
export class HeadReader {
  /** The three parts, as text. */
  readonly startLine: [string, string, string] = ['', '', '']
  headers: HeaderList = []
  /** Bytes read so far, including empty lines before the head. */
  size = 0
  /** Once set, reading stops. */
  error: ProtocolError | undefined
  private state: State
  private part = 0
  /** Where the current token begins. All positions count bytes from the start of the head. */
  private tokenStart = 0
  private fields = 0
  /** The name of the current field. */
  private nameStart = 0
  private nameEnd = 0
  /** Whether the line continues the value of the previous line. */
  private isFold = false
  /** Four positions per line: start and end of name and value. For a folded line, the start of the name is `CONTINUED`. */
  private readonly places: number[] = []
  private readonly bytes = new HeadBytes()
  private readonly grammar: HeadGrammar
  private readonly limits: ResolvedLimits

  constructor(grammar: HeadGrammar, limits: ResolvedLimits) {
    this.grammar = grammar
    this.limits = limits
    this.state = grammar.skipsEmptyLines ? 'before' : 'start-line'
  }

  /** Whether the empty line has been read. */
  isDone(): boolean {
    return this.state === 'done'
  }

  /** Reads a chunk. Returns where it stopped: after the head, at an error, or at the end of the chunk. */
  read(chunk: Uint8Array): number {
    requireBytes(chunk, 'a chunk')
    const headEnd = this.limits.maxHeadSize - this.size
    let position = 0
    this.bytes.begin(chunk)
    while (position < chunk.length && this.state !== 'done' && this.error === undefined) {
      if (position === headEnd) this.failTooLarge()
      else position = this.step(chunk, position, Math.min(chunk.length, headEnd))
    }
    if (this.state === 'done') this.headers = sliceFields(this.bytes.text(0, this.size + position), this.places)
    else this.bytes.keep(position)
    this.size += position
    return position
  }

  /** Reads at most to the end of a line, one token after another. Returns where it stopped. */
  private step(chunk: Uint8Array, position: number, end: number): number {
    const { state } = this
    switch (state) {
      case 'before':
        if (chunk[position] === CR) return this.advance('empty-line-feed', position + 1)
        return this.advance('start-line', position)
      case 'start-line':
        return this.readStartLine(chunk, position, end)
      case 'line-start':
        return this.readLineStart(chunk, position, end)
      case 'name':
        return this.readName(chunk, position, end)
      case 'before-value':
        return this.readBeforeValue(chunk, position, end)
      case 'value':
        return this.readValue(chunk, position, end)
      case 'done':
        return position
      default:
        return this.readLineFeed(chunk, position, afterLineFeed[state])
    }
  }

  private advance(state: State, position: number): number {
    this.state = state
    this.tokenStart = this.size + position
    return position
  }

  // request-line = method SP request-target SP HTTP-version                                          RFC 9112 §3
  // status-line  = HTTP-version SP status-code SP [ reason-phrase ]                                  RFC 9112 §4
  private readStartLine(chunk: Uint8Array, position: number, end: number): number {
    const part = this.grammar.parts[this.part] as StartPart
    const stop = skipBytes(chunk, position, end, part.charClass)
    if (stop === end) return stop
    const { tokenStart } = this
    const tokenEnd = this.size + stop
    const last = this.part === 2
    const ends = chunk[stop] === CR && (last || (this.part === 1 && this.grammar.lastPartOptional))
    // Only the last part may be empty, as a reason phrase.
    if ((!ends && (last || chunk[stop] !== SP)) || (!last && tokenEnd === tokenStart))
      return this.fail(stop, part.code, `${describeByte(chunk[stop])} in the ${part.name}`, this.grammar.reference)
    const text = this.bytes.text(tokenStart, tokenEnd)
    const error = part.findError?.(text)
    if (error !== undefined) {
      this.setError(part.code, error.message, error.reference, tokenStart, error.status)
      return stop
    }
    this.startLine[this.part++] = text
    return this.advance(ends ? 'line-feed' : 'start-line', stop + 1)
  }

  private readLineStart(chunk: Uint8Array, position: number, end: number): number {
    const byte = chunk[position]
    if (byte === CR) return this.advance('end-line-feed', position + 1)
    if (!isWhitespace(byte)) {
      // Counted at the start of the line, so that the error's offset does not depend on chunk boundaries.
      if (this.fields < this.limits.maxHeadFields) return this.readLines(chunk, position, end)
      const message = `more than ${this.limits.maxHeadFields} fields (limits.maxHeadFields)`
      this.setError('too-many', message, 'RFC 6585 §5', this.size + position, 431)
      return position
    }
    // "whitespace between the start-line and the first header field" is not a fold                     RFC 9112 §2.2
    if (this.fields === 0 || !this.grammar.joinsFolds) {
      const reference = this.fields === 0 ? 'RFC 9112 §2.2' : 'RFC 9112 §5.2'
      return this.fail(position, 'head-syntax', 'a line that begins with white space', reference)
    }
    this.isFold = true
    return this.advance('before-value', position + 1)
  }

  /**
   * Reads field lines that the chunk contains whole, as it does most of them, without a state between their tokens. For any other line,
   * sets the state in which reading stopped and continues there.
   */
  // field-line = field-name ":" OWS field-value OWS                                                  RFC 9112 §5
  private readLines(chunk: Uint8Array, position: number, end: number): number {
    const { size, places } = this
    const { maxHeadFields } = this.limits
    let at = position
    while (at < end && this.fields < maxHeadFields) {
      const nameEnd = skipBytes(chunk, at, end, TCHAR)
      // The empty line, a fold, or an error. The first line can only be an error.
      if (nameEnd === at && at > position) break
      if (nameEnd === at || nameEnd === end || chunk[nameEnd] !== COLON) {
        this.advance('name', at)
        return this.readName(chunk, nameEnd, end)
      }
      this.beginField(size + at, size + nameEnd)
      const start = skipSpace(chunk, nameEnd + 1, end)
      const stop = skipBytes(chunk, start, end, FIELD_TEXT)
      if (stop + 1 >= end || chunk[stop] !== CR || chunk[stop + 1] !== LF) {
        if (start === end) return this.advance('before-value', start)
        this.advance('value', start)
        return this.readValue(chunk, stop, end)
      }
      places.push(size + at, size + nameEnd, size + start, size + stop)
      at = stop + 2
    }
    return this.advance('line-start', at)
  }

  private readName(chunk: Uint8Array, position: number, end: number): number {
    const stop = skipBytes(chunk, position, end, TCHAR)
    if (stop === end) return stop
    const nameEnd = this.size + stop
    if (chunk[stop] !== COLON || nameEnd === this.tokenStart)
      // "No whitespace is allowed between the field name and colon"                                  RFC 9112 §5.1
      return this.fail(stop, 'head-syntax', `${describeByte(chunk[stop])} in a field name`, 'RFC 9112 §5.1')
    this.beginField(this.tokenStart, nameEnd)
    return this.readBeforeValue(chunk, this.advance('before-value', stop + 1), end)
  }

  private beginField(nameStart: number, nameEnd: number): void {
    this.nameStart = nameStart
    this.nameEnd = nameEnd
    this.isFold = false
    this.fields++
  }

  private readBeforeValue(chunk: Uint8Array, position: number, end: number): number {
    const stop = skipSpace(chunk, position, end)
    return stop === end ? stop : this.readValue(chunk, this.advance('value', stop), end)
  }

  // field-content: no CR, LF, NUL or other control                                                   RFC 9110 §5.5
  private readValue(chunk: Uint8Array, position: number, end: number): number {
    const stop = skipBytes(chunk, position, end, FIELD_TEXT)
    if (stop === end) return stop
    if (chunk[stop] !== CR) {
      const name = quote(this.bytes.text(this.nameStart, this.nameEnd))
      return this.fail(stop, 'head-syntax', `${describeByte(chunk[stop])} in the value of ${name}`, 'RFC 9110 §5.5')
    }
    this.places.push(this.isFold ? CONTINUED : this.nameStart, this.nameEnd, this.tokenStart, this.size + stop)
    const next = this.advance('line-feed', stop + 1)
    return next < end ? this.readLineFeed(chunk, next, 'line-start') : next
  }

  private readLineFeed(chunk: Uint8Array, position: number, next: State): number {
    if (chunk[position] === LF) return this.advance(next, position + 1)
    return this.fail(position, 'head-syntax', `${describeByte(chunk[position])} after a CR`, 'RFC 9112 §2.2')
  }

  private fail(position: number, code: ProtocolErrorCode, found: string, reference: string): number {
    const offset = this.size + position
    this.setError(code, `unreadable head: ${found} at byte ${offset}`, reference, offset)
    return position
  }

  private failTooLarge(): void {
    const { maxHeadSize } = this.limits
    const message = `the head is larger than ${maxHeadSize} bytes (limits.maxHeadSize)`
    const inStartLine = this.state === 'start-line'
    const reference = inStartLine ? this.grammar.reference : 'RFC 6585 §5'
    this.setError(
      'head-too-large',
      message,
      reference,
      maxHeadSize,
      inStartLine ? this.grammar.longStartLineStatus : 431,
    )
  }

  private setError(code: ProtocolErrorCode, message: string, reference: string, offset: number, status = 400): void {
    // A client sends no status, and a status here would look like the server's.
    const answer = this.grammar.longStartLineStatus === undefined ? {} : { status }
    this.error = new ProtocolError(code, message, { reference, offset, ...answer })
  }
}

/** Returns the end of a run of bytes of one class. */
function skipBytes(chunk: Uint8Array, start: number, end: number, bits: number): number {
  // A local, since a module variable would be reloaded for each byte.
  const classes = charClass
  let i = start
  while (i < end && ((classes[chunk[i] as number] as number) & bits) !== 0) i++
  return i
}

/** Returns the end of a run of spaces and tabs. */
function skipSpace(chunk: Uint8Array, start: number, end: number): number {
  let i = start
  while (i < end && isWhitespace(chunk[i])) i++
  return i
}

/** Slices the fields out of the text of the whole head. */
function sliceFields(text: string, places: readonly number[]): HeaderList {
  const headers: HeaderList = []
  for (let i = 0; i < places.length; i += 4) {
    const name = places[i] as number
    const start = places[i + 2] as number
    let end = places[i + 3] as number
    // The reader has already skipped the white space before the value.
    while (end > start && isWhitespace(text.charCodeAt(end - 1))) end--
    const value = text.slice(start, end)
    if (name !== CONTINUED) {
      headers.push([text.slice(name, places[i + 1]), value])
      continue
    }
    const last = headers[headers.length - 1] as HeaderList[number]
    // "replace each received obs-fold with one or more SP octets"                                    RFC 9112 §5.2
    if (value !== '') last[1] += last[1] === '' ? value : ` ${value}`
  }
  return headers
}

/** In bytes. Enough for most heads that are split across chunks. */
const INITIAL_CAPACITY = 1024

/**
 * The bytes of a head so far. Earlier chunks are kept as bytes: a string joined from chunks takes extra memory for each chunk, many
 * times the size of the head if it arrives byte by byte.
 */
export class HeadBytes {
  private kept: Uint8Array | undefined
  private size = 0
  private chunk: Uint8Array = nothing
  /** The number of bytes of the chunk already kept. */
  private taken = 0

  /** Sets the next chunk, which is borrowed until {@link keep}. */
  begin(chunk: Uint8Array): void {
    this.chunk = chunk
    this.taken = 0
  }

  /** Copies the part of the chunk that was read, and releases the chunk. Takes linear time over all calls, as the capacity doubles. */
  keep(position: number): void {
    this.append(position)
    this.chunk = nothing
  }

  /** Returns the text from `start` to `end`, which must be within the bytes read so far. */
  text(start: number, end: number): string {
    if (this.size === 0) return decodeLatin1(this.chunk, start, end)
    this.append(end - this.size + this.taken)
    return decodeLatin1(this.kept as Uint8Array, start, end)
  }

  private append(position: number): void {
    const size = this.size + position - this.taken
    if (position <= this.taken) return
    if (this.kept === undefined || this.kept.length < size)
      this.kept = grow(this.kept, this.size, Math.max(INITIAL_CAPACITY, 2 * size))
    this.kept.set(this.chunk.subarray(this.taken, position), this.size)
    this.size = size
    this.taken = position
  }
}
