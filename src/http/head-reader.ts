/**
 * One head, read from chunks byte by byte: three start-line parts, then fields, then the empty line (RFC 9112 §2–5).
 *
 * Each byte is classified once, whatever the chunks: a token that a chunk cuts in two is kept and goes on with the
 * next chunk. Knows what requests and responses share; where they differ it is told by a {@link HeadGrammar}.
 *
 * @module
 */

import { ProtocolError, type ProtocolErrorCode, quote } from '../errors.ts'
import type { ResolvedLimits } from '../limits.ts'
import { Carry } from './carry.ts'
import { charClass, FIELD_TEXT, TCHAR, trimWhitespace } from './grammar.ts'
import type { HeadGrammar, StartLine, StartPart } from './head-grammar.ts'
import type { HeaderList } from './headers.ts'

/** A head and what came behind it. */
export interface Parsed<Head> {
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

const CR = 0x0d
const LF = 0x0a
const SP = 0x20
const HTAB = 0x09
const COLON = 0x3a

/** Reads one head; made anew for the next. */
export class HeadReader {
  readonly startLine: StartLine = ['', '', '']
  readonly headers: HeaderList = []
  /** Bytes read so far, empty lines before the head included. */
  size = 0
  /** What is wrong with the head; nothing is read behind it. */
  fault: ProtocolError | undefined
  private state: State
  private part = 0
  /** The run of bytes that was read last, once it is whole. */
  private text = ''
  private readonly carry = new Carry()
  private name = ''
  private folding = false
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
    const room = this.limits.maxHeadSize - this.size
    const end = Math.min(chunk.length, room)
    let position = 0
    while (position < end && this.state !== 'done' && this.fault === undefined)
      position = this.step(chunk, position, end)
    this.size += position
    if (chunk.length > end && this.state !== 'done' && this.fault === undefined) this.failTooLarge()
    return position
  }

  /** Reads one token, or as much of it as there is. Returns where it stopped. */
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
        return this.readLineStart(chunk, position)
      case 'name':
        return this.readName(chunk, position, end)
      case 'before-value':
        if (isWhitespace(chunk[position])) return position + 1
        return this.advance('value', position)
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
    return position
  }

  /** Reads a run of bytes of one class; returns where it ends. At the end of the chunk it may go on in the next. */
  private readRun(chunk: Uint8Array, position: number, end: number, bits: number): number {
    let i = position
    while (i < end && ((charClass[chunk[i] as number] as number) & bits) !== 0) i++
    if (i === end) this.carry.append(chunk, position, i)
    else this.text = this.carry.take(chunk, position, i)
    return i
  }

  // request-line = method SP request-target SP HTTP-version                                          RFC 9112 §3
  // status-line  = HTTP-version SP status-code SP [ reason-phrase ]                                  RFC 9112 §4
  private readStartLine(chunk: Uint8Array, position: number, end: number): number {
    const part = this.grammar.parts[this.part] as StartPart
    const stop = this.readRun(chunk, position, end, part.charClass)
    if (stop === end) return stop
    const last = this.part === 2
    const ends = chunk[stop] === CR && (last || (this.part === 1 && this.grammar.lastPartOptional))
    // Of the three only the last may be empty, as a reason phrase is.
    if ((!ends && (last || chunk[stop] !== SP)) || (!last && this.text === ''))
      return this.fail(stop, part.code, `${describeByte(chunk[stop])} in the ${part.name}`, this.grammar.reference)
    const text = this.text
    const fault = part.check?.(text)
    if (fault !== undefined) {
      this.refuse(part.code, fault.message, fault.reference, this.size + stop - text.length, fault.status)
      return stop
    }
    this.startLine[this.part] = text
    if (ends) return this.advance('line-feed', stop + 1)
    this.part++
    return stop + 1
  }

  private readLineStart(chunk: Uint8Array, position: number): number {
    const byte = chunk[position]
    if (byte === CR) return this.advance('end-line-feed', position + 1)
    if (!isWhitespace(byte)) return this.startField(position)
    // "whitespace between the start-line and the first header field" is no fold                        RFC 9112 §2.2
    const first = this.headers.length === 0
    if (first || !this.grammar.joinsFolds)
      return this.fail(
        position,
        'head-syntax',
        'a line that begins with white space',
        first ? 'RFC 9112 §2.2' : 'RFC 9112 §5.2',
      )
    // "replace each received obs-fold with one or more SP octets"                                    RFC 9112 §5.2
    this.folding = true
    return this.advance('before-value', position + 1)
  }

  /** Counted where the line begins: the place is the same however the chunks fall. */
  private startField(position: number): number {
    const { maxHeadFields } = this.limits
    if (this.headers.length < maxHeadFields) return this.advance('name', position)
    const message = `more than ${maxHeadFields} field lines (limits.maxHeadFields)`
    this.refuse('too-many', message, 'RFC 6585 §5', this.size + position, 431)
    return position
  }

  // field-line = field-name ":" OWS field-value OWS                                                  RFC 9112 §5
  private readName(chunk: Uint8Array, position: number, end: number): number {
    const stop = this.readRun(chunk, position, end, TCHAR)
    if (stop === end) return stop
    if (chunk[stop] !== COLON || this.text === '')
      // "No whitespace is allowed between the field name and colon"                                  RFC 9112 §5.1
      return this.fail(stop, 'head-syntax', `${describeByte(chunk[stop])} in a field name`, 'RFC 9112 §5.1')
    this.name = this.text
    return this.advance('before-value', stop + 1)
  }

  // field-content: no CR, LF, NUL or other control                                                   RFC 9110 §5.5
  private readValue(chunk: Uint8Array, position: number, end: number): number {
    const stop = this.readRun(chunk, position, end, FIELD_TEXT)
    if (stop === end) return stop
    if (chunk[stop] !== CR)
      return this.fail(
        stop,
        'head-syntax',
        `${describeByte(chunk[stop])} in the value of ${quote(this.name)}`,
        'RFC 9110 §5.5',
      )
    this.endField()
    return this.advance('line-feed', stop + 1)
  }

  private endField(): void {
    const value = trimWhitespace(this.text)
    const folded = this.folding ? this.headers[this.headers.length - 1] : undefined
    this.folding = false
    if (folded === undefined) this.headers.push([this.name, value])
    else if (value !== '') folded[1] += folded[1] === '' ? value : ` ${value}`
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
    this.refuse('head-too-large', message, reference, this.size, inStartLine ? this.grammar.longStartLineStatus : 431)
  }
}

function isWhitespace(byte: number | undefined): boolean {
  return byte === SP || byte === HTAB
}

function describeByte(byte: number | undefined): string {
  if (byte === CR) return 'a CR'
  if (byte === LF) return 'an LF'
  if (byte === SP) return 'a space'
  if (byte === undefined) return 'nothing'
  if (byte > 0x20 && byte < 0x7f) return `'${String.fromCharCode(byte)}'`
  return `the byte 0x${byte.toString(16).padStart(2, '0')}`
}
