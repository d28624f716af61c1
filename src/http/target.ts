/**
 * The request target as text (RFC 9112 §3.2): its parts, and the form in which a request line can carry it. Knows no request.
 *
 * @module
 */

import { requireType } from '../arguments.ts'
import { equalsIgnoringCase } from '../bytes/ascii.ts'
import { ProtocolError } from '../errors.ts'
import { encodeUtf8 } from '../platform/text.ts'
import { parseAuthority } from './authority.ts'
import { skipClass, TARGET } from './grammar.ts'

/** The parts of a request target. */
export interface TargetParts {
  /** Without the query, percent-encoding kept: `/chat`. */
  readonly path: string
  /** Without its `?`; empty if there is none. */
  readonly query: string
  /** Path and query as a request line carries them: `/chat?token=x`. */
  readonly originForm: string
}

/**
 * The path and the query of a request target (RFC 9112 §3.2). Of a target in absolute form (`http://a.example/chat`) scheme and
 * host are left out; an empty path becomes `/`. `originForm` is fit for a request line and for the `target` of `offerHandshake`.
 *
 * Takes what any server shows, such as Node's `request.url`, and never throws for it: bytes from 0x80 on are percent-encoded.
 *
 * @returns `undefined` for `*`, for `host:port`, and for what is no target: with a space, a control character or a fragment.
 * @throws TypeError for what is no string.
 *
 * @example
 * splitTarget('/chat?token=x') // { path: '/chat', query: 'token=x', originForm: '/chat?token=x' }
 * splitTarget('http://a.example?x') // { path: '/', query: 'x', originForm: '/?x' }
 * splitTarget('*') // undefined
 */
export function splitTarget(target: string): TargetParts | undefined {
  requireType(target, 'string', '`target`')
  const text = encodeBytes(target)
  return findBadCharacter(text) === -1 ? splitSoundTarget(text) : undefined
}

/** The same of a target of which every character is known to be good. */
export function splitSoundTarget(target: string): TargetParts | undefined {
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
 * A target or a `Location` with its bytes from 0x80 on percent-encoded, so that a request line can carry it. Heads show such bytes as
 * they came, a code unit each; a text with a code unit above U+00FF never was bytes and is encoded as UTF-8.
 */
export function encodeBytes(text: string): string {
  // As nearly all are.
  if (skipClass(text, 0, TARGET) === text.length) return text
  let highest = 0
  for (let i = 0; i < text.length; i++) highest = Math.max(highest, text.charCodeAt(i))
  if (highest < 0x80) return text
  const bytes = highest > 0xff ? encodeUtf8(text) : Uint8Array.from(text, (unit) => unit.charCodeAt(0))
  let encoded = ''
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number
    encoded += byte < 0x80 ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase()}`
  }
  return encoded
}

/** Where a target holds what none can hold: a space, a control character, or the start of a fragment. -1: nowhere. */
export function findBadCharacter(target: string): number {
  const end = skipClass(target, 0, TARGET)
  return end < target.length ? end : -1
}

/** What stands between `scheme://` and the path, if the target is such a URL and names a host. */
export function absoluteAuthority(target: string): string | undefined {
  const colon = target.indexOf('://')
  if (colon === -1 || !schemes.some((scheme) => equalsIgnoringCase(target.slice(0, colon), scheme))) return undefined
  let end = colon + 3
  while (end < target.length && !'/?#'.includes(target[end] as string)) end++
  const authority = target.slice(colon + 3, end)
  return parseAuthority(authority) === undefined ? undefined : authority
}

const schemes: readonly string[] = ['http', 'https', 'ws', 'wss']

/** Not repeated: queries hold tokens. */
export function targetFault(found: string): ProtocolError {
  return new ProtocolError('target', `the target ${found}`, { reference: 'RFC 9112 §3.2', status: 400 })
}
