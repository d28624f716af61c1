/**
 * The client side, first step: creates the opening request from a URL and options (RFC 6455 §3, §4.1). Keeps a copy of the offer, so
 * that `verifyHandshake` can check the response against it.
 *
 * @module
 */

import { describeType, type Kind, type Kinds, requireOptions, wrongArgument } from '../arguments.ts'
import type { DefinedExtension, ExtensionEntry } from '../extensions/extension.ts'
import { requireExtensions, supportOf } from '../extensions/support.ts'
import { parseAuthority, withoutBrackets } from '../http/authority.ts'
import { formatBasicCredentials } from '../http/basic-credentials.ts'
import { isFieldText, skipClass, VCHAR } from '../http/grammar.ts'
import { getHeaders, type HeaderList, type HeaderPairs, type HeaderSource, toHeaderList } from '../http/headers.ts'
import { type HttpVersion, isMultiplexed, type RequestHead } from '../http/request.ts'
import { absoluteAuthority } from '../http/target.ts'
import { type Limits, limitKinds, resolveLimits } from '../limits.ts'
import { type Native, nativeKinds } from '../native.ts'
import { decodePercent, type ParsedUrl, parseUrl } from '../platform/url.ts'
import { clientOf } from './client-carrier.ts'
import { field, requireExtraHeaders } from './fields.ts'
import { findKeyOffset, generateKey } from './key.ts'
import { originField } from './origin.ts'
import { requireSubprotocols } from './subprotocol.ts'
import type { OpeningRequest } from './upgrade-carrier.ts'
import { requireVersions } from './version.ts'

/**
 * What a client offers.
 *
 * @category Opening handshake
 */
export interface OfferOptions<Subprotocol extends string = string, Required extends boolean = boolean> {
  /** The subprotocols to offer, best first, without duplicates. */
  readonly subprotocols?: readonly Subprotocol[] | undefined
  /** The extensions to offer, best first, as `defineExtension` returns them. */
  readonly extensions?: readonly DefinedExtension[] | undefined
  /** Extra fields for the request. A `Host` replaces the one from the URL; over HTTP/2 and HTTP/3 it becomes `:authority`. */
  readonly headers?: HeaderSource | undefined
  /**
   * The supported WebSocket versions, best first. The request asks for the first. Default: only 13, the version that this package
   * implements. If the response lists other versions (`kind: 'version'`), {@link negotiateVersion} picks the one to try next.
   */
  readonly versions?: readonly number[] | undefined
  /**
   * The HTTP version that carries the request. Default: `'1.1'`. Over `'2'` and `'3'` the request is an extended CONNECT, which the
   * client may send only after the server's settings allow it: see `verifyConnectSetting`.
   */
  readonly httpVersion?: '1.1' | '2' | '3' | undefined
  /** The value of `Origin`, which browsers send. Default: no `Origin`. */
  readonly origin?: string | undefined
  /**
   * The request target, sent unchanged instead of the URL's path: for a reverse proxy, which must not insert a client's target into a
   * URL; or, over HTTP/1.1, in absolute form (`http://a.example/chat`) for a forward proxy (RFC 9112 §3.2.2).
   */
  readonly target?: string | undefined
  /** Rejects a response that chooses none of the offered subprotocols, as browsers do. Default: false. */
  readonly requireSubprotocol?: Required | undefined
  /** The key, the base64 of 16 bytes, for tests. Default: securely random. Not sent over HTTP/2 and HTTP/3. */
  readonly key?: string | undefined
  /**
   * Creates an offer for a `Request` that is never sent over HTTP, such as one that a Worker passes to a Durable Object: it has no key, no
   * version and no target, and the response needs no accept. The counterpart of the option `offWire` of `acceptHandshake`. Only for code
   * that takes headers, such as `stub.fetch`. `httpVersion`, `versions`, `target` and `key` must not be set. Default: false.
   */
  readonly offWire?: boolean | undefined
  /** `maxHeadFields`, for responses read by another parser. Our parser takes its own limits. */
  readonly limits?: Limits | undefined
  /** A faster `sha1`, with which `verifyHandshake` checks `Sec-WebSocket-Accept`. Default: none. */
  readonly native?: Native | undefined
}

