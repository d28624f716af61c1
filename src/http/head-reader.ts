/**
 * Reads one HTTP/1.1 head from chunks, for both parsers: three start-line parts, then fields, then the empty line
 * (RFC 9112 §2–5). A {@link HeadGrammar} describes how requests and responses differ.
 *
 * Each byte is classified once, and only positions are recorded: where a name ends, where a value begins. Once the head is
 * complete, it is decoded in one step and sliced there, which is faster than decoding each name and value separately. A head
 * split across chunks is kept as bytes until then.
 *
 * @module
 */

import { requireBytes } from '../bytes/view.ts'
import { ProtocolError, type ProtocolErrorCode, quote } from '../errors.ts'
import type { ResolvedLimits } from '../limits.ts'
import { Carry } from './carry.ts'
import { FieldMarks } from './field-marks.ts'
import { charClass, FIELD_TEXT, TCHAR } from './grammar.ts'
import type { HeadGrammar, StartLine, StartPart } from './head-grammar.ts'
import type { HeaderList } from './headers.ts'
import { COLON, CR, describeByte, isWhitespace, LF, SP } from './octets.ts'

/** A head and the bytes after it. */
export interface Parsed<Head> {
  /** Yours to change. */
  head: Head
  /** Size in bytes, including the final empty line and any empty lines before the head. */
  size: number
  /** The bytes after the head. A view of the last chunk. */
  rest: Uint8Array
}

/** What the next byte belongs to. */
type State =
  | 'before' // empty lines before a request line
  | 'empty-line-feed'
  | 'start-line'
  | 'line-feed'
  | 'line-start'
  | 'name'
  | 'before-value'
  | 'value'
  | 'end-line-feed'
  | 'done'

/** Reads one head; create a new one for the next. */
export class HeadReader {
  readonly startLine: StartLine = ['', '', '']
  headers: HeaderList = []
  /** Bytes read so far, including empty lines before the head. */
  size = 0
  /** Once set, reading stops. */
  fault: ProtocolError | undefined
  private state: State
  private part = 0
  /** Where the current token begins, in bytes of the head. */
  private tokenStart = 0
  private readonly marks = new FieldMarks()
  private readonly carry = new Carry()
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

  /** Reads a chunk; returns where it stopped: after the head, at a fault, or at the end of the chunk. */
  read(chunk: Uint8Array): number {
    requireBytes(chunk, 'a chunk')
    const { maxHeadSize } = this.limits
    const headEnd = maxHeadSize - this.size
    let position = 0
    this.carry.begin(chunk)
    while (position < chunk.length && this.state !== 'done' && this.fault === undefined) {
      if (position === headEnd) this.failTooLarge()
      else position = this.step(chunk, position, Math.min(chunk.length, headEnd))
    }
    if (this.state === 'done') this.headers = this.marks.cut(this.carry.text(0, this.size + position))
    else this.carry.keep(position)
    this.size += position
    return position
  }

