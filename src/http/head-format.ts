/**
 * Formats heads, and short responses with their body, as HTTP/1.1 bytes (RFC 9112 §3–5): the last step before the socket.
 * Rejects anything that could end a line early, which prevents header injection.
 *
 * @module
 */

import { describeValue, requireRecord, requireType } from '../arguments.ts'
import { writeLatin1 } from '../bytes/latin1.ts'
import { nothing, requireBytes } from '../bytes/view.ts'
import { quote } from '../errors.ts'
import { encodeUtf8 } from '../platform/text.ts'
import type { Bytes } from '../types.ts'
import { forbidsLength, requireAllowedFraming, requireFittingFraming } from './framing.ts'
import { COLON, CR, charClass, FIELD_TEXT, isFieldText, LF, SP, TCHAR, trimWhitespace } from './grammar.ts'
import { type HeaderPairs, requireFieldType, toPairs } from './headers.ts'
import { type RequestLike, requireMethod } from './request.ts'
import { type ResponseLike, reasonPhrase, requireStatus } from './response.ts'
import { START_FIELDS, usualStart } from './switch-start.ts'
import { findBadCharacter } from './target.ts'

/**
 * Formats a request head as HTTP/1.1 bytes. A head of unknown version, such as that of a Fetch `Request`, is written as 1.1.
 *
 * @throws TypeError for an invalid method, target, name or value, and for a head of HTTP/2 or HTTP/3.
 *
 * @example
 * const bytes = formatRequestHead({ method: 'GET', target: '/chat', headers: { host: 'a.example' } })
 * new TextDecoder().decode(bytes) // 'GET /chat HTTP/1.1\r\nhost: a.example\r\n\r\n'
 *
 * @category HTTP heads
 */
export function formatRequestHead(request: RequestLike): Bytes {
  requireRecord(request, 'a request')
  const { method, target, httpVersion = '1.1' } = request
  requireMethod(method)
  requireType(target, 'string', '`target` of a request')
  if (target === '') throw new TypeError('`target` of a request is empty, as in an `offWire` offer')
  const bad = findBadCharacter(target)
  // Not echoed: queries may contain tokens.
  if (bad !== -1) throw new TypeError(`\`target\` of a request has an invalid character at ${bad} (RFC 9112 §3.2)`)
  if (httpVersion !== '1.1' && httpVersion !== '1.0' && httpVersion !== 'unknown')
    throw new TypeError(`an HTTP/${httpVersion} head has no text form (RFC 9113 §8.3)`)
  return toBytes(
    [method, ' ', target, ' HTTP/', httpVersion === '1.0' ? httpVersion : '1.1', '\r\n'],
    toPairs(request.headers),
    nothing,
  )
}

/**
 * Formats a response as HTTP/1.1 bytes, head and body. Adds the reason phrase and `Content-Length` if they are missing and
 * allowed. A string body is sent as UTF-8.
 *
 * @throws TypeError for an invalid status, reason, name or value, and for a body that the status does not allow.
 *
 * @example
 * const bytes = formatResponse({ status: 503, headers: { 'retry-after': 120 }, body: 'try again later\n' })
 * new TextDecoder().decode(bytes).split('\r\n')[0] // 'HTTP/1.1 503 Service Unavailable'
 *
 * @category HTTP heads
 */
export function formatResponse(response: ResponseLike): Bytes {
  requireRecord(response, 'a response')
  const { status, headers = [], body = '', tunnel = false } = response
  if (typeof body !== 'string') requireBytes(body, 'a body')
  const bytes = body === '' ? nothing : typeof body === 'string' ? encodeUtf8(body) : body
  const pairs = toPairs(headers)
  const framing = requireAllowedFraming(pairs, status, tunnel)
  const start = bytes.length > 0 ? undefined : usualStart(response, pairs)
  if (start !== undefined) return toBytesAfter(start, pairs, START_FIELDS)
  // A 205 has a Content-Length of 0; the others have none.                                            RFC 9110 §15.3.6
  if (bytes.length > 0 && (status === 205 || status === 304 || forbidsLength(status, tunnel)))
    throw new TypeError(`a ${status} must not have a body (RFC 9110 §6.4.1)`)
  requireFittingFraming(framing, bytes.length)
  const addsLength = framing.lengths.length === 0 && status !== 304 && !forbidsLength(status, tunnel)
  const fields = addsLength ? [...pairs, ['Content-Length', String(bytes.length)] as const] : pairs
  return toBytes(formatStatusLine(response), fields, bytes)
}

