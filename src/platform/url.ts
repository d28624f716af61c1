/**
 * The door to the platform's URL parser. Knows nothing of schemes.
 *
 * @module
 */

/** What is read of a URL, every part as the URL Standard serialises it. */
export interface ParsedUrl {
  readonly href: string
  readonly protocol: string
  readonly username: string
  readonly password: string
  readonly host: string
  readonly hostname: string
  readonly port: string
  readonly pathname: string
  readonly search: string
  readonly hash: string
}

declare const URL: new (url: string, base?: string) => ParsedUrl

/** The URL, resolved against `base` if there is one; `undefined` for what is none. */
export function parseUrl(url: string, base?: string): ParsedUrl | undefined {
  try {
    const parsed = base === undefined ? new URL(url) : new URL(url, base)
    // In the host of a URL that is asked for over HTTP `%` is forbidden (URL Standard, forbidden domain code points). Chromium,
    // and it alone, lets spaces through in that form.
    return parsed.hostname.includes('%') ? undefined : parsed
  } catch {
    return undefined
  }
}

/** Text with its percent-encoding undone; as it is, where the bytes are not UTF-8. */
export function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
