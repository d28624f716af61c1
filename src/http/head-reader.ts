/**
 * One head, read from chunks byte by byte: three start-line parts, then fields, then the empty line (RFC 9112 §2–5).
 *
 * Each byte is classified once, whatever the chunks: a token that a chunk cuts in two is kept as text and goes on with the
 * next chunk. Knows what requests and responses share; where they differ it is told by a {@link HeadGrammar}.
 *
 * @module
 */

import { decodeLatin1 } from '../bytes/latin1.ts'
import { ProtocolError, type ProtocolErrorCode } from '../errors.ts'
import type { ResolvedLimits } from '../limits.ts'
import { charClass, FIELD_TEXT, TCHAR, trimWhitespace } from './grammar.ts'
import type { HeaderList } from './headers.ts'

/** A head and what came behind it. */
export interface Parsed<Head> {
  head: Head
  /** Bytes of the head, its empty line included, and empty lines before it. */
  size: number
  /** What followed the head in the bytes that were given last. A view of them. */
  rest: Uint8Array
}

/** The three parts of a start line, as text. */
export type StartLine = [string, string, string]

/** How a kind of head differs from the other. */
export interface HeadGrammar {
  /** For messages: the parts of the start line and what each may consist of. */
  readonly parts: readonly [StartPart, StartPart, StartPart]
  /** Requests may come behind empty lines (RFC 9112 §2.2). */
  readonly skipsEmptyLines: boolean
  /** Folded lines are refused in requests, joined by a space in responses (RFC 9112 §5.2). */
  readonly joinsFolds: boolean
  /** The reason phrase may be missing together with the space before it. */
  readonly lastPartOptional: boolean
  /** What a start line that never ends is answered with. */
  readonly longStartLineStatus: number
  /** Judges the start line as soon as it is there. */
  checkStartLine(parts: StartLine): ProtocolError | undefined
}

/** One part of a start line. */
export interface StartPart {
  readonly name: string
  readonly charClass: number
  readonly code: ProtocolErrorCode
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
  private text = ''
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

  /** Takes the run of bytes of one class into the text; returns where it ends. */
  private readRun(chunk: Uint8Array, position: number, end: number, bits: number): number {
    let i = position
    while (i < end && ((charClass[chunk[i] as number] as number) & bits) !== 0) i++
    if (i > position) this.text += decodeLatin1(chunk, position, i)
    return i
  }

  private takeText(): string {
    const text = this.text
    this.text = ''
    return text
  }

  // request-line = method SP request-target SP HTTP-version                                          RFC 9112 §3
  // status-line  = HTTP-version SP status-code SP [ reason-phrase ]                                  RFC 9112 §4
  private readStartLine(chunk: Uint8Array, position: number, end: number): number {
    const part = this.grammar.parts[this.part] as StartPart
    const stop = this.readRun(chunk, position, end, part.charClass)
    if (stop === end) return stop
    const last = this.part === 2
    const ends = chunk[stop] === CR && (last || (this.part === 1 && this.grammar.lastPartOptional))
    if (!ends && (last || chunk[stop] !== SP))
      return this.fail(stop, part.code, `${describeByte(chunk[stop])} in the ${part.name}`, startLineReference)
    this.startLine[this.part] = this.takeText()
    if (!ends) {
      this.part++
      return stop + 1
    }
    this.fault = this.grammar.checkStartLine(this.startLine)
    return this.advance('line-feed', stop + 1)
  }

  private readLineStart(chunk: Uint8Array, position: number): number {
    const byte = chunk[position]
    if (byte === CR) return this.advance('end-line-feed', position + 1)
    if (!isWhitespace(byte)) return this.advance('name', position)
    if (!this.grammar.joinsFolds || this.headers.length === 0)
      return this.fail(position, 'head-syntax', 'a line that begins with white space', 'RFC 9112 §5.2')
    // "replace each received obs-fold with one or more SP octets"                                    RFC 9112 §5.2
    this.folding = true
    return this.advance('before-value', position + 1)
  }

  // field-line = field-name ":" OWS field-value OWS                                                  RFC 9112 §5
  private readName(chunk: Uint8Array, position: number, end: number): number {
    const stop = this.readRun(chunk, position, end, TCHAR)
    if (stop === end) return stop
    if (chunk[stop] !== COLON || this.text === '')
      // "No whitespace is allowed between the field name and colon"                                  RFC 9112 §5.1
      return this.fail(stop, 'head-syntax', `${describeByte(chunk[stop])} in a field name`, 'RFC 9112 §5.1')
    if (this.headers.length >= this.limits.maxHeadFields) {
      this.fault = new ProtocolError(
        'too-many',
        `more than ${this.limits.maxHeadFields} field lines (limits.maxHeadFields)`,
        {
          reference: 'RFC 6585 §5',
          status: 431,
          offset: this.size + position,
        },
      )
      return position
    }
    this.name = this.takeText()
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
        `${describeByte(chunk[stop])} in the value of ${this.name}`,
        'RFC 9110 §5.5',
      )
    this.endField()
    return this.advance('line-feed', stop + 1)
  }

  private endField(): void {
    const value = trimWhitespace(this.takeText())
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
    this.fault = new ProtocolError(code, `unreadable head: ${found} at byte ${offset}`, {
      reference,
      status: 400,
      offset,
    })
    return position
  }

  private failTooLarge(): void {
    const inStartLine = this.state === 'start-line'
    this.fault = new ProtocolError(
      'head-too-large',
      `the head is larger than ${this.limits.maxHeadSize} bytes (limits.maxHeadSize)`,
      {
        reference: inStartLine ? 'RFC 9112 §3' : 'RFC 6585 §5',
        status: inStartLine ? this.grammar.longStartLineStatus : 431,
        offset: this.size,
      },
    )
  }
}

const startLineReference = 'RFC 9112 §3'

/** `HTTP-version = "HTTP/" DIGIT "." DIGIT`, case-sensitive (RFC 9112 §2.3); another major version than 1 is a 505. */
export function checkHttpVersion(version: string): ProtocolError | undefined {
  const found = version.slice(0, 40)
  if (version.length !== 8 || !/^HTTP\/[0-9]\.[0-9]/.test(version))
    return new ProtocolError('http-version', `the start line says '${found}' where HTTP/1.1 is expected`, {
      reference: 'RFC 9112 §2.3',
      status: 400,
    })
  if (version[5] === '1') return undefined
  return new ProtocolError('http-version', `${found} is another protocol than HTTP/1.1`, {
    reference: 'RFC 9110 §15.6.6',
    status: 505,
  })
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
