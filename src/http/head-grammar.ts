/**
 * How a request's head and a response's head differ, as data for the one reader of both (RFC 9112 §3, §4). Knows no bytes.
 *
 * @module
 */

import { type ProtocolErrorCode, quote } from '../errors.ts'

/** The three parts of a start line, as text. */
export type StartLine = [string, string, string]

/** How a kind of head differs from the other. */
export interface HeadGrammar {
  /** For messages: the parts of the start line and what each may consist of. */
  readonly parts: readonly [StartPart, StartPart, StartPart]
  /** Where the start line stands. */
  readonly reference: string
  /** Requests may come behind empty lines (RFC 9112 §2.2). */
  readonly skipsEmptyLines: boolean
  /** Folded lines are refused in requests, joined by a space in responses (RFC 9112 §5.2). */
  readonly joinsFolds: boolean
  /** The reason phrase may be missing together with the space before it. */
  readonly lastPartOptional: boolean
  /** What a start line that never ends is answered with; `undefined`: nothing, for nobody answers a response. */
  readonly longStartLineStatus: number | undefined
}

/** One part of a start line. */
export interface StartPart {
  readonly name: string
  readonly charClass: number
  readonly code: ProtocolErrorCode
  /** Judges the part as soon as it is whole. */
  check?(text: string): StartPartFault | undefined
}

/** What is wrong with a part of a start line. */
export interface StartPartFault {
  readonly message: string
  readonly reference: string
  /** Default 400. */
  readonly status?: number
}

/** `HTTP-version = "HTTP/" DIGIT "." DIGIT`, case-sensitive (RFC 9112 §2.3); another major version than 1 is a 505. */
export function checkHttpVersion(version: string): StartPartFault | undefined {
  if (version === 'HTTP/1.1') return undefined
  if (version.length !== 8 || !/^HTTP\/[0-9]\.[0-9]/.test(version))
    return {
      message: `the start line says ${quote(version)} where HTTP/1.1 is expected`,
      reference: 'RFC 9112 §2.3',
    }
  if (version[5] === '1') return undefined
  return { message: `${version} is another protocol than HTTP/1.1`, reference: 'RFC 9110 §15.6.6', status: 505 }
}
