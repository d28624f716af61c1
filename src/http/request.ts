/**
 * Request heads as data: converts every supported source (our parser, Node, Fetch, HTTP/2, HTTP/3) to one `RequestHead`. Does not check
 * what the request asks for.
 *
 * @module
 */

import { describeType, requireOneOf, requireRecord, requireType, wrongArgument } from '../arguments.ts'
import { type ProtocolError, quote, requestError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import { parseUrl } from '../platform/url.ts'
import { isToken } from './grammar.ts'
import {
  findFieldCountError,
  type HeaderList,
  type HeaderRecord,
  type HeaderSource,
  type HeadersLike,
  toHeaderList,
} from './headers.ts'
import { type FieldSectionLike, repeatedPseudoHeader, splitFieldSection } from './http2-fields.ts'
import { encodeBytes, findBadCharacter, splitValidTarget, targetError } from './target.ts'

/**
 * The HTTP version of a message. A higher minor version counts as 1.1 (RFC 9110 §2.5). `'unknown'` if the runtime does not report it,
 * as for the `Request` and `Response` of Fetch.
 *
 * @category HTTP heads
 */
export type HttpVersion = '1.0' | '1.1' | '2' | '3' | 'unknown'

/** All HTTP versions, to check options. */
export const httpVersions: readonly HttpVersion[] = ['1.0', '1.1', '2', '3', 'unknown']

/** Throws `TypeError` for anything but a method. */
export function requireMethod(method: string): void {
  requireType(method, 'string', '`method` of a request')
  if (!isToken(method)) throw new TypeError(`${quote(method)} is not a method (RFC 9110 §9.1)`)
}

/** Whether a version carries each request on its own stream of a shared connection: HTTP/2 and HTTP/3. */
export function isMultiplexed(httpVersion: HttpVersion | undefined): httpVersion is '2' | '3' {
  return httpVersion === '2' || httpVersion === '3'
}

/**
 * The head of a request. You may change it.
 *
 * @category HTTP heads
 */
export interface RequestHead {
  /** As sent; methods are case-sensitive. */
  method: string
  /**
   * `/path?query`, or an absolute URL. Over HTTP/2 and HTTP/3 `:path`, or empty. As sent, except that bytes of 0x80 and above are
   * percent-encoded, so that a request line can contain them.
   */
  target: string
  /** The path of the target, without the query and still percent-encoded. Empty for `*` and `host:port`. See `splitTarget`. */
  path: string
  /** The query of the target, without its `?`. May be empty. */
  query: string
  /** The HTTP version of the request. */
  httpVersion: HttpVersion
  /** In order, with spelling and repeats kept. */
  headers: HeaderList
  /** `:protocol` of an extended CONNECT. */
  protocol: string | undefined
  /** `:authority`, or the host of a Fetch `Request`'s URL. */
  authority: string | undefined
  /** `:scheme`, or the scheme of a Fetch `Request`'s URL: `https`. */
  scheme: string | undefined
}

/**
 * A request head as input.
 *
 * @category HTTP heads
 */
export interface RequestLike {
  /** A token, such as `GET`. */
  readonly method: string
  /** `/path?query`, or an absolute URL. */
  readonly target: string
  /** From any source. */
  readonly headers: HeaderSource
  /** The HTTP version of the request. Default: `'1.1'`. With `'unknown'`, hop-by-hop fields are not checked. */
  readonly httpVersion?: HttpVersion | undefined
  /** `:protocol` of an extended CONNECT. */
  readonly protocol?: string | undefined
  /** `:authority`: host and port. */
  readonly authority?: string | undefined
  /** `:scheme`: `https` or `http`. */
  readonly scheme?: string | undefined
}

/**
 * The members of Node's `IncomingMessage` that are used. `rawHeaders`, because `headers` drops and joins fields.
 *
 * @category HTTP heads
 */
export interface NodeRequestLike {
  /** Always set in a request. */
  readonly method?: string | undefined
  /** The request target, as sent. */
  readonly url?: string | undefined
  /** Such as `1.1`. */
  readonly httpVersion: string
  /** Alternating names and values, as sent. */
  readonly rawHeaders: readonly string[]
}

/**
 * The members of a Fetch `Request` that are used.
 *
 * @category HTTP heads
 */
export interface FetchRequestLike {
  /** `GET`. */
  readonly method: string
  /** The whole URL; its path and query become the target. */
  readonly url: string
  /** Repeated fields are joined, and hop-by-hop fields may be missing. */
  readonly headers: HeadersLike
}

/**
 * The header object of `node:http2`'s `stream` event: pseudo-headers and fields in one.
 *
 * @category HTTP/2 and HTTP/3
 */
export interface Http2RequestLike {
  /** `CONNECT` for a WebSocket. */
  readonly ':method'?: string | undefined
  /** Path and query. */
  readonly ':path'?: string | undefined
  /** Host and port. */
  readonly ':authority'?: string | undefined
  /** `https` or `http`. */
  readonly ':scheme'?: string | undefined
  /** `websocket` for a WebSocket (RFC 8441 §4). */
  readonly ':protocol'?: string | undefined
}

/**
 * A whole request, not only its headers: from our parser, Node, Fetch, or an HTTP/2 or HTTP/3 stack.
 *
 * @category HTTP heads
 */
export type RequestSource = RequestLike | NodeRequestLike | FetchRequestLike | Http2RequestLike | FieldSectionLike

/**
 * Reads the head of a request from any source, without checking what it asks for. Each source also has its own function, which
 * keeps the others out of a bundle: {@link requestFromNode}, {@link requestFromFetch}, {@link requestFromHttp2},
 * {@link requestFromFields}, {@link requestFromParts}.
 *
 * @param limits `maxHeadFields`. Node silently truncates a head at `server.maxHeadersCount` fields (default 1000), so the limit
 *   must be lower than that. Bytes are not counted: the parser that read the head has limited them.
 * @throws ProtocolError for an invalid head: `too-many` (431) for more fields than `limits.maxHeadFields`; `target` or, over
 *   HTTP/2 and HTTP/3, `pseudo-header` (400) for a target with a space, a control character or a fragment; `pseudo-header` or
 *   `head-syntax` (400) for an invalid field section, see {@link FieldSectionLike}.
 * @throws TypeError for a value that is not a request.
 *
 * @example
 * requestHeadFrom({ method: 'GET', target: '/chat?x', headers: { host: 'a.example' } }).query // 'x'
 *
 * @example
 * createServer().on('upgrade', (request) => console.log(requestHeadFrom(request).path))
 *
 * @category HTTP heads
 */
export function requestHeadFrom(source: RequestSource, limits?: Limits): RequestHead {
  return requireValid(readRequestSource(source, limits))
}

/**
 * Reads the head of Node's `IncomingMessage`, also of `node:http2`'s compatibility API.
 *
 * @param limits As for {@link requestHeadFrom}.
 * @throws ProtocolError and TypeError as {@link requestHeadFrom} does.
 *
 * @example
 * requestFromNode({ method: 'GET', url: '/chat?x', httpVersion: '1.1', rawHeaders: ['Host', 'a.example'] }).path // '/chat'
 *
 * @example
 * createServer().on('upgrade', (request) => console.log(requestFromNode(request).path))
 *
 * @category HTTP heads
 */
export function requestFromNode(request: NodeRequestLike, limits?: Limits): RequestHead {
  requireRecord(request, 'a request')
  return requireValid(readNode(request, limits))
}

/**
 * Reads the head of a Fetch `Request`. Its HTTP version is unknown; the path and query of its URL become the target.
 *
 * @param limits As for {@link requestHeadFrom}.
 * @throws ProtocolError and TypeError as {@link requestHeadFrom} does.
 *
 * @example
 * requestFromFetch(new Request('https://a.example/chat?x')).path // '/chat'
 *
 * @category HTTP heads
 */
export function requestFromFetch(request: FetchRequestLike, limits?: Limits): RequestHead {
  requireRecord(request, 'a request')
  return requireValid(readFetch(request, limits))
}

/**
 * Reads the header object of `node:http2`'s `stream` event.
 *
 * @param limits As for {@link requestHeadFrom}.
 * @throws ProtocolError and TypeError as {@link requestHeadFrom} does.
 *
 * @example
 * requestFromHttp2({ ':method': 'GET', ':path': '/chat', ':scheme': 'https', ':authority': 'a.example' }).authority // 'a.example'
 *
 * @category HTTP/2 and HTTP/3
 */
export function requestFromHttp2(headers: Http2RequestLike, limits?: Limits): RequestHead {
  requireRecord(headers, 'a request')
  return requireValid(readHttp2(headers, limits))
}

/**
 * Reads the field section of a request from another HTTP/2 or HTTP/3 stack.
 *
 * @param limits As for {@link requestHeadFrom}.
 * @throws ProtocolError and TypeError as {@link requestHeadFrom} does.
 *
 * @example
 * requestFromFields({ httpVersion: '3', fields: [[':method', 'GET'], [':path', '/chat']] }).path // '/chat'
 */
export function requestFromFields(section: FieldSectionLike, limits?: Limits): RequestHead {
  requireRecord(section, 'a request')
  return requireValid(readFields(section, limits))
}

/**
 * Builds a head from its parts, such as a method, a target and headers from a framework.
 *
 * @param limits As for {@link requestHeadFrom}.
 * @throws ProtocolError and TypeError as {@link requestHeadFrom} does.
 *
 * @example
 * requestFromParts({ method: 'GET', target: '/chat?x', headers: { host: 'a.example' } }).query // 'x'
 */
export function requestFromParts(parts: RequestLike, limits?: Limits): RequestHead {
  requireRecord(parts, 'a request')
  return requireValid(readParts(parts, limits))
}

/** A head, as far as it is readable, and its first error. */
export interface ReadRequestHead {
  readonly head: RequestHead
  readonly error: ProtocolError | undefined
}

function requireValid({ head, error }: ReadRequestHead): RequestHead {
  if (error !== undefined) throw error
  return head
}

/** Reads any source. Throws only `TypeError`, and returns other errors: the response to them depends on the method and version. */
export function readRequestSource(source: RequestSource, limits: Limits | undefined): ReadRequestHead {
  requireRecord(source, 'a request')
  // First: the other members of an HTTP/2 header object are fields, which a peer may name `target` or `url`.
  if (isHttp2Request(source)) return readHttp2(source, limits)
  if ('rawHeaders' in source) return readNode(source, limits)
  if ('target' in source) return readParts(source, limits)
  if ('fields' in source) return readFields(source, limits)
  if ('url' in source) return readFetch(source, limits)
  throw new TypeError(
    `a request must have \`target\` or \`url\`${'rest' in source ? "; pass the `head` of a parser's result" : ''}`,
  )
}

/** Whether this is an HTTP/2 header object. A peer names its members, but cannot name a field `:method`. */
export function isHttp2Request(source: object): source is Http2RequestLike {
  return ':method' in source
}

/** A head whose parts are not yet checked. */
type Parts = Omit<RequestHead, 'path' | 'query'>

const required = ['method', 'target'] as const
const optional = ['protocol', 'authority', 'scheme'] as const

function createHead(parts: Parts, limits: Limits | undefined, malformed?: ProtocolError): ReadRequestHead {
  for (const name of required) if (typeof parts[name] !== 'string') requireText(parts[name], name)
  for (const name of optional) if (parts[name] !== undefined) requireText(parts[name], name)
  const { method, httpVersion, headers, protocol, authority, scheme } = parts
  const target = encodeBytes(parts.target)
  const error = malformed ?? findCharacterError(target, httpVersion) ?? findFieldCountError(headers, limits)
  const { path = '', query = '' } = (error === undefined && splitValidTarget(target)) || {}
  return { head: { method, target, path, query, httpVersion, headers, protocol, authority, scheme }, error }
}

function requireText(value: unknown, member: string): void {
  requireType(value, 'string', `\`${member}\` of a request`)
}

// "A recipient SHOULD NOT attempt to autocorrect and then process the request without a redirect, since the invalid request-line
// might be deliberately crafted to bypass security filters along the request chain."                      RFC 9112 §3
function findCharacterError(target: string, httpVersion: HttpVersion): ProtocolError | undefined {
  const offset = findBadCharacter(target)
  if (offset === -1) return undefined
  const found = `has an invalid character at ${offset}`
  if (!isMultiplexed(httpVersion)) return targetError(found)
  return requestError('pseudo-header', `:path ${found}`, 'RFC 9113 §8.3.1')
}

function readParts(source: RequestLike, limits: Limits | undefined): ReadRequestHead {
  const { method, target, httpVersion = '1.1', protocol, authority, scheme } = source
  requireOneOf(httpVersion, httpVersions, '`httpVersion` of a request')
  const headers = toHeaderList(source.headers)
  return createHead({ method, target, httpVersion, headers, protocol, authority, scheme }, limits)
}

function readNode(
  { method = '', url = '', httpVersion, rawHeaders }: NodeRequestLike,
  limits: Limits | undefined,
): ReadRequestHead {
  requireText(url, 'url')
  if (!Array.isArray(rawHeaders)) requireType(rawHeaders, 'array', '`rawHeaders` of a request')
  const headers = toHeaderList(rawHeaders)
  // Node's HTTP/2 compatibility API leaves pseudo-headers in `rawHeaders`.
  if (httpVersion === '2.0') {
    const pseudo: { [name: string]: string } = {}
    for (let i = 0; i < rawHeaders.length; i += 2) pseudo[rawHeaders[i] as string] ??= rawHeaders[i + 1] as string
    return fromPseudoHeaders({ ...pseudo, ':method': method, ':path': url }, '2', headers, limits)
  }
  // Higher minor versions count as 1.1. Node's parser also accepts `HTTP/0.9` and requests without a version.
  const malformed = httpVersion.startsWith('1.') ? undefined : unsupportedVersion(httpVersion)
  return createHead(
    {
      method,
      target: url,
      httpVersion: httpVersion === '1.0' ? '1.0' : '1.1',
      headers,
      protocol: undefined,
      authority: undefined,
      scheme: undefined,
    },
    limits,
    malformed,
  )
}

/** Creates the error for an HTTP version that an HTTP/1.1 connection cannot have. */
export function unsupportedVersion(httpVersion: string): ProtocolError {
  return requestError('http-version', `HTTP/${httpVersion} is not supported`, 'RFC 9110 §15.6.6', 505)
}

const pseudoHeaders = [':method', ':path', ':protocol', ':authority', ':scheme'] as const

/** Reads a header object of Node. HTTP/3 has the same pseudo-headers, but no header object in Node. */
function readHttp2(source: Http2RequestLike, limits: Limits | undefined): ReadRequestHead {
  return fromPseudoHeaders(source, '2', toHeaderList(source as HeaderRecord), limits)
}

function readFields(source: FieldSectionLike, limits: Limits | undefined): ReadRequestHead {
  requireOneOf(source.httpVersion, ['2', '3'], '`httpVersion` of a field section')
  const { pseudo, headers, error } = splitFieldSection(source, pseudoHeaders)
  return fromPseudoHeaders(pseudo, source.httpVersion, headers, limits, error)
}

function fromPseudoHeaders(
  pseudo: Http2RequestLike,
  httpVersion: '2' | '3',
  headers: HeaderList,
  limits: Limits | undefined,
  malformed?: ProtocolError,
): ReadRequestHead {
  let error = malformed
  const [method = '', target = '', protocol, authority, scheme] = pseudoHeaders.map((name) => {
    const value = pseudo[name]
    // A header object has an array for a repeated field                                             RFC 9113 §8.3
    if (!Array.isArray(value)) return value
    error ??= repeatedPseudoHeader(name)
    return undefined
  })
  return createHead({ method, target, httpVersion, headers, protocol, authority, scheme }, limits, error)
}

function readFetch(source: FetchRequestLike, limits: Limits | undefined): ReadRequestHead {
  const { method, headers } = source
  requireText(source.url, 'url')
  // Host and Connection of a Fetch Request are not checked, so nothing else may pass for one.
  if (Array.isArray(headers) || typeof headers?.forEach !== 'function')
    throw wrongArgument('`headers` of a Fetch Request', 'Headers', describeType(headers))
  const url = parseUrl(source.url)
  return createHead(
    {
      method,
      target: url === undefined ? source.url : url.pathname + url.search,
      httpVersion: 'unknown',
      headers: toHeaderList(headers),
      protocol: undefined,
      authority: url?.host,
      scheme: url?.protocol.slice(0, -1),
    },
    limits,
  )
}
