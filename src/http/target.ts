/**
 * The request target as text (RFC 9112 §3.2): validates it, splits it into path and query, and percent-encodes it for a request
 * line.
 *
 * @module
 */

import { requireType } from '../arguments.ts'
import { isAsciiText } from '../bytes/ascii.ts'
import { type ProtocolError, requestError } from '../errors.ts'
import { encodeUtf8 } from '../platform/text.ts'
import { parseAuthority } from './authority.ts'
import { skipClass, TARGET } from './grammar.ts'

/**
 * The parts of a request target.
 *
 * @category HTTP heads
 */
export interface TargetParts {
  /** Without the query, still percent-encoded: `/chat`. */
  readonly path: string
  /** Without its `?`. Empty if there is no query. */
  readonly query: string
  /** Path and query as in a request line: `/chat?token=x`. */
  readonly originForm: string
}

/**
 * Splits a request target into path and query (RFC 9112 §3.2). Drops the scheme and host of a target in absolute form
 * (`http://a.example/chat`). An empty path becomes `/`. Use `originForm` in a request line or as the `target` of `offerHandshake`.
 *
 * Accepts a target from any server, such as Node's `request.url`, and never throws for it. Percent-encodes bytes of 0x80 and above.
 *
 * @returns `undefined` for `*`, for `host:port`, and for a target with a space, a control character or a fragment.
 * @throws TypeError for a value that is not a string.
 *
 * @example
 * splitTarget('/chat?token=x') // { path: '/chat', query: 'token=x', originForm: '/chat?token=x' }
 * splitTarget('http://a.example?x') // { path: '/', query: 'x', originForm: '/?x' }
 * splitTarget('*') // undefined
 */
export function splitTarget(target: string): TargetParts | undefined {
  requireType(target, 'string', '`target`')
  const text = encodeBytes(target)
  return findBadCharacter(text) === -1 ? splitValidTarget(text) : undefined
}

/** Splits a target whose characters are known to be valid, as {@link splitTarget} does. */
export function splitValidTarget(target: string): TargetParts | undefined {
  const originForm = toOriginForm(target)
  if (originForm === undefined) return undefined
  const mark = originForm.indexOf('?')
  if (mark === -1) return { path: originForm, query: '', originForm }
  return { path: originForm.slice(0, mark), query: originForm.slice(mark + 1), originForm }
}

function toOriginForm(target: string): string | undefined {
  if (target[0] === '/') return target
  const authority = absoluteAuthority(target)
  if (authority === undefined) return undefined
  const path = target.slice(target.indexOf('://') + 3 + authority.length)
  return path[0] === '/' ? path : `/${path}`
}

/**
 * Percent-encodes bytes of 0x80 and above in a target or a `Location`, so that a request line can contain it. In a head, each code unit
 * is one byte. A text with a code unit above U+00FF was not read from a head and is encoded as UTF-8.
 */
export function encodeBytes(text: string): string {
  // The common case.
  if (skipClass(text, 0, TARGET) === text.length || isAsciiText(text)) return text
  const bytes = /[^\0-\xff]/.test(text) ? encodeUtf8(text) : Uint8Array.from(text, (unit) => unit.charCodeAt(0))
  let encoded = ''
  for (const byte of bytes) encoded += byte < 0x80 ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase()}`
  return encoded
}

/** Returns the index of the first invalid character, such as a space, a control character or the `#` of a fragment, or -1 without one. */
export function findBadCharacter(target: string): number {
  const end = skipClass(target, 0, TARGET)
  return end < target.length ? end : -1
}

/** Returns the authority of a target in absolute form. Returns `undefined` for any other target, or without a valid host. */
export function absoluteAuthority(target: string): string | undefined {
  // The common case.
  if (target[0] === '/') return undefined
  const authority = absoluteForm.exec(target)?.[1]
  return authority === undefined || parseAuthority(authority) === undefined ? undefined : authority
}

const absoluteForm = /^(?:https?|wss?):\/\/([^/?#]*)/i

/** Creates the error of a target. The message does not contain the target: queries may contain tokens. */
export function targetError(found: string): ProtocolError {
  return requestError('target', `the target ${found}`, 'RFC 9112 §3.2')
}