/**
 * Formats only the head of a response as HTTP/1.1 bytes; the caller sends the body. For a response with a `body`, use
 * {@link formatResponse}.
 *
 * @throws TypeError for an invalid status, reason, name or value, and for a `body`.
 *
 * @example
 * const head = formatResponseHead({ status: 200, headers: { 'content-length': 5 } })
 * new TextDecoder().decode(head) // 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n'
 */
export function formatResponseHead(head: ResponseLike & { readonly body?: undefined }): Bytes {
  requireRecord(head, 'a response')
  // This function would silently drop it.
  if (head.body !== undefined) throw new TypeError('`body` must not be set; use formatResponse')
  const pairs = toPairs(head.headers ?? [])
  requireAllowedFraming(pairs, head.status, head.tunnel)
  return toBytes(formatStatusLine(head), pairs, nothing)
}

/** A list of parts, because joining them to one string first would take longer. */
type StartLine = readonly string[]

function formatStatusLine({ status, reason = reasonPhrase(status), continueFirst }: ResponseLike): StartLine {
  requireStatus(status)
  if (typeof reason !== 'string' || !isFieldText(reason))
    throw new TypeError(`${describeValue(reason)} is not a reason phrase (RFC 9112 §4)`)
  return [continueFirst ? 'HTTP/1.1 100 Continue\r\n\r\n' : '', 'HTTP/1.1 ', String(status), ' ', reason, '\r\n']
}

/** Computes the size, then writes and checks in one pass, which is faster than joining a string first. */
function toBytes(startLine: StartLine, headers: HeaderPairs, body: Uint8Array): Bytes {
  let size = body.length + 2
  for (const part of startLine) size += part.length
  size += sizeOfFields(headers, 0)
  const bytes = new Uint8Array(size)
  let at = 0
  for (const part of startLine) at = writeLatin1(part, bytes, at)
  at = writeFields(headers, 0, bytes, at)
  bytes.set(body, at)
  return bytes
}

/** Formats a head whose start line and first fields are already encoded. */
function toBytesAfter(start: Uint8Array, headers: HeaderPairs, first: number): Bytes {
  const bytes = new Uint8Array(start.length + sizeOfFields(headers, first) + 2)
  bytes.set(start)
  writeFields(headers, first, bytes, start.length)
  return bytes
}

function sizeOfFields(headers: HeaderPairs, first: number): number {
  let size = 0
  for (let i = first; i < headers.length; i++) {
    const [name, value] = headers[i] as HeaderPairs[number]
    // `writeField` finds all other errors.
    requireFieldType(name, value)
    size += name.length + trimWhitespace(value).length + 4
  }
  return size
}

/** Writes the fields, beginning with number `first`, and the empty line. Returns the end. */
function writeFields(headers: HeaderPairs, first: number, target: Uint8Array, offset: number): number {
  let at = offset
  for (let i = first; i < headers.length; i++) at = writeField(headers[i] as HeaderPairs[number], target, at)
  target[at] = CR
  target[at + 1] = LF
  return at + 2
}

// field-line = field-name ":" OWS field-value OWS                                                    RFC 9112 §5
function writeField([name, value]: HeaderPairs[number], target: Uint8Array, offset: number): number {
  const nameEnd = writeClass(name, target, offset, TCHAR)
  if (nameEnd <= offset) throw new TypeError(`${quote(name)} is not a field name (RFC 9110 §5.1)`)
  target[nameEnd] = COLON
  target[nameEnd + 1] = SP
  const end = writeClass(trimWhitespace(value), target, nameEnd + 2, FIELD_TEXT)
  if (end === -1) throw new TypeError(`the value of the field ${quote(name)} has an invalid character (RFC 9110 §5.5)`)
  target[end] = CR
  target[end + 1] = LF
  return end + 2
}

/** Writes a text whose characters must all be of one class. Returns its end, or -1 at any other character. */
function writeClass(text: string, target: Uint8Array, offset: number, bits: number): number {
  // A local, since a module variable would be reloaded for each character.
  const classes = charClass
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (((classes[unit] as number) & bits) === 0) return -1
    target[offset + i] = unit
  }
  return offset + text.length
}
