/**
 * Parses HTTP/1.1 response heads from chunks of any size, skipping interim responses (RFC 9112 §4): supplies the status-line
 * grammar to `HeadReader` and returns a `ResponseHead`, which `verifyHandshake` then checks.
 *
 * @module
 */

import { requireRecord } from '../arguments.ts'
import { requireBytes } from '../bytes/view.ts'
import { attempt, ProtocolError, type ProtocolErrorCode, quote } from '../errors.ts'
import { type Limits, type ResolvedLimits, resolveLimits } from '../limits.ts'
import { DIGIT, FIELD_TEXT, readDecimal, VCHAR } from './grammar.ts'
import { findVersionError, type HeadGrammar, HeadReader, type Parsed, type StartPartError } from './head-reader.ts'
import { findFieldCountError } from './headers.ts'
import {
  isHttp2Response,
  type ResponseHead,
  type ResponseSource,
  responseHeadFrom,
  type Unreadable,
} from './response.ts'

/**
 * The parser's result, success or failure; pass either to `verifyHandshake`.
 *
 * @category HTTP heads
 */
export type ParsedResponse =
  | ({
      /** Distinguishes it from an unreadable head. */
      ok: true
    } & Parsed<ResponseHead>)
  | (Unreadable & {
      /** The bytes from the first invalid one on, a view of the last chunk. */
      rest: Uint8Array
    })

/**
 * Reads the head from any response source, or returns its error. Throws `TypeError` for a value that is not a response.
 *
 * @param limits `maxHeadFields`, for heads read by another parser: Node's client also drops fields from the 1000th on.
 */
export function readResponse(
  response: ResponseSource | ParsedResponse,
  limits?: Limits,
): { readonly ok: true; readonly head: ResponseHead } | Unreadable {
  requireRecord(response, 'the response')
  const resolved = resolveLimits(limits)
  if (isParsedResponse(response)) return response
  const head = attempt(() => responseHeadFrom(response))
  if (head instanceof ProtocolError) return unreadable(head)
  const error = findFieldCountError(head.headers, resolved, false) ?? findSwitchError(head)
  return error === undefined ? { ok: true, head } : unreadable(error)
}

/** Whether this is a parser's result. A peer may name a field of an HTTP/2 header object `rest`, and a Fetch `Response` has `ok`. */
export function isParsedResponse(response: ResponseSource | ParsedResponse): response is ParsedResponse {
  if (isHttp2Response(response) || !('rest' in response) || !('ok' in response)) return false
  // A request parser's result has neither.
  if (response.ok === true) return typeof response.head?.status === 'number' && Array.isArray(response.head.headers)
  return response.ok === false && response.kind === 'invalid'
}

function unreadable(error: ProtocolError): Unreadable {
  return { ok: false, errors: [error], kind: 'invalid', status: undefined }
}

/** A server may send several 100 or 103 (RFC 9110 §15.2). More than this number indicates an endless loop. */
const MAX_INTERIM = 8

/**
 * Parses HTTP/1.1 response heads from chunks. Skips interim responses (100, 103) and returns the final head, or a 101. Scans no byte
 * twice and uses a chunk only during the call. Never throws for what a peer sent.
 *
 * @example
 * const heads = new ResponseHeadParser()
 * heads.push(new TextEncoder().encode('HTTP/1.1 404 Not')) // undefined
 * const parsed = heads.push(new TextEncoder().encode(' Found\r\n\r\n'))
 * parsed?.ok && parsed.head.status // 404
 *
 * @example
 * const heads = new ResponseHeadParser()
 * socket.on('data', (chunk) => {
 *   const parsed = heads.push(chunk)
 *   if (parsed) console.log(verifyHandshake(parsed, offer).ok)
 * })
 *
 * @category HTTP heads
 */
export class ResponseHeadParser {
  private readonly limits: ResolvedLimits
  private reader: HeadReader
  private interim = 0
  private error: ProtocolError | undefined

  /** @param limits `maxHeadSize` and `maxHeadFields`, for each head. Throws `RangeError` for an invalid limit. */
  constructor(limits?: Limits) {
    this.limits = resolveLimits(limits)
    this.reader = new HeadReader(responseGrammar, this.limits)
  }

