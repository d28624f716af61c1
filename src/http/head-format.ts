/**
 * Heads, and short answers with their body, as bytes (RFC 9112 §3–5). Refuses whatever could end a line early, so that no
 * value can bring a field or a message of its own. Knows no single field but `Content-Length`.
 *
 * @module
 */

import { writeLatin1 } from '../bytes/latin1.ts'
import { encodeUtf8 } from '../platform/text.ts'
import type { Bytes } from '../types.ts'
import { isFieldText, isToken, skipClass, trimWhitespace, VCHAR } from './grammar.ts'
import { getHeaders, type HeaderList, type HeaderPairs, toHeaderList } from './headers.ts'
import type { RequestLike } from './request.ts'
import { type ResponseLike, reasonPhrase } from './response.ts'

/**
 * The bytes of a request's head, for HTTP/1.1.
 *
 * @throws {TypeError} for a method, target, name or value that HTTP/1.1 cannot carry, and for a head of another version.
 *
 * @example
 * socket.write(formatRequestHead(offerHandshake('ws://localhost:8080/').request))
 */
export function formatRequestHead(request: RequestLike): Bytes {
  const { method, target, version = '1.1' } = request
  if (!isToken(method)) throw new TypeError(`${JSON.stringify(method)} is no method (RFC 9110 §9.1)`)
  if (target === '' || skipClass(target, 0, VCHAR) < target.length)
    throw new TypeError(`${JSON.stringify(target)} is no request target: visible ASCII only (RFC 9112 §3.2)`)
  if (version !== '1.1' && version !== '1.0')
    throw new TypeError(`a head of HTTP/${version} has no text form: its fields go into frames (RFC 9113 §8.3)`)
  return toBytes(`${method} ${target} HTTP/${version}\r\n${formatFields(toHeaderList(request.headers))}`, none)
}

/**
 * The bytes of a response, head and body. The reason phrase and `Content-Length` are added where they are missing and
 * allowed. A string body goes out as UTF-8.
 *
 * @throws {TypeError} for a status, reason, name or value that HTTP/1.1 cannot carry, and for a body where none may be.
 *
 * @example
 * socket.end(formatResponse({ status: 503, headers: { 'retry-after': 120 }, body: 'come back later\n' }))
 */
export function formatResponse(response: ResponseLike): Bytes {
  const { body = '' } = response
  const bytes = typeof body === 'string' ? encodeUtf8(body) : body
  const { status } = response
  const headers = toResponseFields(response)
  // A 205 says that it is empty; the others must not even say so.                                     RFC 9110 §15.3.6
  if (bytes.length > 0 && (status === 205 || status === 304 || forbidsLength(status)))
    throw new TypeError(`a ${status} has no body (RFC 9110 §6.4.1)`)
  if (getHeaders(headers, 'transfer-encoding').length > 0)
    throw new TypeError('the body is written as it is: Transfer-Encoding would say otherwise (RFC 9112 §6.1)')
  const lengths = getHeaders(headers, 'content-length')
  // The length in the answer to a HEAD, or in a 304, is that of a body that does not come               RFC 9110 §8.6
  if (bytes.length > 0 && lengths.some((length) => length !== String(bytes.length)))
    throw new TypeError(
      `Content-Length is ${lengths.join(', ')}, and the body has ${bytes.length} bytes (RFC 9110 §8.6)`,
    )
  if (lengths.length === 0 && status !== 304 && !forbidsLength(status))
    headers.push(['Content-Length', String(bytes.length)])
  return toBytes(formatStatusLine(response) + formatFields(headers), bytes)
}

/**
 * The bytes of a response's head alone; what follows it is the caller's. What has a body does not fit: that is
 * {@link formatResponse}'s.
 *
 * @throws {TypeError} for a status, reason, name or value that HTTP/1.1 cannot carry.
 */
export function formatResponseHead(head: ResponseLike & { readonly body?: undefined }): Bytes {
  return toBytes(formatStatusLine(head) + formatFields(toResponseFields(head)), none)
}

const none: Uint8Array = /* @__PURE__ */ new Uint8Array(0)

/** The fields of a response, none of which says what its status cannot mean. */
function toResponseFields({ status, headers = [] }: ResponseLike): HeaderList {
  const list = toHeaderList(headers)
  const tells = ['content-length', 'transfer-encoding'].find((name) => getHeaders(list, name).length > 0)
  if (tells !== undefined && forbidsLength(status))
    throw new TypeError(`a ${status} has no ${tells} (RFC 9110 §8.6, RFC 9112 §6.1)`)
  return list
}

/** Neither `Content-Length` nor `Transfer-Encoding` may stand in a 1xx or a 204 (RFC 9110 §8.6, RFC 9112 §6.1). */
function forbidsLength(status: number): boolean {
  return status < 200 || status === 204
}

function formatStatusLine({ status, reason = reasonPhrase(status), continueFirst = false }: ResponseLike): string {
  if (!Number.isInteger(status) || status < 100 || status > 999)
    throw new TypeError(`${status} is no status: three digits from 100 on (RFC 9112 §4)`)
  if (!isFieldText(reason)) throw new TypeError(`${JSON.stringify(reason)} is no reason phrase (RFC 9112 §4)`)
  return `${continueFirst ? 'HTTP/1.1 100 Continue\r\n\r\n' : ''}HTTP/1.1 ${status} ${reason}\r\n`
}

function formatFields(headers: HeaderPairs): string {
  let text = ''
  for (const [name, value] of headers) {
    if (!isToken(name)) throw new TypeError(`${JSON.stringify(name)} is no field name (RFC 9110 §5.1)`)
    if (!isFieldText(value))
      throw new TypeError(
        `the value of ${name} holds a character that no field can carry: a control, or one beyond U+00FF (RFC 9110 §5.5)`,
      )
    text += `${name}: ${trimWhitespace(value)}\r\n`
  }
  return `${text}\r\n`
}

function toBytes(head: string, body: Uint8Array): Bytes {
  const bytes = new Uint8Array(head.length + body.length)
  bytes.set(body, writeLatin1(head, bytes, 0))
  return bytes
}
