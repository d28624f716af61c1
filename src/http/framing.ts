/**
 * How a message says that it has a body, and how long it is (RFC 9112 §6). Judges fields; reads no body.
 *
 * @module
 */

import { ProtocolError } from '../errors.ts'
import { DIGIT, skipClass, splitList } from './grammar.ts'
import { getHeaders, type HeaderSource } from './headers.ts'

/**
 * A request that is to become another protocol has no body: bytes behind the head belong to that protocol. What is wrong
 * with the request in that respect; `undefined`: nothing. `Content-Length: 0` says the same as none.
 */
export function checkNoRequestBody(headers: HeaderSource): ProtocolError | undefined {
  if (getHeaders(headers, 'transfer-encoding').length > 0) return bodyFault('Transfer-Encoding', 'RFC 9112 §6.1')
  for (const value of getHeaders(headers, 'content-length'))
    if (!isZeroLength(value)) return bodyFault('Content-Length', 'RFC 9112 §6.2')
  return undefined
}

/** `0`, or the same again in a list (RFC 9112 §6.3 item 5). Nothing at all is no length, and recipients differ over it. */
function isZeroLength(value: string): boolean {
  const lengths: string[] = []
  return splitList(value, lengths) === 0 && lengths.every(isZero)
}

// Content-Length = 1*DIGIT                                                                            RFC 9110 §8.6
function isZero(digits: string): boolean {
  if (skipClass(digits, 0, DIGIT) !== digits.length) return false
  for (let i = 0; i < digits.length; i++) if (digits[i] !== '0') return false
  return true
}

function bodyFault(field: string, reference: string): ProtocolError {
  return new ProtocolError(
    'request-body',
    `${field} does not say that there is no body; a request that asks for an upgrade here has none`,
    {
      reference,
      status: 400,
    },
  )
}
