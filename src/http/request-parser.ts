/**
 * Request heads out of chunks of any size (RFC 9112 §3). Knows the request line; the fields are the reader's, and what a
 * request asks for is the handshake's.
 *
 * @module
 */

import { requireBytes } from '../bytes/view.ts'
import { attempt, ProtocolError } from '../errors.ts'
import { type Limits, type ResolvedLimits, resolveLimits } from '../limits.ts'
import { TARGET, TCHAR, VCHAR } from './grammar.ts'
import { checkHttpVersion, type HeadGrammar } from './head-grammar.ts'
import { HeadReader, type Parsed } from './head-reader.ts'
import {
  type HttpVersion,
  isMultiplexed,
  type RequestHead,
  type RequestSource,
  readMethodAndVersion,
  requestHeadFrom,
} from './request.ts'
import { type Refused, refuseUnreadable } from './response.ts'
import { splitSoundTarget } from './target.ts'

/** What came out of the parser, good or bad: both go straight into `acceptHandshake`. */
export type ParsedRequest =
  | ({
      /** Tells it from a head that cannot be read. */
      ok: true
    } & Parsed<RequestHead>)
  | (Refused & {
      /** From the byte on that could not be read. A view of what was pushed last. */
      rest: Uint8Array
    })

/**
 * Request heads out of chunks. No byte is scanned twice; chunks are borrowed during the call only. Never throws for what a
 * peer sent: a head that cannot be read comes back with its 400, 414, 431 or 505 ready, and ends the parser.
 *
 * @example
 * const heads = new RequestHeadParser()
 * socket.on('data', (chunk) => {
 *   const parsed = heads.push(chunk)
 *   if (parsed?.ok) console.log(parsed.head.target, parsed.rest.length)
 * })
 */
export class RequestHeadParser {
  private readonly limits: ResolvedLimits
  /** Of the head that has begun. */
  private reader: HeadReader | undefined
  /** Of a head that could not be read. */
  private fault: ProtocolError | undefined
  private method = ''

  /** @param limits `maxHeadSize` and `maxHeadFields`. Throws `TypeError` for an unknown limit, `RangeError` for what is none. */
  constructor(limits?: Limits) {
    this.limits = resolveLimits(limits)
  }

  /** The head, once it is whole; `undefined`: not yet. Push `rest` to go on with the next head. */
  push(chunk: Uint8Array): ParsedRequest | undefined {
    requireBytes(chunk, 'a chunk')
    if (this.fault !== undefined) return this.refuse(this.fault, chunk)
    this.reader ??= new HeadReader(requestGrammar, this.limits)
    const { reader } = this
    const stop = reader.read(chunk)
    if (reader.fault !== undefined) {
      this.fault = reader.fault
      this.method = reader.startLine[0]
      return this.refuse(reader.fault, chunk.subarray(stop))
    }
    if (!reader.isDone()) return undefined
    this.reader = undefined
    return { ok: true, head: toHead(reader), size: reader.size, rest: chunk.subarray(stop) }
  }

  /** A new one each time: what is handed out is the caller's. */
  private refuse(fault: ProtocolError, rest: Uint8Array): ParsedRequest {
    return { ...refuseUnreadable([fault], true, this.method), rest }
  }
}

/** By types, for HTTP/2's header objects hold texts, which a peer may name as it likes; a Fetch `Response` has `ok`, too. */
export function isParsedRequest(request: RequestSource | ParsedRequest): request is ParsedRequest {
  if (typeof request !== 'object' || request === null || !('rest' in request) || !('ok' in request)) return false
  // A response's head has no method; what a response's parser refuses has no answer.
  if (request.ok === true) {
    const { method, target, headers } = request.head ?? {}
    return typeof method === 'string' && typeof target === 'string' && Array.isArray(headers)
  }
  return request.ok === false && typeof request.response === 'object'
}

/**
 * The head of whatever a server may be given as a request, or the answer to one that cannot be read. A parser's head is handed on as
 * it is.
 */
export function readRequest(
  request: RequestSource | ParsedRequest,
  limits?: Limits,
): { readonly ok: true; readonly head: RequestHead; readonly rest?: Uint8Array } | Refused {
  // Before what came is looked at, so that a caller's mistake shows with any request.
  const resolved = resolveLimits(limits)
  if (isParsedRequest(request)) return request
  const head = attempt(() => requestHeadFrom(request, resolved))
  if (!(head instanceof ProtocolError)) return { ok: true, head }
  const { method, version } = readMethodAndVersion(request)
  return refuseUnreadable([head], !isMultiplexed(version), method)
}

/**
 * A request's head out of bytes that are all there: all so far in one array.
 *
 * @param limits `maxHeadSize` and `maxHeadFields`.
 * @returns `undefined`: the head is not whole yet; nothing is consumed.
 * @throws ProtocolError for a head that cannot be read, with its status.
 *
 * @example
 * parseRequestHead(bytes)?.head.target
 */
export function parseRequestHead(bytes: Uint8Array, limits?: Limits): Parsed<RequestHead> | undefined {
  const parsed = new RequestHeadParser(limits).push(bytes)
  if (parsed === undefined) return undefined
  if (!parsed.ok) throw parsed.faults[0]
  return { head: parsed.head, size: parsed.size, rest: parsed.rest }
}

function toHead(reader: HeadReader): RequestHead {
  const [method, target, version] = reader.startLine
  const { path = '', query = '' } = splitSoundTarget(target) ?? {}
  return {
    method,
    target,
    path,
    query,
    version: toVersion(version),
    headers: reader.headers,
    protocol: undefined,
    authority: undefined,
    scheme: undefined,
  }
}

/** "HTTP/1.2" is understood as 1.1: the highest minor version that we know of a major one that we know (RFC 9110 §2.5). */
function toVersion(text: string): HttpVersion {
  return text === 'HTTP/1.0' ? '1.0' : '1.1'
}

const requestGrammar: HeadGrammar = {
  parts: [
    { name: 'method', charClass: TCHAR, code: 'method' },
    { name: 'request target', charClass: TARGET, code: 'target' },
    { name: 'HTTP version', charClass: VCHAR, code: 'http-version', check: checkHttpVersion },
  ],
  reference: 'RFC 9112 §3',
  skipsEmptyLines: true,
  joinsFolds: false,
  lastPartOptional: false,
  longStartLineStatus: 414,
}
