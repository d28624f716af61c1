/**
 * Response heads out of chunks of any size (RFC 9112 §4). Knows the status line and that interim answers come before the
 * final one; whether a head answers what was asked is the handshake's to say.
 *
 * @module
 */

import { requireRecord } from '../arguments.ts'
import { requireBytes } from '../bytes/view.ts'
import { attempt, ProtocolError, quote } from '../errors.ts'
import { type Limits, type ResolvedLimits, resolveLimits } from '../limits.ts'
import { DIGIT, FIELD_TEXT, readDecimal, VCHAR } from './grammar.ts'
import { checkHttpVersion, type HeadGrammar, type StartPartFault } from './head-grammar.ts'
import { HeadReader, type Parsed } from './head-reader.ts'
import { checkFieldCount } from './headers.ts'
import {
  isHttp2Response,
  type ResponseHead,
  type ResponseSource,
  responseHeadFrom,
  type Unreadable,
} from './response.ts'

/** What came out of the parser, good or bad: both go straight into `verifyHandshake`. */
export type ParsedResponse =
  | ({
      /** Tells it from a head that cannot be read. */
      ok: true
    } & Parsed<ResponseHead>)
  | (Unreadable & {
      /** From the byte on that could not be read. A view of what was pushed last. */
      rest: Uint8Array
    })

/**
 * The head of whatever a client may be given as an answer, or why it has none. Throws `TypeError` for what is no response.
 *
 * @param limits `maxHeadFields`, for heads that another parser has read: Node's client, too, drops fields from the 1000th on.
 */
export function readResponse(
  response: ResponseSource | ParsedResponse,
  limits?: Limits,
): { readonly ok: true; readonly head: ResponseHead } | Unreadable {
  requireRecord(response, 'the response')
  const resolved = resolveLimits(limits)
  if (isParsedResponse(response)) return response
  const head = attempt(() => readCounted(response, resolved))
  if (head instanceof ProtocolError) return unreadable(head)
  return isOldSwitch(head) ? unreadable(switchInOldHttp()) : { ok: true, head }
}

function readCounted(response: ResponseSource, limits: ResolvedLimits): ResponseHead {
  const head = responseHeadFrom(response)
  checkFieldCount(head.headers, limits, false)
  return head
}

/** Every member of an HTTP/2 header object is a field, which the peer may name `rest`; a Fetch `Response` has an `ok`, too. */
export function isParsedResponse(response: ResponseSource | ParsedResponse): response is ParsedResponse {
  if (isHttp2Response(response) || !('rest' in response) || !('ok' in response)) return false
  // What a request's parser hands out has neither.
  if (response.ok === true) return typeof response.head?.status === 'number' && Array.isArray(response.head.headers)
  return response.ok === false && response.kind === 'invalid'
}

function unreadable(fault: ProtocolError): Unreadable {
  return { ok: false, faults: [fault], kind: 'invalid', status: undefined }
}

/** A server may send some 100 or 103 (RFC 9110 §15.2); nothing sensible sends more than this many, an endless loop does. */
const MAX_INTERIM = 8

/**
 * Response heads out of chunks. Interim answers (100, 103) are passed over: what comes out is the final head, or a 101. No
 * byte is scanned twice; chunks are borrowed during the call only. Never throws for what a peer sent.
 *
 * @example
 * const heads = new ResponseHeadParser()
 * socket.on('data', (chunk) => {
 *   const parsed = heads.push(chunk)
 *   if (parsed) console.log(verifyHandshake(parsed, offer).ok)
 * })
 */
export class ResponseHeadParser {
  private readonly limits: ResolvedLimits
  private reader: HeadReader
  private interim = 0
  private fault: ProtocolError | undefined

  /** @param limits `maxHeadSize` and `maxHeadFields`, for each head. Throws `RangeError` for what is no limit. */
  constructor(limits?: Limits) {
    this.limits = resolveLimits(limits)
    this.reader = new HeadReader(responseGrammar, this.limits)
  }