const kinds: Kinds = {
  subprotocols: 'array',
  extensions: 'array',
  headers: 'any',
  versions: 'array',
  httpVersion: ['1.1', '2', '3'],
  origin: 'string',
  target: 'string',
  requireSubprotocol: 'boolean',
  key: 'string',
  offWire: 'boolean',
  limits: limitKinds,
  native: nativeKinds,
} satisfies Record<keyof OfferOptions, Kind>

/**
 * What the client offered, frozen. `verifyHandshake` checks the response against it, even if you change `request` or `options`.
 *
 * @category Opening handshake
 */
export interface Offered<Subprotocol extends string = string> {
  /** The HTTP version of the request; `'unknown'` with `offWire`. */
  readonly httpVersion: '1.1' | '2' | '3' | 'unknown'
  /** The requested WebSocket version. */
  readonly version: number
  /** The offered subprotocols, best first. */
  readonly subprotocols: readonly Subprotocol[]
  /** Whether the server must choose a subprotocol. */
  readonly requireSubprotocol: boolean
  /** The extensions that made the offers. */
  readonly extensions: readonly DefinedExtension[]
  /** The offers as listed in the request. */
  readonly extensionOffers: readonly ExtensionEntry[]
  /** The base URL for `Location`. */
  readonly base: string
  /** The limits for responses read by another parser. */
  readonly limits: Limits
  /** The caller's hash for `Sec-WebSocket-Accept`; `undefined` without one. */
  readonly sha1: Native['sha1']
}

/**
 * The request, and where to send it. Keep it: `verifyHandshake` checks the response against it.
 *
 * @category Opening handshake
 */
export interface Offer<Subprotocol extends string = string, Required extends boolean = boolean> {
  /** The request for `formatRequestHead`. With `offWire`, use its `headers` in a Fetch `Request`. You may change it. */
  readonly request: RequestHead
  /** The URL with `ws:` or `wss:`, without user name and password. */
  readonly url: string
  /** Whether to connect with TLS. */
  readonly secure: boolean
  /** The host to connect to. An IPv6 address has no brackets. */
  readonly hostname: string
  /**
   * The server name for TLS (SNI), set even if the offer is not secure: the host name without a trailing dot. `undefined` for an IPv4 or
   * IPv6 address, which TLS must not send (RFC 6066 §3). `connect({ host, port, servername: offer.serverName ?? '' })`.
   */
  readonly serverName: string | undefined
  /** The port to connect to: 80 or 443 if the URL has none. */
  readonly port: number
  /** The `Sec-WebSocket-Key`. Empty over HTTP/2 and HTTP/3 and with `offWire`, which have no key. */
  readonly key: string
  /** A copy of the options. You may change it. */
  readonly options: OfferOptions<Subprotocol, Required>
  /** What `verifyHandshake` checks the response against. */
  readonly offered: Offered<Subprotocol>
}

/**
 * Creates the request that opens a WebSocket, and returns it with the address to connect to.
 *
 * @param url `ws:` or `wss:`, without a fragment (RFC 6455 §3). `http:` and `https:` mean the same (WHATWG WebSockets §3.1). A user name
 *   and password in the URL become Basic authentication.
 * @throws TypeError for any other URL, for an unknown option, for a user name with a colon, for control characters in the user name or
 *   password (RFC 7617 §2), for invalid or duplicate subprotocols and extensions, and for fields that the handshake writes itself;
 *   `RangeError` for invalid versions.
 *
 * @example
 * const offer = offerHandshake('ws://localhost:8080/chat', { subprotocols: ['chat'] })
 * const socket = connect(offer.port, offer.hostname)
 * socket.write(formatRequestHead(offer.request))
 *
 * @example
 * const offer = offerHandshake('wss://localhost:8443/chat', { httpVersion: '2' })
 * const stream = session.request(toHttp2Headers(offer.request), { endStream: false })
 *
 * @example
 * const offer = offerHandshake('https://object/', { offWire: true, subprotocols: ['chat'] })
 * const request = new Request('https://object/', { headers: offer.request.headers })
 *
 * @category Opening handshake
 */
