/**
 * Origins as a server lists them: whole ones, and all subdomains of a name. Knows how an origin is spelt (RFC 6454 §6.2) and
 * nothing of requests.
 *
 * @module
 */

import { describeValue } from '../arguments.ts'
import { readDecimal, skipClass, VCHAR } from '../http/grammar.ts'
import { parseUrl } from '../platform/url.ts'

const WILDCARD = '*.'

/** The entry of a list for requests without `Origin`. */
export const ABSENT = 'absent'

/** A scheme and what follows it, with nothing of a path, a query, a user or a second wildcard. */
const spelling = /^([a-z][a-z0-9+.-]*):\/\/(\*\.(?=[^:]))?[^/?#@*\s]*$/

/**
 * Checks that an entry can match at all: browsers write origins in one way only, and an entry that is spelt otherwise would match
 * nothing without anybody noticing. Throws `TypeError`, which says what is wrong.
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
 * Whether an entry is spelt as nearly all are, so that the URL parser need not be asked: it takes 20 times as long, for every entry
 * at every handshake. `false` says nothing.
 */
function isUsual(entry: string): boolean {
  const secure = entry.startsWith('https://')
  if (!secure && !entry.startsWith('http://')) return false
  const scheme = secure ? 'https://'.length : 'http://'.length
  const end = skipUsualHost(entry, entry.startsWith(WILDCARD, scheme) ? scheme + WILDCARD.length : scheme)
  if (end === entry.length) return true
  return end !== -1 && entry.charCodeAt(end) === COLON && isUsualPort(entry.slice(end + 1), secure)
}

/** Where labels with dots between end, the last of which begins with a letter: with a digit it may be part of an address. */
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
  // Schemes of others (chrome-extension, capacitor) have hosts by rules of their own.
  if (scheme !== 'http' && scheme !== 'https')
    return skipClass(entry, 0, VCHAR) < entry.length ? 'an origin is in visible ASCII' : undefined
  const plain = entry.replace(wildcard, wildcard === '' ? '' : 'x.')
  const url = parseUrl(plain)
  if (url === undefined) return 'it has no host that a URL may have'
  const written = `${url.protocol}//${url.host}`
  return written === plain ? undefined : `browsers write ${JSON.stringify(written.replace('x.', wildcard || 'x.'))}`
}

/** Whether an origin is the one that an entry names, or, of `https://*.a.example`, a subdomain of it at any depth. */
export function matchesOrigin(origin: string, entry: string): boolean {
  const wildcard = entry.indexOf('*') === -1 ? -1 : entry.indexOf(`://${WILDCARD}`)
  if (wildcard === -1) return origin === entry
  const start = wildcard + '://'.length
  const suffix = entry.slice(start + 1)
  const end = origin.length - suffix.length
  // The dot before the name is part of the suffix, so that `evil-a.example` does not pass for a part of `a.example`.
  return (
    end > start && origin.startsWith(entry.slice(0, start)) && origin.endsWith(suffix) && isLabels(origin, start, end)
  )
}

/** Whether a part of a text is labels with dots between: of anything else (`@`, `/`, `:`) the host might lie before it. */
function isLabels(text: string, start: number, end: number): boolean {
  let length = 0
  for (let i = start; i < end; i++) {
    const isDot = text[i] === '.'
    if (isDot ? length === 0 : !isLabelCharacter(text.charCodeAt(i))) return false
    length = isDot ? 0 : length + 1
  }
  return length > 0
}

// As browsers write them: lower case, digits, hyphens; and the underscore, which some names have.
function isLabelCharacter(unit: number): boolean {
  return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x30 && unit <= 0x39) || unit === 0x2d || unit === 0x5f
}
