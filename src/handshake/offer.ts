/**
 * The client's first act: writes the request (RFC 6455 §3, §4.1), whatever carries it. Knows what is asked, and keeps it, so
 * that the answer can be held against it.
 *
 * @module
 */

import { withoutBrackets } from '../http/authority.ts'
import { formatBasicCredentials } from '../http/basic-credentials.ts'
import { isFieldText, skipClass, VCHAR } from '../http/grammar.ts'
import { getHeaders, type HeaderList, type HeaderPairs, type HeaderSource } from '../http/headers.ts'
import type { RequestHead } from '../http/request.ts'
import { decodePercent, type ParsedUrl, parseUrl } from '../platform/url.ts'
import type { Wish } from './carrier.ts'
import { clientCarrier } from './carriers.ts'
import type { Extension } from './extension.ts'
import { formatExtensions } from './extensions.ts'
import { field, toExtraHeaders } from './fields.ts'
import { findKeyFault, generateKey } from './key.ts'
import { offerExtensions } from './negotiation.ts'
import { originField } from './origin.ts'
import { checkSubprotocols } from './subprotocol.ts'
import { checkVersions } from './version.ts'

/** What a client wishes. */
export interface OfferOptions<Subprotocol extends string = string> {
  /** Best first; none twice. */
  readonly subprotocols?: readonly Subprotocol[] | undefined
  /** What may be done to messages, best first. */
  readonly extensions?: readonly Extension[] | undefined
  /** More fields for the request; a `Host` among them replaces ours, over HTTP/2 and 3 as `:authority`. */
  readonly headers?: HeaderSource | undefined
  /**
   * The versions that are spoken, best first; the first is asked for. Default: 13 alone, which is all that this package speaks.
   * Where the answer lists others (`kind: 'version'`), {@link negotiateVersion} finds the one to ask for next.
   */
  readonly versions?: readonly number[] | undefined
  /**
   * The version of HTTP that carries the request. Default: `'1.1'`. Over `'2'` and `'3'` it is an extended CONNECT, for which the
   * client waits until the server's settings allow it: see `verifyConnectSetting`.
   */
  readonly version?: '1.1' | '2' | '3' | undefined
  /** What a browser would send as `Origin`. */
  readonly origin?: string | undefined
  /** The request target as it is, in place of the URL's path: for proxies, who must not paste it into a URL. */
  readonly target?: string | undefined
  /** Fail when the server chooses none of the offered subprotocols (browsers do). Default: false. */
  readonly requireSubprotocol?: boolean | undefined
  /** The base64 of 16 bytes, for tests. Default: from secure randomness. HTTP/2 and 3 send none. */
  readonly key?: string | undefined
}

/** What is asked, and where. Keep it: `verifyHandshake` holds the answer against it. */
export interface Offer<Subprotocol extends string = string> {
  /** For `formatRequestHead`. */
  readonly request: RequestHead
  /** The URL, without the user's name and password. */
  readonly url: string
  /** Whether TLS comes first. */
  readonly secure: boolean
  /** Where to connect to, an IPv6 address without its brackets. */
  readonly hostname: string
  /** 80 or 443 where the URL names none. */
  readonly port: number
  /** What the server proves that it has read. Empty over HTTP/2 and 3, which have none. */
  readonly key: string
  /** As they were given. */
  readonly options: OfferOptions<Subprotocol>
}

/**
 * The request that opens a WebSocket, and where to send it.
 *
 * @param url `ws:` or `wss:`, without a fragment (RFC 6455 §3). A name and password in it become Basic authentication.
 * @throws TypeError for any other URL, for a name with a colon and control characters in name or password (RFC 7617 §2), for
 * subprotocols and extensions that are no tokens or come twice, and for fields that the handshake writes itself; `RangeError` for
 * versions that are none.
 *
 * @example
 * const offer = offerHandshake('ws://localhost:8080/chat', { subprotocols: ['chat'] })
 * const socket = connect(offer.port, offer.hostname)
 * socket.write(formatRequestHead(offer.request))
 *
 * @example
 * const offer = offerHandshake('wss://localhost:8443/chat', { version: '2' })
 * const stream = session.request(toHttp2Headers(offer.request), { endStream: false })
 */
