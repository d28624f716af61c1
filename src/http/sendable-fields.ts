/**
 * Checks the fields that a caller adds to one of our heads, before the head is returned: it may be written by another formatter.
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
 * The caller's fields as a new list. Throws `TypeError` for invalid and reserved fields.
 *
 * @param reserved Names in lower case.
 * @param why Why they are reserved: the message after the name.
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

/** Throws `TypeError` for an invalid name or value. The message never contains the value: it may be a secret. */
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

/** Whether name and value are valid. */
export function isSendableField(name: string, value: string): boolean {
  return isToken(name) && isFieldText(value)
}

/**
 * Neither `Content-Length` nor `Transfer-Encoding` is allowed in a 1xx, a 204 or a 2xx to CONNECT (RFC 9110 §8.6, RFC 9112
 * §6.1).
 */
export function forbidsLength(status: number, tunnel = false): boolean {
  return status < 200 || status === 204 || (tunnel && status < 300)
}

/** The framing fields of our own response. Throws `TypeError` if its status forbids them. */
export function readOwnFraming(headers: HeaderPairs, status: number, tunnel = false): FramingFields {
  const fields = pickFraming(headers)
  if ((fields.lengths.length > 0 || fields.codings.length > 0) && forbidsLength(status, tunnel)) {
    const told = fields.lengths.length > 0 ? 'Content-Length' : 'Transfer-Encoding'
    throw new TypeError(`a ${status}${tunnel ? ' to CONNECT' : ''} has no ${told} (RFC 9110 §8.6, RFC 9112 §6.1)`)
  }
  return fields
}

/** Throws `TypeError` for a coding, and for a length that differs from the body's. */
export function requireOwnFraming({ codings, lengths }: FramingFields, size: number): void {
  if (codings.length > 0)
    throw new TypeError('the body is written as it is: Transfer-Encoding would say otherwise (RFC 9112 §6.1)')
  checkLengths(lengths, size)
}

/** The caller's lengths must be a single number, equal to the body's size if there is a body. */
function checkLengths(lengths: FieldValues, size: number): void {
  // In a response to HEAD, or a 304, it is the length of a body that is not sent                       RFC 9110 §8.6
  const expected = size > 0 ? String(size) : lengths[0]
  if (lengths.some((length) => length !== expected || length === '' || skipClass(length, 0, DIGIT) < length.length))
    throw new TypeError(`Content-Length is ${lengths.join(', ')}, and the body has ${size} bytes (RFC 9110 §8.6)`)
}
