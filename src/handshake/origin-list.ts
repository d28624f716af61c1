/**
 * The server's list of allowed origins, exact or with a subdomain wildcard: validates entries when options are checked
 * (RFC 6454 §6.2), and matches a request's origin against them.
 *
 * @module
 */

import { describeValue } from '../arguments.ts'
import { readDecimal, skipClass, VCHAR } from '../http/grammar.ts'
import { parseUrl } from '../platform/url.ts'

const WILDCARD = '*.'

/** The list entry for requests without `Origin`. */
export const ABSENT = 'absent'

/** A scheme and a host, without path, query, user info or a second wildcard. */
const spelling = /^([a-z][a-z0-9+.-]*):\/\/(\*\.(?=[^:]))?[^/?#@*\s]*$/

/**
 * Checks that an entry can match at all: browsers write origins in only one form, and an entry in any other would silently match
 * nothing. Throws `TypeError` with the reason.
 */
export function checkOriginEntry(entry: unknown): void {
  if (entry === 'null' || entry === ABSENT) return
  if (typeof entry === 'string' && isUsual(entry)) return
  if (typeof entry !== 'string')
    throw new TypeError(`\`origins\` holds ${describeValue(entry)}; an origin is a string, such as 'https://a.example'`)
  const fault = findFault(entry)
  if (fault !== undefined) throw new TypeError(`\`origins\` holds ${JSON.stringify(entry)}: ${fault} (RFC 6454 §6.2)`)
}

/**
 * Whether an entry has the common form, so that the much slower URL parser can be skipped: entries are checked at every
 * handshake. `false` is inconclusive.
 */
function isUsual(entry: string): boolean {
  const secure = entry.startsWith('https://')
  if (!secure && !entry.startsWith('http://')) return false
  const scheme = secure ? 'https://'.length : 'http://'.length
  const end = skipUsualHost(entry, entry.startsWith(WILDCARD, scheme) ? scheme + WILDCARD.length : scheme)
  if (end === entry.length) return true
  return end !== -1 && entry.charCodeAt(end) === COLON && isUsualPort(entry.slice(end + 1), secure)
}

/** The end of dot-separated labels, or -1. The last must begin with a letter: with a digit it may be part of an address. */
function skipUsualHost(text: string, start: number): number {
  let label = start
  let i = start
  for (; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit === DOT) {
      if (i === label) return -1
      label = i + 1
      // Two hyphens may begin Punycode, which the parser decodes.
    } else if (unit === HYPHEN ? text.charCodeAt(i + 1) === HYPHEN : !isLabelCharacter(unit)) break
  }
  return i > label && text.charCodeAt(label) >= LETTER_A ? i : -1
}

function isUsualPort(port: string, secure: boolean): boolean {
  return port[0] !== '0' && readDecimal(port, 65_535) !== undefined && port !== (secure ? '443' : '80')
}

const COLON = 0x3a
const HYPHEN = 0x2d
const DOT = 0x2e
const LETTER_A = 0x61

function findFault(entry: string): string | undefined {
  if (entry === '*') return "to let everybody in, say `origins: 'any'`"
  const [, scheme, wildcard = ''] = spelling.exec(entry) ?? []
  if (scheme === undefined)
    return "an origin is a scheme, '://', a host and perhaps a port, without a slash behind, or 'null', or 'absent'; a wildcard stands for whole labels at the front only"
  if (scheme === 'ws' || scheme === 'wss') return 'pages have the scheme http or https'
  // Other schemes (chrome-extension, capacitor) have their own rules for hosts.
  if (scheme !== 'http' && scheme !== 'https')
    return skipClass(entry, 0, VCHAR) < entry.length ? 'an origin is in visible ASCII' : undefined
  const plain = entry.replace(wildcard, wildcard === '' ? '' : 'x.')
  const url = parseUrl(plain)
  if (url === undefined) return 'it has no host that a URL may have'
  const written = `${url.protocol}//${url.host}`
  return written === plain ? undefined : `browsers write ${JSON.stringify(written.replace('x.', wildcard || 'x.'))}`
}

/** Whether an origin equals an entry or, for `https://*.a.example`, is a subdomain at any depth. */
export function matchesOrigin(origin: string, entry: string): boolean {
  const wildcard = entry.indexOf('*') === -1 ? -1 : entry.indexOf(`://${WILDCARD}`)
  if (wildcard === -1) return origin === entry
  const start = wildcard + '://'.length
  const suffix = entry.slice(start + 1)
  const end = origin.length - suffix.length
  // The suffix includes the dot before the name, so that `evil-a.example` does not match `*.a.example`.
  return (
    end > start && origin.startsWith(entry.slice(0, start)) && origin.endsWith(suffix) && isLabels(origin, start, end)
  )
}

/** Whether a range is dot-separated labels: with anything else (`@`, `/`, `:`), the host could end before it. */
function isLabels(text: string, start: number, end: number): boolean {
  let length = 0
  for (let i = start; i < end; i++) {
    const isDot = text[i] === '.'
    if (isDot ? length === 0 : !isLabelCharacter(text.charCodeAt(i))) return false
    length = isDot ? 0 : length + 1
  }
  return length > 0
}

// As browsers write them: lower case, digits, hyphens, and the underscore, which some names have.
function isLabelCharacter(unit: number): boolean {
  return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x30 && unit <= 0x39) || unit === 0x2d || unit === 0x5f
}
