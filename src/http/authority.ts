/**
 * Parses host and port, as in a URL, `Host`, `:authority` or a CONNECT target, which share one grammar (RFC 3986 §3.2.2, §3.2.3).
 *
 * @module
 */

import { lowerCase } from '../bytes/ascii.ts'
import { parseUrl } from '../platform/url.ts'
import { DIGIT, PLAIN_NAME, REG_NAME, readDecimal, skipClass } from './grammar.ts'

/** `uri-host [ ":" port ]`, the host in lower case; `port` may be empty. */
export interface Authority {
  readonly host: string
  readonly port: string
}

/** Parses host and port. Returns `undefined` for any other text and for an empty host. Takes linear time. */
export function parseAuthority(text: string): Authority | undefined {
  let end = skipClass(text, 0, PLAIN_NAME)
  let host = text.slice(0, end)
  // Rare: a literal address, an escape or a capital letter.
  if (end < text.length && text[end] !== ':') {
    end = text[0] === '[' ? skipLiteral(text) : skipClass(text, end, REG_NAME)
    host = lowerCase(text.slice(0, end))
    if (host.includes('%') && brokenEscape.test(host)) return undefined
  }
  if (end === 0) return undefined
  if (end === text.length) return { host, port: '' }
  // port = *DIGIT                                                                                   RFC 3986 §3.2.3
  if (text[end] !== ':' || skipClass(text, end + 1, DIGIT) !== text.length) return undefined
  return { host, port: text.slice(end + 1) }
}

// pct-encoded = "%" HEXDIG HEXDIG                                                                   RFC 3986 §2.1
const brokenEscape = /%(?![\da-f]{2})/

// IP-literal = "[" ( IPv6address / IPvFuture  ) "]"                                                 RFC 3986 §3.2.2
// IPvFuture = "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )
const literal = /^\[(?:[\da-f:.]+|v[\da-f]+\.[!$&'()*+.:;=~\w-]+)\]/i

/** Returns the end of an `IP-literal`, or 0 if the text does not begin with one. */
function skipLiteral(text: string): number {
  const found = literal.exec(text)?.[0]
  if (found === undefined) return 0
  // The URL Standard allows the same IPv6 addresses as RFC 3986: eight groups, some of which one `::` may replace.
  return /v/i.test(found) || parseUrl(`http://${found}/`) !== undefined ? found.length : 0
}

/** Whether a URL can contain this authority. The URL Standard excludes IPvFuture and ports above 65535, which the grammar allows. */
export function fitsUrl({ host, port }: Authority): boolean {
  return !host.startsWith('[v') && (port === '' || readDecimal(port, 65_535) !== undefined)
}

/** Returns the default port of `http` or `https`, and `undefined` for any other scheme. */
export function defaultPort(scheme: string): string | undefined {
  return scheme === 'http' ? '80' : scheme === 'https' ? '443' : undefined
}

/** Whether both have the same host and port. A missing port means the scheme's default. */
export function isSameAuthority(own: Authority, other: Authority | undefined, scheme = ''): boolean {
  const port = defaultPort(scheme) ?? ''
  return own.host === other?.host && (own.port || port) === (other.port || port)
}

/** Returns a host for `connect`: without the brackets of an IPv6 address. */
export function withoutBrackets(host: string): string {
  return host[0] === '[' ? host.slice(1, -1) : host
}