  /** Reads at most to the end of a line, one token after another. Returns where it stopped. */
  private step(chunk: Uint8Array, position: number, end: number): number {
    switch (this.state) {
      case 'before':
        if (chunk[position] === CR) return this.advance('empty-line-feed', position + 1)
        return this.advance('start-line', position)
      case 'empty-line-feed':
        return this.expectLineFeed(chunk, position, 'before')
      case 'start-line':
        return this.readStartLine(chunk, position, end)
      case 'line-feed':
        return this.expectLineFeed(chunk, position, 'line-start')
      case 'line-start':
        return this.readLineStart(chunk, position, end)
      case 'name':
        return this.readName(chunk, position, end)
      case 'before-value':
        return this.readBeforeValue(chunk, position, end)
      case 'value':
        return this.readValue(chunk, position, end)
      case 'end-line-feed':
        return this.expectLineFeed(chunk, position, 'done')
      case 'done':
        return position
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
    const text = this.carry.text(tokenStart, tokenEnd)
    const fault = part.check?.(text)
    if (fault !== undefined) {
      this.refuse(part.code, fault.message, fault.reference, tokenStart, fault.status)
      return stop
    }
    this.startLine[this.part++] = text
    return this.advance(ends ? 'line-feed' : 'start-line', stop + 1)
  }

  private readLineStart(chunk: Uint8Array, position: number, end: number): number {
    const byte = chunk[position]
    if (byte === CR) return this.advance('end-line-feed', position + 1)
    if (!isWhitespace(byte)) return this.startField(chunk, position, end)
    // "whitespace between the start-line and the first header field" is not a fold                     RFC 9112 §2.2
    const first = this.marks.fields === 0
    if (first || !this.grammar.joinsFolds)
      return this.fail(
        position,
        'head-syntax',
        'a line that begins with white space',
        first ? 'RFC 9112 §2.2' : 'RFC 9112 §5.2',
      )
    // "replace each received obs-fold with one or more SP octets"                                    RFC 9112 §5.2
    this.marks.continueField()
    return this.advance('before-value', position + 1)
  }

  /** Counts fields at the start of the line, so that the fault's offset does not depend on chunk boundaries. */
  private startField(chunk: Uint8Array, position: number, end: number): number {
    const { maxHeadFields } = this.limits
    if (this.marks.fields < maxHeadFields) return this.readName(chunk, this.advance('name', position), end)
    const message = `more than ${maxHeadFields} field lines (limits.maxHeadFields)`
    this.refuse('too-many', message, 'RFC 6585 §5', this.size + position, 431)
    return position
  }

  // field-line = field-name ":" OWS field-value OWS                                                  RFC 9112 §5
  private readName(chunk: Uint8Array, position: number, end: number): number {
    const stop = skipBytes(chunk, position, end, TCHAR)
    if (stop === end) return stop
    const nameEnd = this.size + stop
    if (chunk[stop] !== COLON || nameEnd === this.tokenStart)
      // "No whitespace is allowed between the field name and colon"                                  RFC 9112 §5.1
      return this.fail(stop, 'head-syntax', `${describeByte(chunk[stop])} in a field name`, 'RFC 9112 §5.1')
    this.marks.startField(this.tokenStart, nameEnd)
    return this.readBeforeValue(chunk, this.advance('before-value', stop + 1), end)
  }

  private readBeforeValue(chunk: Uint8Array, position: number, end: number): number {
    let stop = position
    while (stop < end && isWhitespace(chunk[stop])) stop++
    return stop === end ? stop : this.readValue(chunk, this.advance('value', stop), end)
  }

  // field-content: no CR, LF, NUL or other control                                                   RFC 9110 §5.5
  private readValue(chunk: Uint8Array, position: number, end: number): number {
    const stop = skipBytes(chunk, position, end, FIELD_TEXT)
    if (stop === end) return stop
    if (chunk[stop] !== CR) {
      const name = this.carry.text(this.marks.nameStart, this.marks.nameEnd)
      const found = `${describeByte(chunk[stop])} in the value of ${quote(name)}`
      return this.fail(stop, 'head-syntax', found, 'RFC 9110 §5.5')
    }
    this.marks.endValue(this.tokenStart, this.size + stop)
    const next = this.advance('line-feed', stop + 1)
    return next < end ? this.expectLineFeed(chunk, next, 'line-start') : next
  }

  private expectLineFeed(chunk: Uint8Array, position: number, next: State): number {
    if (chunk[position] === LF) return this.advance(next, position + 1)
    return this.fail(
      position,
      'head-syntax',
      `${describeByte(chunk[position])} behind a CR, where only LF may stand`,
      'RFC 9112 §2.2',
    )
  }

  private fail(position: number, code: ProtocolErrorCode, found: string, reference: string): number {
    const offset = this.size + position
    this.refuse(code, `unreadable head: ${found} at byte ${offset}`, reference, offset)
    return position
  }

  private refuse(code: ProtocolErrorCode, message: string, reference: string, offset: number, status = 400): void {
    // A client sends no status, and one here would look like the server's.
    const owed = this.grammar.longStartLineStatus === undefined ? {} : { status }
    this.fault = new ProtocolError(code, message, { reference, offset, ...owed })
  }

  private failTooLarge(): void {
    const { maxHeadSize } = this.limits
    const message = `the head is larger than ${maxHeadSize} bytes (limits.maxHeadSize)`
    const inStartLine = this.state === 'start-line'
    const reference = inStartLine ? this.grammar.reference : 'RFC 6585 §5'
    this.refuse('head-too-large', message, reference, maxHeadSize, inStartLine ? this.grammar.longStartLineStatus : 431)
  }
}

/** The end of a run of bytes of one class. */
function skipBytes(chunk: Uint8Array, start: number, end: number, bits: number): number {
  // A local, since a module variable would be reloaded for each byte.
  const classes = charClass
  let i = start
  while (i < end && ((classes[chunk[i] as number] as number) & bits) !== 0) i++
  return i
}