export function offerHandshake<const Subprotocol extends string = never, Required extends boolean = boolean>(
  url: string | { readonly href: string },
  options: OfferOptions<Subprotocol, Required> = {},
): Offer<Subprotocol, Required> {
  requireOptions(options, kinds, 'the options of offerHandshake')
  const parsed = requireUrl(url)
  const httpVersion = requireVersion(options)
  const { target = parsed.pathname + parsed.search } = options
  const { subprotocols = [], extensions = [], requireSubprotocol = false } = options
  requireSubprotocols(subprotocols)
  requireText(options)
  requireTarget(target, httpVersion)
  const [wsVersion] = requireVersions(options.versions)
  const { maxHeadFields } = resolveLimits(options.limits)
  requireExtensions(extensions)
  const offers = supportOf(extensions)?.offer(extensions)
  const carrier = clientOf(httpVersion)
  const key = carrier.hasKey ? (options.key ?? generateKey()) : ''
  const secure = parsed.protocol === 'wss:' || parsed.protocol === 'https:'
  const { fields, extra } = requestFields(parsed, options, wsVersion, offers?.field)
  const request = carrier.request({ httpVersion, secure, host: parsed.host, target, key, fields, extra })
  const origin = `${secure ? 'wss' : 'ws'}://${parsed.host}`
  const hostname = withoutBrackets(parsed.hostname)
  const here = `${origin}${parsed.pathname}${parsed.search}`
  return {
    request,
    url: here,
    secure,
    hostname,
    serverName: isAddress(hostname) ? undefined : withoutLastDot(hostname),
    // The URL parser ensures decimal digits, at most 65535.
    port: parsed.port === '' ? (secure ? 443 : 80) : Number(parsed.port),
    key,
    options: copyOptions(options, extra),
    offered: Object.freeze({
      httpVersion,
      version: wsVersion,
      subprotocols: Object.freeze([...subprotocols]),
      requireSubprotocol,
      extensions: Object.freeze([...extensions]),
      extensionOffers: freezeEntries(offers?.entries ?? []),
      // "resolved relative to the target URI", whose path an option may have replaced                   RFC 9110 §10.2.2
      base: target[0] === '/' ? origin + target : here,
      limits: Object.freeze({ maxHeadFields }),
      sha1: options.native?.sha1,
    }),
  }
}

/** Throws `TypeError` for options that belong to a request sent over HTTP. */
function requireVersion(options: OfferOptions): Offered['httpVersion'] {
  if (!options.offWire) return options.httpVersion ?? '1.1'
  for (const name of ['httpVersion', 'versions', 'target', 'key'] as const)
    if (options[name] !== undefined)
      throw new TypeError(`\`${name}\` must not be set with \`offWire\`, which sends no HTTP`)
  return 'unknown'
}

function copyOptions<Options extends OfferOptions>(options: Options, extra: HeaderList): Options {
  const { subprotocols, extensions, versions, headers, limits } = options
  return {
    ...options,
    ...(subprotocols && { subprotocols: [...subprotocols] }),
    ...(extensions && { extensions: [...extensions] }),
    ...(versions && { versions: [...versions] }),
    ...(headers && { headers: toHeaderList(extra) }),
    ...(limits && { limits: { ...limits } }),
  }
}

/** Freezes in place: the entries are new and not shared. */
function freezeEntries(entries: readonly ExtensionEntry[]): readonly ExtensionEntry[] {
  for (const entry of entries) {
    for (const param of entry.params) Object.freeze(param)
    Object.freeze(entry.params)
    Object.freeze(entry)
  }
  return Object.freeze(entries)
}

/** Whether a URL's host is an IP address. The URL parser returns colons only in IPv6, and only digits and dots only for IPv4. */
function isAddress(hostname: string): boolean {
  return hostname.includes(':') || /^[\d.]+$/.test(hostname)
}

