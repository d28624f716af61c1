/**
 * A request's head as data, whatever read it: our parser, Node, a Fetch handler. Knows no rule about it.
 *
 * @module
 */

import { parseUrl } from '../platform/url.ts'
import { type FieldSectionLike, readFieldSection } from './field-section.ts'
import { type HeaderList, type HeaderRecord, type HeaderSource, type HeadersLike, toHeaderList } from './headers.ts'

/**
 * The versions that a message can have come by. A higher minor version counts as 1.1 (RFC 9110 §2.5). `'unknown'`: the runtime
 * does not tell, as with the `Request` and `Response` of Fetch.
 */
export type HttpVersion = '1.0' | '1.1' | '2' | '3' | 'unknown'

/** Whether a version carries each request on a stream of its own, beside others on the connection: HTTP/2 and HTTP/3. */
export function isMultiplexed(version: HttpVersion | undefined): version is '2' | '3' {
  return version === '2' || version === '3'
}

/** A request's head, yours to change. */
export interface RequestHead {
  /** As it was sent; methods compare with letter case. */
  method: string
  /** As it was sent: `/path?query`, or an absolute URL; over HTTP/2 and 3 `:path`, empty where none came. */
  target: string
  /** `undefined` when the runtime keeps it to itself (a Fetch `Request`); then hop-by-hop rules are the runtime's business. */
  version: HttpVersion | undefined
  /** In order, spelling and repeats kept. */
  headers: HeaderList
  /** `:protocol` of an extended CONNECT. */
  protocol: string | undefined
  /** `:authority`, or what a Fetch `Request`'s URL names. */
  authority: string | undefined
  /** `:scheme`, or what a Fetch `Request`'s URL names: `https`. */
  scheme: string | undefined
}

/** A request's head as it goes in. */
export interface RequestLike {
  /** A token, such as `GET`. */
  readonly method: string
  /** `/path?query`, or an absolute URL. */
  readonly target: string
  /** From any source. */
  readonly headers: HeaderSource
  /** Default `'1.1'`. `undefined`, written out, is what a Fetch `Request` tells: hop-by-hop fields are not judged then. */
  readonly version?: HttpVersion | undefined
  /** `:protocol` of an extended CONNECT. */
  readonly protocol?: string | undefined
  /** `:authority`: host and port. */
  readonly authority?: string | undefined
  /** `:scheme`: `https` or `http`. */
  readonly scheme?: string | undefined
}

/** The part of Node's `IncomingMessage` that is read; `rawHeaders`, because `headers` drops and joins. */
export interface NodeRequestLike {
  /** Always there in a request. */
  readonly method?: string | undefined
  /** The request target as it was sent. */
  readonly url?: string | undefined
  /** Such as `1.1`. */
  readonly httpVersion: string
  /** Names and values in turn, as they were sent. */
  readonly rawHeaders: readonly string[]
}

/** The part of a Fetch `Request` that is read. */
export interface FetchRequestLike {
  /** `GET`. */
  readonly method: string
  /** The whole URL, of which path and query become the target. */
  readonly url: string
  /** Repeats are joined there, and hop-by-hop fields may be missing. */
  readonly headers: HeadersLike
}

/** The header object of `node:http2`'s `stream` event: pseudo-headers and fields in one. */
export interface Http2RequestLike {
  /** `CONNECT`, where a WebSocket is asked for. */
  readonly ':method'?: string | undefined
  /** Path and query. */
  readonly ':path'?: string | undefined
  /** Host and port. */
  readonly ':authority'?: string | undefined
  /** `https` or `http`. */
  readonly ':scheme'?: string | undefined
  /** `websocket`, where one is asked for (RFC 8441 §4). */
  readonly ':protocol'?: string | undefined
}

/** The whole request, never only its headers. */
export type RequestSource = RequestLike | NodeRequestLike | FetchRequestLike | Http2RequestLike | FieldSectionLike

