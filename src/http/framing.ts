/**
 * How a message says that it has a body, and how long it is (RFC 9112 §6). Judges fields; reads no body.
 *
 * @module
 */

import { ProtocolError } from '../errors.ts'
import { DIGIT, skipClass } from './grammar.ts'
import { getHeaderElements, getHeaders, type HeaderSource } from './headers.ts'

/**
 * A request that is to become another protocol has no body: bytes behind the head belong to that protocol. What is wrong
 * with the request in that respect; `undefined`: nothing. `Content-Length: 0` says the same as none.
 */
export function checkNoRequestBody(headers: HeaderSource): ProtocolError | undefined {
  if (getHeaders(headers, 'transfer-encoding').length > 0) return bodyFault('Transfer-Encoding', 'RFC 9112 §6.1')
  for (const length of getHeaderElements(headers, 'content-length'))
    if (!isZero(length)) return bodyFault('Content-Length', 'RFC 9112 §6.2')
  return undefined
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
    `${field} announces a body; a request that asks for an upgrade here has none`,
    {
      reference,
      status: 400,
    },
  )
}