export function offerHandshake<const Subprotocol extends string = never>(
  url: string | { readonly href: string },
  options: OfferOptions<Subprotocol> = {},
): Offer<Subprotocol> {
  const parsed = parseWebSocketUrl(typeof url === 'string' ? url : url.href)
  const { version = '1.1', target = parsed.pathname + parsed.search } = options
  const carrier = clientCarrier(version)
  const key = carrier.hasKey ? (options.key ?? generateKey()) : ''
  checkOptions(options, target)
  const secure = parsed.protocol === 'wss:'
  const { fields, extra } = requestFields(parsed, options)
  const request = carrier.request({ version, secure, host: parsed.host, target, key, fields, extra })
  return {
    request,
    url: `${parsed.protocol}//${parsed.host}${parsed.pathname}${parsed.search}`,
    secure,
    hostname: withoutBrackets(parsed.hostname),
    // Decimal digits up to 65535, for the URL parser wrote them.
    port: parsed.port === '' ? (secure ? 443 : 80) : Number(parsed.port),
    key,
    options,
  }
}

function parseWebSocketUrl(text: string): ParsedUrl {
  const url = parseUrl(text)
  // Not repeated: it may hold a password, or a token in its query.
  if (url === undefined) throw new TypeError('`url` is no URL (RFC 6455 §3)')
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:')
    throw new TypeError(`a WebSocket's URL begins with ws: or wss:, not with ${url.protocol} (RFC 6455 §3)`)
  // "Fragment identifiers are meaningless in the context of WebSocket URIs and MUST NOT be used", an empty one no less.
  if (url.href.includes('#')) throw new TypeError("a WebSocket's URL has no fragment (RFC 6455 §3)")
  return url
}

function checkOptions({ subprotocols = [], origin = '', key, version }: OfferOptions, target: string): void {
  if (version !== undefined && version !== '1.1' && version !== '2' && version !== '3')
    throw new TypeError(`\`version\` is '1.1', '2' or '3', not ${JSON.stringify(version)}`)
  checkSubprotocols(subprotocols)
  const keyFault = key === undefined ? undefined : findKeyFault(key, false)
  if (keyFault !== undefined) throw new TypeError(`\`key\` ${keyFault} (RFC 6455 §4.1)`)
  if (!isFieldText(origin)) throw new TypeError('`origin` holds a character that no field can carry (RFC 9110 §5.5)')
  if (target[0] !== '/' || target.includes('#') || skipClass(target, 0, VCHAR) < target.length)
    throw new TypeError(
      '`target` is a path that begins with a slash, in visible ASCII, without a fragment (RFC 9112 §3.2.1)',
    )
}

/** The fields of RFC 6455 §4.1 that are the same whatever carries them, items 8 to 11, and then one's own (item 12). */
function requestFields(url: ParsedUrl, options: OfferOptions): Pick<Wish, 'fields' | 'extra'> {
  const extra = toExtraHeaders(options.headers)
  const [version] = checkVersions(options.versions)
  if (options.origin !== undefined && has(extra, originField(version)))
    throw new TypeError('`origin` is an option and in `headers`')
  if (getHeaders(extra, 'host').length > 1) throw new TypeError('a request has one Host (RFC 9112 §3.2)')
  const fields: HeaderList = [[field.version, String(version)]]
  const { subprotocols = [], origin } = options
  if (subprotocols.length > 0) fields.push([field.protocol, subprotocols.join(', ')])
  const offers = offerExtensions(options.extensions ?? [])
  if (offers.length > 0) fields.push([field.extensions, formatExtensions(offers)])
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
