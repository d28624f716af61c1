/**
 * The fields that a caller adds to a head of ours, checked before the head is handed out: others than our formatters may write it.
 *
 * @module
 */

import { lowerCase } from '../bytes/ascii.ts'
import { quote } from '../errors.ts'
import type { FieldValues } from './field-picker.ts'
import { type FramingFields, pickFraming } from './framing.ts'
import { DIGIT, isFieldText, isToken, skipClass } from './grammar.ts'
import { type HeaderList, type HeaderPairs, type HeaderSource, requireFieldType, toHeaderList } from './headers.ts'

const none: ReadonlySet<string> = /* @__PURE__ */ new Set<string>()

/**
 * The caller's fields as a fresh list. Throws `TypeError` for a field that no head can carry, and for one that is not the caller's.
 *
 * @param reserved Names in lower case.
 * @param why Why these are not the caller's: the message, behind the name.
 */
export function toSendableFields(
  source: HeaderSource | undefined,
  reserved: ReadonlySet<string> = none,
  why = '',
): HeaderList {
  const headers = toHeaderList(source ?? [])
  for (const [name, value] of headers) {
    requireField(name, value)
    if (reserved.has(lowerCase(name))) throw new TypeError(`${name} ${why}`)
  }
  return headers
}

/** Throws `TypeError` for a name or a value that no head can carry. Values may be secrets and are never repeated. */
export function requireField(name: string, value: string): void {
  requireFieldType(name, value)
  // field-name = token                                                                                RFC 9110 §5.1
  if (!isToken(name)) throw new TypeError(`${quote(name)} is not a field name (RFC 9110 §5.1)`)
  // "Field values containing CR, LF, or NUL characters are invalid and dangerous"                     RFC 9110 §5.5
  if (!isFieldText(value))
    throw new TypeError(
      `the value of the field ${quote(name)} holds a control character or one beyond U+00FF (RFC 9110 §5.5)`,
    )
}

/** Whether a head can carry a field. */
export function isSendableField(name: string, value: string): boolean {
  return isToken(name) && isFieldText(value)
}

/**
 * Neither `Content-Length` nor `Transfer-Encoding` may stand in a 1xx, a 204 or a 2xx to CONNECT (RFC 9110 §8.6, RFC 9112
 * §6.1).
 */
export function forbidsLength(status: number, tunnel = false): boolean {
  return status < 200 || status === 204 || (tunnel && status < 300)
}

/** What a response of ours says of its body. Throws `TypeError` where its status cannot mean it. */
export function readOwnFraming(headers: HeaderPairs, status: number, tunnel = false): FramingFields {
  const fields = pickFraming(headers)
  if ((fields.lengths.length > 0 || fields.codings.length > 0) && forbidsLength(status, tunnel)) {
    const told = fields.lengths.length > 0 ? 'Content-Length' : 'Transfer-Encoding'
    throw new TypeError(`a ${status}${tunnel ? ' to CONNECT' : ''} has no ${told} (RFC 9110 §8.6, RFC 9112 §6.1)`)
  }
  return fields
}

/** Throws `TypeError` for a coding, and for a length that is not that of the body. */
export function requireOwnFraming({ codings, lengths }: FramingFields, size: number): void {
  if (codings.length > 0)
    throw new TypeError('the body is written as it is: Transfer-Encoding would say otherwise (RFC 9112 §6.1)')
  checkLengths(lengths, size)
}

/** Lengths of the caller's own: one number, and that of the body if there is one. */
function checkLengths(lengths: FieldValues, size: number): void {
  // In the answer to a HEAD, or in a 304, it is that of a body that does not come                      RFC 9110 §8.6
  const expected = size > 0 ? String(size) : lengths[0]
  if (lengths.some((length) => length !== expected || length === '' || skipClass(length, 0, DIGIT) < length.length))
    throw new TypeError(`Content-Length is ${lengths.join(', ')}, and the body has ${size} bytes (RFC 9110 §8.6)`)
}
