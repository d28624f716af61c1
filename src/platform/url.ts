/**
 * Adapter for the platform's URL parser, used for handshake URLs, origins and hosts.
 *
 * @module
 */

/** The members of a URL that are used, as the URL Standard serializes them. */
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

/** Parses a URL, resolved against `base` if given; returns `undefined` if it is invalid. */
export function parseUrl(url: string, base?: string): ParsedUrl | undefined {
  try {
    const parsed = base === undefined ? new URL(url) : new URL(url, base)
    // `%` is forbidden in the host of an HTTP URL (URL Standard, forbidden domain code points). Only Chromium accepts spaces in that
    // form.
    return parsed.hostname.includes('%') ? undefined : parsed
  } catch {
    return undefined
  }
}

/** Decodes percent-encoding; returns the text unchanged if the bytes are not UTF-8. */
export function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
