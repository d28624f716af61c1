/**
 * Parses host and port, as in a URL, `Host`, `:authority` or a CONNECT target, which share one grammar (RFC 3986 §3.2.2, §3.2.3).
 *
 * @module
 */

import { lowerCase } from '../bytes/ascii.ts'
import { DIGIT, REG_NAME, readDecimal, skipClass } from './grammar.ts'

/** `uri-host [ ":" port ]`, the host in lower case; `port` may be empty. */
export interface Authority {
  readonly host: string
  readonly port: string
}

/** Parses host and port; `undefined` for anything else, including an empty host. Linear time. */
export function parseAuthority(text: string): Authority | undefined {
  const end = text[0] === '[' ? skipLiteral(text) : skipClass(text, 0, REG_NAME)
  if (end === 0) return undefined
  const host = lowerCase(text.slice(0, end))
  if (!hasWholeEscapes(host)) return undefined
  if (end === text.length) return { host, port: '' }
  // port = *DIGIT                                                                                   RFC 3986 §3.2.3
  if (text[end] !== ':' || skipClass(text, end + 1, DIGIT) !== text.length) return undefined
  return { host, port: text.slice(end + 1) }
}

/** Whether a URL can contain it: the URL Standard excludes IPvFuture and ports above 65535, which the grammar allows. */
export function fitsUrl({ host, port }: Authority): boolean {
  return !host.startsWith('[v') && (port === '' || readDecimal(port, 65_535) !== undefined)
}

/** The default port of each HTTP scheme. */
export const defaultPorts: ReadonlyMap<string, string> = /* @__PURE__ */ new Map([
  ['http', '80'],
  ['https', '443'],
])

/** A host for `connect`: an IPv6 address without brackets. */
export function withoutBrackets(host: string): string {
  return host[0] === '[' ? host.slice(1, -1) : host
}

// pct-encoded = "%" HEXDIG HEXDIG                                                                   RFC 3986 §2.1
function hasWholeEscapes(host: string): boolean {
  for (let at = host.indexOf('%'); at !== -1; at = host.indexOf('%', at + 1))
    if (skipHexDigits(host, at + 1, at + 3) !== at + 3) return false
  return true
}

/** The end of the hexadecimal digits from `position`, at most `end`. */
function skipHexDigits(text: string, position: number, end: number): number {
  let i = position
  while (i < end && isHexDigit(text.charCodeAt(i))) i++
  return i
}

/** Past the end of a text, `unit` is `NaN`, which is not a digit. */
function isHexDigit(unit: number): boolean {
  const folded = unit | 0x20
  return (unit >= 0x30 && unit <= 0x39) || (folded >= 0x61 && folded <= 0x66)
}

/** `IP-literal = "[" ( IPv6address / IPvFuture ) "]"` (RFC 3986 §3.2.2): its end, or 0 if there is none. */
function skipLiteral(text: string): number {
  const close = text.indexOf(']')
  return close !== -1 && (isIPv6(text, 1, close) || isIPvFuture(text, 1, close)) ? close + 1 : 0
}

// IPvFuture = "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )                                  RFC 3986 §3.2.2
function isIPvFuture(text: string, start: number, end: number): boolean {
  const dot = skipHexDigits(text, start + 1, end)
  if ((text[start] !== 'v' && text[start] !== 'V') || dot === start + 1 || text[dot] !== '.' || dot + 1 === end)
    return false
  let i = dot + 1
  while (i < end && (text[i] === ':' || (text[i] !== '%' && skipClass(text[i] as string, 0, REG_NAME) === 1))) i++
  return i === end
}

/**
 * `IPv6address` (RFC 3986 §3.2.2): eight groups of one to four hexadecimal digits. A single `::` may replace one or more groups;
 * an IPv4 address may replace the last two. No zone.
 */
function isIPv6(text: string, start: number, end: number): boolean {
  let groups = 0
  let shortened = text.startsWith('::', start)
  let i = shortened ? start + 2 : start
  while (i < end) {
    const stop = skipHexDigits(text, i, Math.min(i + 4, end))
    if (text[stop] === '.') {
      if (!isIPv4(text, i, end)) return false
      groups += 2
      break
    }
    if (stop === i) return false
    groups++
    if (stop === end) break
    if (text[stop] !== ':' || stop + 1 === end) return false
    i = stop + 1
    if (text[i] !== ':') continue
    if (shortened) return false
    shortened = true
    i++
  }
  return shortened ? groups < 8 : groups === 8
}

// IPv4address = dec-octet "." dec-octet "." dec-octet "." dec-octet                                 RFC 3986 §3.2.2
function isIPv4(text: string, start: number, end: number): boolean {
  let i = start
  for (let octet = 0; octet < 4; octet++) {
    if (octet > 0 && text[i++] !== '.') return false
    const stop = skipClass(text, i, DIGIT)
    // 0 to 255, without leading zeros
    if (stop - i > 3 || (text[i] === '0' && stop - i > 1) || readDecimal(text.slice(i, stop), 255) === undefined)
      return false
    i = stop
  }
  return i === end
}
