/**
 * One head, read from chunks byte by byte: three start-line parts, then fields, then the empty line (RFC 9112 §2–5).
 *
 * Strategy. The bytes are classified once, whatever the chunks, and only places are noted: where a name ends, where a value
 * begins. Once the head is whole it is turned into text at one stroke and cut there, which costs a third of turning each
 * name and value into text by itself. What a chunk's end has torn is kept as bytes until then. Knows what requests and
 * responses share; where they differ it is told by a {@link HeadGrammar}.
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

/** A head and what came behind it. */
export interface Parsed<Head> {
  /** Yours to change. */
  head: Head
  /** Bytes of the head, its empty line included, and empty lines before it. */
  size: number
  /** What followed the head in the bytes that were given last. A view of them. */
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

/** Reads one head; made anew for the next. */
export class HeadReader {
  readonly startLine: StartLine = ['', '', '']
  headers: HeaderList = []
  /** Bytes read so far, empty lines before the head included. */
  size = 0
  /** What is wrong with the head; nothing is read behind it. */
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

  /** Reads on; returns where it stopped: behind the head, at a fault, or at the end of the chunk. */
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

  /** Reads to the end of a line at most: one token leads to the next, as long as there are bytes. Returns where it stopped. */
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
    // Of the three only the last may be empty, as a reason phrase is.
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
    // "whitespace between the start-line and the first header field" is no fold                        RFC 9112 §2.2
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

  /** Counted where the line begins: the place is the same however the chunks fall. */
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
    // A client owes no status, and one here would pass for what the server said.
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

/** Where the run of bytes of one class ends. */
function skipBytes(chunk: Uint8Array, start: number, end: number, bits: number): number {
  // A variable of a module is read anew for each byte.
  const classes = charClass
  let i = start
  while (i < end && ((classes[chunk[i] as number] as number) & bits) !== 0) i++
  return i
}