  /** Returns the final head when it is complete, and `undefined` until then. */
  push(chunk: Uint8Array): ParsedResponse | undefined {
    requireBytes(chunk, 'a chunk')
    let rest = chunk
    while (this.error === undefined) {
      const reader = this.reader
      rest = rest.subarray(reader.read(rest))
      if (reader.error !== undefined) return this.fail(reader.error, rest)
      if (!reader.isDone()) return undefined
      this.reader = new HeadReader(responseGrammar, this.limits)
      const head = toHead(reader)
      const error = findSwitchError(head)
      if (error !== undefined) return this.fail(error, rest)
      if (!isInterim(head.status)) return this.finish(head, reader.size, rest)
      if (++this.interim > MAX_INTERIM)
        return this.fail(createError('too-many', `more than ${MAX_INTERIM} interim responses`), rest)
    }
    return this.fail(this.error, rest)
  }

  private finish(head: ResponseHead, size: number, rest: Uint8Array): ParsedResponse {
    this.interim = 0
    return { ok: true, head, size, rest }
  }

  private fail(error: ProtocolError, rest: Uint8Array): ParsedResponse {
    this.error = error
    return { ...unreadable(error), rest }
  }
}

/**
 * Parses an HTTP/1.1 response head from one array with all bytes so far: the final head, or a 101.
 *
 * @param limits `maxHeadSize` and `maxHeadFields`.
 * @returns The head, or `undefined` if it is not complete: call again with more bytes. `size` counts only the final head.
 * @throws ProtocolError for an unreadable head.
 *
 * @example
 * const bytes = new TextEncoder().encode('HTTP/1.1 404 Not Found\r\n\r\n')
 * parseResponseHead(bytes)?.head.status // 404
 */
export function parseResponseHead(bytes: Uint8Array, limits?: Limits): Parsed<ResponseHead> | undefined {
  const parsed = new ResponseHeadParser(limits).push(bytes)
  if (parsed === undefined) return undefined
  if (!parsed.ok) throw parsed.errors[0]
  return { head: parsed.head, size: parsed.size, rest: parsed.rest }
}

/** A 101 is also a 1xx, but final: the connection then uses another protocol (RFC 9110 §15.2.2). */
function isInterim(status: number): boolean {
  return status < 200 && status !== 101
}

// "A server MUST NOT send a 1xx response to an HTTP/1.0 client", and HTTP/1.0 defines none                RFC 9110 §15.2
function findSwitchError({ status, httpVersion }: ResponseHead): ProtocolError | undefined {
  return status === 101 && httpVersion === '1.0' ? createError('http-version', 'a 101 in HTTP/1.0') : undefined
}

function createError(code: ProtocolErrorCode, message: string): ProtocolError {
  return new ProtocolError(code, message, { reference: 'RFC 9110 §15.2' })
}

function toHead(reader: HeadReader): ResponseHead {
  const [version, status, reason] = reader.startLine
  return {
    // The grammar allows only digits.
    status: readDecimal(status) as number,
    reason,
    // "HTTP/1.2" counts as 1.1                                                                        RFC 9110 §2.5
    httpVersion: version === 'HTTP/1.0' ? '1.0' : '1.1',
    headers: reader.headers,
  }
}

const responseGrammar: HeadGrammar = {
  parts: [
    { name: 'HTTP version', charClass: VCHAR, code: 'http-version', findError: findVersionError },
    { name: 'status', charClass: DIGIT, code: 'status', findError: findStatusError },
    { name: 'reason phrase', charClass: FIELD_TEXT, code: 'head-syntax' },
  ],
  reference: 'RFC 9112 §4',
  skipsEmptyLines: false,
  joinsFolds: true,
  // The grammar requires the space, but servers omit it, and a client must ignore the phrase anyway (RFC 9112 §4).
  lastPartOptional: true,
  longStartLineStatus: undefined,
}

// status-code = 3DIGIT                                                                              RFC 9112 §4
function findStatusError(status: string): StartPartError | undefined {
  if (status.length === 3 && status[0] !== '0') return undefined
  return { message: `the status is ${quote(status)}, not 100 to 999`, reference: 'RFC 9112 §4' }
}