// "The hostname is represented as a byte string using ASCII encoding without a trailing dot."             RFC 6066 §3
function withoutLastDot(hostname: string): string {
  let end = hostname.length
  // The URL parser accepts several trailing dots.
  while (hostname[end - 1] === '.') end--
  return hostname.slice(0, end)
}

function requireUrl(source: string | { readonly href: string }): ParsedUrl {
  const text = typeof source === 'object' && source !== null ? source.href : source
  if (typeof text !== 'string') throw wrongArgument('`url`', 'a string or a URL', describeType(source))
  // Not echoed: it may contain a password, or a token in its query.
  const url = parseUrl(text)
  if (url === undefined) throw new TypeError("`url` must be an absolute URL, such as 'wss://chat.example/path'")
  // Checked first, because 'localhost:8080' parses as a URL with the scheme `localhost`.
  if (!schemes.includes(url.protocol))
    throw new TypeError(`\`url\` must begin with ws:// or wss:// (or http:// or https://), not with ${url.protocol}`)
  // The URL Standard allows characters in a host that `Host` may not contain, such as a quotation mark (RFC 3986 §3.2.2).
  if (parseAuthority(url.host) === undefined) throw new TypeError('`url` must have a host that is valid in `Host`')
  // "Fragment identifiers are meaningless in the context of WebSocket URIs and MUST NOT be used", not even an empty one.
  if (url.href.includes('#')) throw new TypeError('`url` must have no fragment (RFC 6455 §3)')
  return url
}

const schemes: readonly string[] = ['ws:', 'wss:', 'http:', 'https:']

function requireText({ origin = '', key }: OfferOptions): void {
  const offset = key === undefined ? -1 : findKeyOffset(key, false)
  if (offset !== -1) throw new TypeError(`\`key\` must be the base64 of 16 bytes: invalid at ${offset}`)
  if (!isFieldText(origin)) throw new TypeError('`origin` must be a field value (RFC 9110 §5.5)')
}

function requireTarget(target: string, httpVersion: HttpVersion): void {
  // HTTP/2 and HTTP/3 have no absolute form. "A sender MUST NOT generate the userinfo subcomponent"    RFC 9110 §4.2.4
  const isTarget = target[0] === '/' || (!isMultiplexed(httpVersion) && absoluteAuthority(target) !== undefined)
  if (!isTarget || target.includes('#') || skipClass(target, 0, VCHAR) < target.length)
    throw new TypeError(
      `\`target\` must be a path${isMultiplexed(httpVersion) ? '' : ' or an absolute URL'} in visible ASCII, without a fragment`,
    )
}

/** Returns the fields of RFC 6455 §4.1 that every carrier has (items 8 to 11), and the caller's extra fields (item 12). */
function requestFields(
  url: ParsedUrl,
  options: OfferOptions,
  version: number,
  extensions: string | undefined,
): Pick<OpeningRequest, 'fields' | 'extra'> {
  const extra = requireExtraHeaders(options.headers)
  if (options.origin !== undefined && has(extra, originField(version)))
    throw new TypeError('`origin` must not also be in `headers`')
  if (getHeaders(extra, 'host').length > 1) throw new TypeError('`headers` must have at most one Host')
  const fields: HeaderList = options.offWire ? [] : [[field.version, String(version)]]
  const { subprotocols = [], origin } = options
  if (subprotocols.length > 0) fields.push([field.protocol, subprotocols.join(', ')])
  if (extensions) fields.push([field.extensions, extensions])
  if (origin !== undefined) fields.push([originField(version), origin])
  if ((url.username !== '' || url.password !== '') && !has(extra, 'authorization'))
    fields.push(['Authorization', basic(url)])
  return { fields, extra }
}

function has(headers: HeaderPairs, name: string): boolean {
  return getHeaders(headers, name).length > 0
}

function basic({ username, password }: ParsedUrl): string {
  return formatBasicCredentials({ username: decodePercent(username), password: decodePercent(password) })
}
