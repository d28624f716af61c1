/**
 * A request's head as data, whatever read it: our parser, Node, a Fetch handler. Knows no rule about it.
 *
 * @module
 */

import { parseUrl } from '../platform/url.ts'
import { type HeaderList, type HeaderSource, type HeadersLike, toHeaderList } from './headers.ts'

/** The versions that a request can have come by. A higher minor version counts as 1.1 (RFC 9110 §2.5). */
export type HttpVersion = '1.0' | '1.1' | '2' | '3'

/** A request's head, yours to change. */
export interface RequestHead {
  method: string
  /** As it was sent: `/path?query`, or an absolute URL. */
  target: string
  /** `undefined` when the runtime keeps it to itself (a Fetch `Request`); then hop-by-hop rules are the runtime's business. */
  version: HttpVersion | undefined
  headers: HeaderList
  /** `:protocol` of an extended CONNECT. */
  protocol: string | undefined
  /** `:authority`, or what a Fetch `Request`'s URL names. */
  authority: string | undefined
  scheme: string | undefined
}

/** A request's head as it goes in. */
export interface RequestLike {
  readonly method: string
  readonly target: string
  readonly headers: HeaderSource
  readonly version?: HttpVersion | undefined
  readonly protocol?: string | undefined
  readonly authority?: string | undefined
  readonly scheme?: string | undefined
}

/** The part of Node's `IncomingMessage` that is read; `rawHeaders`, because `headers` drops and joins. */
export interface NodeRequestLike {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly httpVersion: string
  readonly rawHeaders: readonly string[]
}

/** The part of a Fetch `Request` that is read. */
export interface FetchRequestLike {
  readonly method: string
  readonly url: string
  readonly headers: HeadersLike
}

/** The whole request, never only its headers. */
export type RequestSource = RequestLike | NodeRequestLike | FetchRequestLike

/**
 * The head of a request from any source. Nothing is judged.
 *
 * @example
 * createServer().on('upgrade', (request) => console.log(requestHeadFrom(request).target))
 */
export function requestHeadFrom(source: RequestSource): RequestHead {
  if ('rawHeaders' in source) return fromNode(source)
  if ('target' in source) return fromRequestLike(source)
  if ('url' in source) return fromFetch(source)
  throw new TypeError('a request has a method, a target or url, and headers; headers alone cannot be judged')
}

function fromRequestLike(source: RequestLike): RequestHead {
  const { method, target, version, protocol, authority, scheme } = source
  return { method, target, version, headers: toHeaderList(source.headers), protocol, authority, scheme }
}

function fromNode(source: NodeRequestLike): RequestHead {
  return {
    method: source.method ?? '',
    target: source.url ?? '',
    version: nodeVersions.get(source.httpVersion) ?? '1.1',
    headers: toHeaderList(source.rawHeaders),
    protocol: undefined,
    authority: undefined,
    scheme: undefined,
  }
}

/** Node's parser lets no other major version through, and higher minor versions count as 1.1. */
const nodeVersions: ReadonlyMap<string, HttpVersion> = /* @__PURE__ */ new Map([
  ['1.0', '1.0'],
  ['2.0', '2'],
])

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