/**
 * The head of a request from any source. Nothing is judged.
 *
 * @throws ProtocolError `pseudo-header` or `head-syntax` (400) for a field section that is none, see {@link FieldSectionLike};
 *   no other source makes it throw for what a peer sent.
 *
 * @example
 * createServer().on('upgrade', (request) => console.log(requestHeadFrom(request).target))
 */
export function requestHeadFrom(source: RequestSource): RequestHead {
  // First, for the other members of such an object are fields, which the peer may name `target` or `url`.
  if (isHttp2Request(source)) return fromHttp2(source)
  if ('rawHeaders' in source) return fromNode(source)
  if ('target' in source) return fromRequestLike(source)
  if ('fields' in source) return fromFieldSection(source)
  if ('url' in source) return fromFetch(source)
  throw new TypeError('a request has a method, a target or url, and headers; headers alone cannot be judged')
}

/** Whether it is a header object of HTTP/2, all members of which are a peer's. No field is named `:method`. */
export function isHttp2Request(source: object): source is Http2RequestLike {
  return ':method' in source
}

function fromRequestLike(source: RequestLike): RequestHead {
  const { method, target, protocol, authority, scheme } = source
  // Who builds a request by hand means HTTP/1.1; a head of a Fetch request says by `undefined` that nobody knows.
  const version = 'version' in source ? source.version : '1.1'
  return { method, target, version, headers: toHeaderList(source.headers), protocol, authority, scheme }
}

function fromNode({ method = '', url = '', httpVersion, rawHeaders }: NodeRequestLike): RequestHead {
  const version = nodeVersions.get(httpVersion) ?? '1.1'
  // Its compatibility request of HTTP/2 keeps the pseudo-headers there; HTTP/1.1 has none, whatever stands before a colon.
  const pseudo = (name: string) => (version === '2' ? rawHeaders[findName(rawHeaders, name) + 1] : undefined)
  return {
    method,
    target: url,
    version,
    headers: toHeaderList(rawHeaders),
    protocol: pseudo(':protocol'),
    authority: pseudo(':authority'),
    scheme: pseudo(':scheme'),
  }
}

/** Where a name stands in names and values that take turns; -2 where it does not, for behind that, at -1, stands nothing. */
function findName(rawHeaders: readonly string[], name: string): number {
  for (let i = 0; i < rawHeaders.length; i += 2) if (rawHeaders[i] === name) return i
  return -2
}

/** Node's parser lets no other major version through, and higher minor versions count as 1.1. */
const nodeVersions: ReadonlyMap<string, HttpVersion> = /* @__PURE__ */ new Map([
  ['1.0', '1.0'],
  ['2.0', '2'],
])

/** HTTP/2 and HTTP/3 carry the same pseudo-headers; only HTTP/2 has a header object of its own. */
function fromHttp2(source: Http2RequestLike): RequestHead {
  return {
    method: source[':method'] ?? '',
    target: source[':path'] ?? '',
    version: '2',
    headers: toHeaderList(source as HeaderRecord),
    protocol: source[':protocol'],
    authority: source[':authority'],
    scheme: source[':scheme'],
  }
}

const pseudoHeaders: readonly string[] = [':method', ':scheme', ':authority', ':path', ':protocol']

function fromFieldSection(source: FieldSectionLike): RequestHead {
  const { pseudo, headers } = readFieldSection(source, pseudoHeaders)
  return {
    method: pseudo.get(':method') ?? '',
    target: pseudo.get(':path') ?? '',
    version: source.version,
    headers,
    protocol: pseudo.get(':protocol'),
    authority: pseudo.get(':authority'),
    scheme: pseudo.get(':scheme'),
  }
}

function fromFetch(source: FetchRequestLike): RequestHead {
  const url = parseUrl(source.url)
  return {
    method: source.method,
    target: url === undefined ? source.url : url.pathname + url.search,
    version: undefined,
    headers: toHeaderList(source.headers),
    protocol: undefined,
    authority: url?.host,
    scheme: url?.protocol.slice(0, -1),
  }
}
