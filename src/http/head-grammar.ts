/**
 * The differences between request and response heads, as data for `HeadReader`, which reads both (RFC 9112 §3, §4).
 *
 * @module
 */

import { type ProtocolErrorCode, quote } from '../errors.ts'

/** The three parts of a start line, as text. */
export type StartLine = [string, string, string]

/** The grammar of one kind of head. */
export interface HeadGrammar {
  /** The parts of the start line, and the characters of each. */
  readonly parts: readonly [StartPart, StartPart, StartPart]
  /** The RFC section of the start line. */
  readonly reference: string
  /** Requests may follow empty lines (RFC 9112 §2.2). */
  readonly skipsEmptyLines: boolean
  /** Folded lines are refused in requests, joined by a space in responses (RFC 9112 §5.2). */
  readonly joinsFolds: boolean
  /** The reason phrase may be missing together with the space before it. */
  readonly lastPartOptional: boolean
  /** The status for a start line that is too long; `undefined` for responses, which get no answer. */
  readonly longStartLineStatus: number | undefined
}

/** One part of a start line. */
export interface StartPart {
  readonly name: string
  readonly charClass: number
  readonly code: ProtocolErrorCode
  /** Checks the part as soon as it is complete. */
  check?(text: string): StartPartFault | undefined
}

/** The fault of a part of a start line. */
export interface StartPartFault {
  readonly message: string
  readonly reference: string
  /** Default: 400. */
  readonly status?: number
}

/** `HTTP-version = "HTTP/" DIGIT "." DIGIT`, case-sensitive (RFC 9112 §2.3); any major version but 1 is a 505. */
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
