/**
 * Origins as a server lists them: whole ones, and all subdomains of a name. Knows how an origin is spelt (RFC 6454 §6.2) and
 * nothing of requests.
 *
 * @module
 */

import { parseUrl } from '../platform/url.ts'

const WILDCARD = '*.'

/** What stands for a request without `Origin` in a list. */
export const ABSENT = 'absent'

/** A scheme and what follows it, with nothing of a path, a query, a user or a second wildcard. */
const spelling = /^([a-z][a-z0-9+.-]*):\/\/(\*\.(?=[^:]))?[^/?#@*\s]*$/

/**
 * Checks that an entry can match at all: browsers write origins in one way only, and what is spelt otherwise would silently
 * let nobody in. Throws `TypeError`, which says what is wrong.
 */
export function checkOriginEntry(entry: string): void {
  if (entry === 'null' || entry === ABSENT) return
  const fault = findFault(entry)
  if (fault !== undefined) throw new TypeError(`\`origins\` holds ${JSON.stringify(entry)}: ${fault} (RFC 6454 §6.2)`)
}

function findFault(entry: string): string | undefined {
  if (entry === '*') return "to let everybody in, say `origins: 'any'`"
  const [, scheme, wildcard = ''] = spelling.exec(entry) ?? []
  if (scheme === undefined)
    return "an origin is a scheme, '://', a host and perhaps a port, without a slash behind, or 'null', or 'absent'; a wildcard stands for whole labels at the front only"
  if (scheme === 'ws' || scheme === 'wss') return 'pages have the scheme http or https'
  // Schemes of others (chrome-extension, capacitor) have hosts by rules of their own.
  if (scheme !== 'http' && scheme !== 'https') return undefined
  const plain = entry.replace(wildcard, wildcard === '' ? '' : 'x.')
  const url = parseUrl(plain)
  if (url === undefined) return 'it has no host that a URL may have'
  const written = `${url.protocol}//${url.host}`
  return written === plain ? undefined : `browsers write ${JSON.stringify(written.replace('x.', wildcard || 'x.'))}`
}

/** Whether an origin is the one that an entry names, or, of `https://*.a.example`, a subdomain of it at any depth. */
export function matchesOrigin(origin: string, entry: string): boolean {
  const wildcard = entry.indexOf(`://${WILDCARD}`)
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
