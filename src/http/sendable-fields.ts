/**
 * The fields that a caller adds to a head of ours, checked before the head is handed out: others than our formatters may write it.
 *
 * @module
 */

import { describeType } from '../arguments.ts'
import { quote } from '../errors.ts'
import { isFieldText, isToken } from './grammar.ts'
import { type HeaderList, type HeaderSource, toHeaderList } from './headers.ts'

/** The caller's fields as a fresh list. Throws `TypeError` for a field that no head can carry. */
export function toSendableFields(source: HeaderSource | undefined): HeaderList {
  const headers = toHeaderList(source ?? [])
  for (const [name, value] of headers) requireField(name, value)
  return headers
}

/** Throws `TypeError` for a name or a value that no head can carry. Values may be secrets and are never repeated. */
export function requireField(name: string, value: string): void {
  if (typeof name !== 'string') throw new TypeError(`the name of a field must be a string, not ${describeType(name)}`)
  // field-name = token                                                                                RFC 9110 §5.1
  if (!isToken(name)) throw new TypeError(`${quote(name)} is not a field name (RFC 9110 §5.1)`)
  if (typeof value !== 'string')
    throw new TypeError(`the value of the field ${quote(name)} must be a string, not ${describeType(value)}`)
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