  /** The final head, once it is whole; `undefined`: not yet. */
  push(chunk: Uint8Array): ParsedResponse | undefined {
    requireBytes(chunk, 'a chunk')
    let rest = chunk
    while (this.fault === undefined) {
      const reader = this.reader
      rest = rest.subarray(reader.read(rest))
      if (reader.fault !== undefined) return this.fail(reader.fault, rest)
      if (!reader.isDone()) return undefined
      this.reader = new HeadReader(responseGrammar, this.limits)
      const head = toHead(reader)
      if (isOldSwitch(head)) return this.fail(switchInOldHttp(), rest)
      if (!isInterim(head.status)) return this.finish(head, reader.size, rest)
      if (++this.interim > MAX_INTERIM) return this.fail(tooManyInterim(), rest)
    }
    return this.fail(this.fault, rest)
  }

  private finish(head: ResponseHead, size: number, rest: Uint8Array): ParsedResponse {
    this.interim = 0
    return { ok: true, head, size, rest }
  }

  private fail(fault: ProtocolError, rest: Uint8Array): ParsedResponse {
    this.fault = fault
    return { ...unreadable(fault), rest }
  }
}

/**
 * A response's head out of bytes that are all there: the final one, or a 101.
 *
 * @param limits `maxHeadSize` and `maxHeadFields`.
 * @returns `undefined`: the head is not whole yet; nothing is consumed. Its `size` is that of the final head alone.
 * @throws ProtocolError for a head that cannot be read.
 *
 * @example
 * parseResponseHead(bytes)?.head.status
 */
export function parseResponseHead(bytes: Uint8Array, limits?: Limits): Parsed<ResponseHead> | undefined {
  const parsed = new ResponseHeadParser(limits).push(bytes)
  if (parsed === undefined) return undefined
  if (!parsed.ok) throw parsed.faults[0]
  return { head: parsed.head, size: parsed.size, rest: parsed.rest }
}

/** 101 is a 1xx, too, but the last of its kind: behind it another protocol is spoken (RFC 9110 §15.2.2). */
function isInterim(status: number): boolean {
  return status < 200 && status !== 101
}

// "A server MUST NOT send a 1xx response to an HTTP/1.0 client", nor does one of HTTP/1.0 know any        RFC 9110 §15.2
function isOldSwitch({ status, version }: ResponseHead): boolean {
  return status === 101 && version === '1.0'
}

function switchInOldHttp(): ProtocolError {
  return new ProtocolError('http-version', 'a 101 came in HTTP/1.0, which knows none', { reference: 'RFC 9110 §15.2' })
}

function tooManyInterim(): ProtocolError {
  return new ProtocolError('too-many', `more than ${MAX_INTERIM} interim answers`, { reference: 'RFC 9110 §15.2' })
}

function toHead(reader: HeadReader): ResponseHead {
  const [version, status, reason] = reader.startLine
  return {
    // Digits, as the grammar has seen.
    status: readDecimal(status) as number,
    reason,
    // "HTTP/1.2" is understood as 1.1                                                                 RFC 9110 §2.5
    version: version === 'HTTP/1.0' ? '1.0' : '1.1',
    headers: reader.headers,
  }
}

const responseGrammar: HeadGrammar = {
  parts: [
    { name: 'HTTP version', charClass: VCHAR, code: 'http-version', check: checkHttpVersion },
    { name: 'status', charClass: DIGIT, code: 'status', check: checkStatus },
    { name: 'reason phrase', charClass: FIELD_TEXT, code: 'head-syntax' },
  ],
  reference: 'RFC 9112 §4',
  skipsEmptyLines: false,
  joinsFolds: true,
  // The grammar demands the space, servers forget it, and the phrase says nothing that a client may use (RFC 9112 §4).
  lastPartOptional: true,
  longStartLineStatus: undefined,
}

// status-code = 3DIGIT                                                                              RFC 9112 §4
function checkStatus(status: string): StartPartFault | undefined {
  if (status.length === 3 && status[0] !== '0') return undefined
  return { message: `a status is three digits from 100 on; found ${quote(status)}`, reference: 'RFC 9112 §4' }
}
