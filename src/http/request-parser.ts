/**
 * Parses HTTP/1.1 request heads from chunks of any size (RFC 9112 §3): supplies the request-line grammar to `HeadReader` and
 * turns its result into a `RequestHead`, which the handshake then checks.
 *
 * @module
 */

import { requireBytes } from '../bytes/view.ts'
import type { ProtocolError } from '../errors.ts'
import { type Limits, type ResolvedLimits, resolveLimits } from '../limits.ts'
import { TARGET, TCHAR, VCHAR } from './grammar.ts'
import { findVersionError, type HeadGrammar, HeadReader, type Parsed } from './head-reader.ts'
import { isMultiplexed, type RequestHead, type RequestSource, readRequestSource } from './request.ts'
import { type Refused, refuseUnreadable } from './response.ts'
import { splitValidTarget } from './target.ts'

/**
 * The parser's result, success or failure; pass either to `acceptHandshake`.
 *
 * @category HTTP heads
 */
export type ParsedRequest =
  | ({
      /** Distinguishes it from an unreadable head. */
      ok: true
    } & Parsed<RequestHead>)
  | (Refused & {
      /** The bytes from the first invalid one on, a view of the last chunk. */
      rest: Uint8Array
    })

/**
 * Parses HTTP/1.1 request heads from chunks. Scans no byte twice and uses a chunk only during the call. Never throws for what a peer
 * sent: for an unreadable head, returns the errors and a 400, 414, 431 or 505 to send, and reads no further.
 *
 * @example
 * const heads = new RequestHeadParser()
 * heads.push(new TextEncoder().encode('GET /chat HTTP/1.1\r\nHost: a.exam')) // undefined
 * const parsed = heads.push(new TextEncoder().encode('ple\r\n\r\n'))
 * parsed?.ok && parsed.head.path // '/chat'
 *
 * @example
 * const heads = new RequestHeadParser()
 * socket.on('data', (chunk) => {
 *   const parsed = heads.push(chunk)
 *   if (parsed?.ok) console.log(parsed.head.target, parsed.rest.length)
 * })
 *
 * @category HTTP heads
 */
export class RequestHeadParser {
  private readonly limits: ResolvedLimits
  /** For the current head; `undefined` between heads. */
  private reader: HeadReader | undefined
  /** Set once a head is unreadable. */
  private error: ProtocolError | undefined
  private method = ''

  /** @param limits `maxHeadSize` and `maxHeadFields`. Throws `TypeError` for an unknown limit, `RangeError` for an invalid one. */
  constructor(limits?: Limits) {
    this.limits = resolveLimits(limits)
  }

  /** Returns the head when it is complete, and `undefined` until then. To read the next head, push `rest`. */
  push(chunk: Uint8Array): ParsedRequest | undefined {
    requireBytes(chunk, 'a chunk')
    if (this.error !== undefined) return this.refuse(this.error, chunk)
    this.reader ??= new HeadReader(requestGrammar, this.limits)
    const { reader } = this
    const stop = reader.read(chunk)
    if (reader.error !== undefined) {
      this.error = reader.error
      this.method = reader.startLine[0]
      return this.refuse(reader.error, chunk.subarray(stop))
    }
    if (!reader.isDone()) return undefined
    this.reader = undefined
    return { ok: true, head: toHead(reader), size: reader.size, rest: chunk.subarray(stop) }
  }

  /** Creates a new object each time, since the caller owns the result. */
  private refuse(error: ProtocolError, rest: Uint8Array): ParsedRequest {
    return { ...refuseUnreadable([error], true, this.method), rest }
  }
}

/** Whether this is a parser's result. Checks types, as a peer names the members of an HTTP/2 header object and a `Response` has `ok`. */
export function isParsedRequest(request: RequestSource | ParsedRequest): request is ParsedRequest {
  if (typeof request !== 'object' || request === null || !('rest' in request) || !('ok' in request)) return false
  // A response head has no method, and a response parser's failure has no `response`.
  if (request.ok === true) {
    const { method, target, headers } = request.head ?? {}
    return typeof method === 'string' && typeof target === 'string' && Array.isArray(headers)
  }
  return request.ok === false && typeof request.response === 'object'
}

/**
 * Reads the head from any request source. Returns a refusal for an unreadable head, and a parser's result unchanged.
 */
export function readRequest(
  request: RequestSource | ParsedRequest,
  limits?: Limits,
): { readonly ok: true; readonly head: RequestHead; readonly rest?: Uint8Array } | Refused {
  // First, so that any request reveals a caller's mistake.
  const resolved = resolveLimits(limits)
  if (isParsedRequest(request)) return request
  const { head, error } = readRequestSource(request, resolved)
  if (error === undefined) return { ok: true, head }
  return refuseUnreadable([error], !isMultiplexed(head.httpVersion), head.method)
}

/**
 * Parses an HTTP/1.1 request head from one array with all bytes so far.
 *
 * @param limits `maxHeadSize` and `maxHeadFields`.
 * @returns The head, or `undefined` if it is not complete: call again with more bytes.
 * @throws ProtocolError for an unreadable head, with the status to send.
 *
 * @example
 * const bytes = new TextEncoder().encode('GET /chat HTTP/1.1\r\nHost: a.example\r\n\r\n')
 * parseRequestHead(bytes)?.head.path // '/chat'
 */
export function parseRequestHead(bytes: Uint8Array, limits?: Limits): Parsed<RequestHead> | undefined {
  const parsed = new RequestHeadParser(limits).push(bytes)
  if (parsed === undefined) return undefined
  if (!parsed.ok) throw parsed.errors[0]
  return { head: parsed.head, size: parsed.size, rest: parsed.rest }
}

function toHead(reader: HeadReader): RequestHead {
  const [method, target, version] = reader.startLine
  const { path = '', query = '' } = splitValidTarget(target) ?? {}
  return {
    method,
    target,
    path,
    query,
    // "HTTP/1.2" counts as 1.1, the highest minor version that we support of this major version (RFC 9110 §2.5).
    httpVersion: version === 'HTTP/1.0' ? '1.0' : '1.1',
    headers: reader.headers,
    protocol: undefined,
    authority: undefined,
    scheme: undefined,
  }
}

const requestGrammar: HeadGrammar = {
  parts: [
    { name: 'method', charClass: TCHAR, code: 'method' },
    { name: 'request target', charClass: TARGET, code: 'target' },
    { name: 'HTTP version', charClass: VCHAR, code: 'http-version', findError: findVersionError },
  ],
  reference: 'RFC 9112 §3',
  skipsEmptyLines: true,
  joinsFolds: false,
  lastPartOptional: false,
  longStartLineStatus: 414,
}
