/**
 * Request heads as data: converts every supported source (our parser, Node, Fetch, HTTP/2, HTTP/3) to one `RequestHead`. What the
 * request asks for is judged elsewhere.
 *
 * @module
 */

import { describeType, describeValue, requireOptional, requireRecord, requireType } from '../arguments.ts'
import { ProtocolError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import { parseUrl } from '../platform/url.ts'
import { type FieldSectionLike, readFieldSection } from './field-section.ts'
import {
  checkFieldCount,
  type HeaderList,
  type HeaderRecord,
  type HeaderSource,
  type HeadersLike,
  toHeaderList,
} from './headers.ts'
import { encodeBytes, findBadCharacter, splitSoundTarget, targetFault } from './target.ts'

/**
 * The HTTP version of a message. A higher minor version counts as 1.1 (RFC 9110 §2.5). `'unknown'`: the runtime does not say, as
 * with the `Request` and `Response` of Fetch.
 */
export type HttpVersion = '1.0' | '1.1' | '2' | '3' | 'unknown'

const versions: readonly unknown[] = ['1.0', '1.1', '2', '3', 'unknown'] satisfies HttpVersion[]

/** Throws `TypeError` for an invalid version. */
export function requireVersion(version: unknown, name: string): void {
  if (versions.includes(version)) return
  throw new TypeError(`${name} must be '1.0', '1.1', '2', '3' or 'unknown', not ${describeValue(version)}`)
}

/** Whether a version carries each request on its own stream of a shared connection: HTTP/2 and HTTP/3. */
export function isMultiplexed(version: HttpVersion | undefined): version is '2' | '3' {
  return version === '2' || version === '3'
}

/** A request's head, yours to change. */
export interface RequestHead {
  /** As sent; methods are case-sensitive. */
  method: string
  /**
   * `/path?query`, or an absolute URL; over HTTP/2 and 3 `:path`, or empty. As sent, except that bytes from 0x80 on are
   * percent-encoded, so that a request line can carry it.
   */
  target: string
  /** The target's path, without the query and still percent-encoded; empty for `*` and `host:port`. See `splitTarget`. */
  path: string
  /** The target's query, without its `?`; may be empty. */
  query: string
  /** The HTTP version it came over. */
  version: HttpVersion
  /** In order, with spelling and repeats kept. */
  headers: HeaderList
  /** `:protocol` of an extended CONNECT. */
  protocol: string | undefined
  /** `:authority`, or the host of a Fetch `Request`'s URL. */
  authority: string | undefined
  /** `:scheme`, or the scheme of a Fetch `Request`'s URL: `https`. */
  scheme: string | undefined
}

/** A request head as input. */
export interface RequestLike {
  /** A token, such as `GET`. */
  readonly method: string
  /** `/path?query`, or an absolute URL. */
  readonly target: string
  /** From any source. */
  readonly headers: HeaderSource
  /** Default: `'1.1'`. With `'unknown'`, hop-by-hop fields are not checked. */
  readonly version?: HttpVersion | undefined
  /** `:protocol` of an extended CONNECT. */
  readonly protocol?: string | undefined
  /** `:authority`: host and port. */
  readonly authority?: string | undefined
  /** `:scheme`: `https` or `http`. */
  readonly scheme?: string | undefined
}

/** The part of Node's `IncomingMessage` that is read. Uses `rawHeaders`, because `headers` drops and joins fields. */
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

/** The part of a Fetch `Request` that is read. */
export interface FetchRequestLike {
  /** `GET`. */
  readonly method: string
  /** The whole URL; its path and query become the target. */
  readonly url: string
  /** Repeats are joined, and hop-by-hop fields may be missing. */
  readonly headers: HeadersLike
}

/** The header object of `node:http2`'s `stream` event: pseudo-headers and fields in one. */
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

/** A whole request, not just its headers. */
export type RequestSource = RequestLike | NodeRequestLike | FetchRequestLike | Http2RequestLike | FieldSectionLike

/**
 * Reads the head of a request from any source. What it asks for is not judged.
 *
 * @param limits `maxHeadFields`. Node silently truncates a head at `server.maxHeadersCount` fields (default 1000), so the limit
 *   must be lower than that. Bytes are not counted: the parser that read the head has bounded them.
 * @throws ProtocolError for an invalid head: `too-many` (431) for more fields than `limits.maxHeadFields`; `target` or, over
 *   HTTP/2 and 3, `pseudo-header` (400) for a target with a space, a control character or a fragment; `pseudo-header` or
 *   `head-syntax` (400) for an invalid field section, see {@link FieldSectionLike}.
 * @throws TypeError for a value that is not a request.
 *
 * @example
 * createServer().on('upgrade', (request) => console.log(requestHeadFrom(request).path))
 */
export function requestHeadFrom(source: RequestSource, limits?: Limits): RequestHead {
  requireRecord(source, 'a request')
  const head = readSource(source)
  checkFieldCount(head.headers, limits)
  return head
}

function readSource(source: RequestSource): RequestHead {
  // First: the other members of an HTTP/2 header object are fields, which a peer may name `target` or `url`.
  if (isHttp2Request(source)) return fromHttp2(source)
  if ('rawHeaders' in source) return fromNode(source)
  if ('target' in source) return fromRequestLike(source)
  if ('fields' in source) return fromFieldSection(source)
  if ('url' in source) return fromFetch(source)
  const more = 'rest' in source ? "of a parser's result, pass its `head`" : 'headers alone cannot be judged'
  throw new TypeError(`a request has a method, a target or url, and headers; ${more}`)
}

/** Whether it is an HTTP/2 header object, whose members a peer names. No field can be named `:method`. */
export function isHttp2Request(source: object): source is Http2RequestLike {
  return ':method' in source
}

/** The method and version of a source, for the response to an unreadable head. */
export function readMethodAndVersion(source: RequestSource): Pick<RequestHead, 'method' | 'version'> {
  if (isHttp2Request(source)) return { method: source[':method'] ?? '', version: '2' }
  if ('fields' in source)
    return { method: source.fields.find(([name]) => name === ':method')?.[1] ?? '', version: source.version }
  if ('httpVersion' in source) return { method: source.method ?? '', version: toVersion(source.httpVersion) }
  return { method: (source as RequestLike).method, version: 'target' in source ? (source.version ?? '1.1') : 'unknown' }
}

/** The parts of a request besides its fields. */
interface RequestParts {
  readonly method: string
  readonly target: string
  readonly version: HttpVersion
  readonly protocol: string | undefined
  readonly authority: string | undefined
  readonly scheme: string | undefined
}

function createHead(parts: RequestParts, headers: HeaderList): RequestHead {
  const { method, version, protocol, authority, scheme } = parts
  const target = encodeBytes(parts.target)
  const bad = findBadCharacter(target)
  if (bad !== -1) throw badTarget(version, bad)
  const split = splitSoundTarget(target)
  return {
    method,
    target,
    path: split?.path ?? '',
    query: split?.query ?? '',
    version,
    headers,
    protocol,
    authority,
    scheme,
  }
}

// "A recipient SHOULD NOT attempt to autocorrect and then process the request without a redirect, since the invalid request-line
// might be deliberately crafted to bypass security filters along the request chain."                      RFC 9112 §3
function badTarget(version: HttpVersion, offset: number): ProtocolError {
  const found = `a character at ${offset} that none may hold: a space, a control character or the start of a fragment`
  if (!isMultiplexed(version)) return targetFault(`has ${found}`)
  return new ProtocolError('pseudo-header', `:path holds ${found}`, { reference: 'RFC 9113 §8.3.1', status: 400 })
}

function fromRequestLike(source: RequestLike): RequestHead {
  const { method, target, version = '1.1', protocol, authority, scheme } = source
  requireType(method, 'string', '`method` of a request')
  requireType(target, 'string', '`target` of a request')
  requireVersion(version, '`version` of a request')
  requireOptional(protocol, 'string', '`protocol` of a request')
  requireOptional(authority, 'string', '`authority` of a request')
  requireOptional(scheme, 'string', '`scheme` of a request')
  return createHead({ method, target, version, protocol, authority, scheme }, toHeaderList(source.headers))
}

function fromNode({ method = '', url = '', httpVersion, rawHeaders }: NodeRequestLike): RequestHead {
  requireType(method, 'string', '`method` of a request')
  requireType(url, 'string', '`url` of a request')
  if (!Array.isArray(rawHeaders))
    throw new TypeError(`\`rawHeaders\` must be an array of names and values in turn, not ${describeValue(rawHeaders)}`)
  const version = toVersion(httpVersion)
  const headers = toHeaderList(rawHeaders)
  // Node's HTTP/2 compatibility API keeps pseudo-headers in `rawHeaders`; HTTP/1.1 has none.
  const pseudo = (name: string) => (version === '2' ? rawHeaders[findName(rawHeaders, name) + 1] : undefined)
  const parts = { protocol: pseudo(':protocol'), authority: pseudo(':authority'), scheme: pseudo(':scheme') }
  return createHead({ method, target: url, version, ...parts }, headers)
}

/** The index of a name in alternating names and values; -2 if absent, so that index + 1 has no value either. */
function findName(rawHeaders: readonly string[], name: string): number {
  for (let i = 0; i < rawHeaders.length; i += 2) if (rawHeaders[i] === name) return i
  return -2
}

/** Node's parser rejects other major versions, and higher minor versions count as 1.1. */
function toVersion(httpVersion: string): HttpVersion {
  if (httpVersion === '1.0') return '1.0'
  return httpVersion === '2.0' ? '2' : '1.1'
}

/** HTTP/2 and HTTP/3 have the same pseudo-headers; only HTTP/2 has a header object in Node. */
function fromHttp2(source: Http2RequestLike): RequestHead {
  return createHead(
    {
      method: pseudoHeader(source, ':method') ?? '',
      target: pseudoHeader(source, ':path') ?? '',
      version: '2',
      protocol: pseudoHeader(source, ':protocol'),
      authority: pseudoHeader(source, ':authority'),
      scheme: pseudoHeader(source, ':scheme'),
    },
    toHeaderList(source as HeaderRecord),
  )
}

function pseudoHeader(source: Http2RequestLike, name: keyof Http2RequestLike): string | undefined {
  const value: unknown = source[name]
  // A header object shows repeats as an array                                                         RFC 9113 §8.3
  if (Array.isArray(value))
    throw new ProtocolError('pseudo-header', `${name} comes twice`, { reference: 'RFC 9113 §8.3', status: 400 })
  requireOptional(value, 'string', `\`${name}\` of a request`)
  return value as string | undefined
}

const pseudoHeaders: readonly string[] = [':method', ':scheme', ':authority', ':path', ':protocol']

function fromFieldSection(source: FieldSectionLike): RequestHead {
  if (source.version !== '2' && source.version !== '3')
    throw new TypeError(`\`version\` of a field section must be '2' or '3', not ${describeValue(source.version)}`)
  const { pseudo, headers } = readFieldSection(source, pseudoHeaders)
  return createHead(
    {
      method: pseudo.get(':method') ?? '',
      target: pseudo.get(':path') ?? '',
      version: source.version,
      protocol: pseudo.get(':protocol'),
      authority: pseudo.get(':authority'),
      scheme: pseudo.get(':scheme'),
    },
    headers,
  )
}

function fromFetch(source: FetchRequestLike): RequestHead {
  const { method } = source
  requireType(method, 'string', '`method` of a request')
  requireType(source.url, 'string', '`url` of a request')
  // Its Host and Connection are not judged, so nothing else may pass for one.
  if (Array.isArray(source.headers) || typeof source.headers?.forEach !== 'function')
    throw new TypeError(
      `\`headers\` of a Fetch Request must be Headers, not ${describeType(source.headers)}; of Node pass the IncomingMessage, else give a \`target\` instead of \`url\``,
    )
  const url = parseUrl(source.url)
  return createHead(
    {
      method,
      target: url === undefined ? source.url : url.pathname + url.search,
      version: 'unknown',
      protocol: undefined,
      authority: url?.host,
      scheme: url?.protocol.slice(0, -1),
    },
    toHeaderList(source.headers),
  )
}
