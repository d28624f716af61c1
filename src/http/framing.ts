/**
 * Determines from a head whether a message has a body and where it ends, separately for requests and responses (RFC 9112 §6).
 * `ResponseBodyReader` reads bodies by it; the handshake rejects ambiguous framing.
 *
 * @module
 */

import { requireRecord, requireType } from '../arguments.ts'
import { equalsIgnoringCase } from '../bytes/ascii.ts'
import { attempt, ProtocolError, quote } from '../errors.ts'
import { FieldPicker, type FieldValues } from './field-picker.ts'
import { readDecimal, splitList } from './grammar.ts'
import { type HeaderSource, toElements, toPairs } from './headers.ts'

/** Where a body ends. */
export type BodyFraming =
  | {
      /** There is none. */
      readonly kind: 'none'
    }
  | {
      /** After a number of bytes. */
      readonly kind: 'length'
      /** In bytes, may be 0. */
      readonly length: number
    }
  | {
      /** After the last chunk (RFC 9112 §7.1). */
      readonly kind: 'chunked'
    }
  | {
      /** At the end of the connection. Responses only. */
      readonly kind: 'until-close'
    }

/**
 * Where a request's body ends (RFC 9112 §6.3), and the next request begins.
 *
 * @throws ProtocolError `request-body` (400) where recipients could disagree, which enables request smuggling: both
 *   `Transfer-Encoding` and `Content-Length`, an invalid length or two different ones, a coding that is empty or does not
 *   end in `chunked`, and `Transfer-Encoding` in HTTP/1.0, 2 and 3.
 *
 * @example
 * requestFraming({ version: '1.1', headers: { 'content-length': 5 } }) // { kind: 'length', length: 5 }
 */
export function requestFraming(request: {
  readonly version?: string | undefined
  readonly headers: HeaderSource
}): BodyFraming {
  requireRecord(request, 'a request')
  requireHead(request, 'headers')
  return readRequestFraming(request.version, pickFraming(request.headers))
}

/** The same for fields already picked. */
export function readRequestFraming(version: string | undefined, { codings, lengths }: FramingFields): BodyFraming {
  if (codings.length === 0) return lengthFraming(lengths) ?? { kind: 'none' }
  checkCodingVersion(version, 'request-body')
  if (lengths.length > 0) throw fault('Content-Length and Transfer-Encoding contradict each other', '§6.3')
  refuseEmpty(codings, 'request-body')
  if (endsChunked(codings)) return { kind: 'chunked' }
  // "the message body length cannot be determined reliably; the server MUST respond with … 400"        RFC 9112 §6.3
  throw fault('Transfer-Encoding does not end in chunked', '§6.3')
}

/**
 * Where a response's body ends (RFC 9112 §6.3).
 *
 * @param method The request's: a response to HEAD has no body, and a 2xx to CONNECT starts a tunnel.
 * @throws ProtocolError `head-syntax` for `Transfer-Encoding` in HTTP/1.0, 2 and 3 or together with
 *   `Content-Length`, for an empty one, and for an invalid length or two different ones.
 *
 * @example
 * responseFraming({ status: 200, headers: { 'transfer-encoding': 'chunked' } }) // { kind: 'chunked' }
 * responseFraming({ status: 200, headers: {} }, 'CONNECT') // { kind: 'none' }
 */
export function responseFraming(response: FramedResponse, method = 'GET'): BodyFraming {
  requireRecord(response, 'a response')
  requireHead(response, 'status')
  const { status, version = '1.1' } = response
  requireType(status, 'number', '`status`')
  requireType(method, 'string', '`method`')
  // Length fields in these do not describe a body that follows.                               RFC 9112 §6.3, 1 and 2
  const ignored = status < 200 || status === 204 || status === 304 || method === 'HEAD'
  if (ignored || (method === 'CONNECT' && status < 300)) return { kind: 'none' }
  const { codings, lengths } = pickFraming(response.headers)
  if (codings.length === 0) return lengthFraming(lengths, 'head-syntax') ?? { kind: 'until-close' }
  checkCodingVersion(version, 'head-syntax')
  if (lengths.length > 0)
    throw fault('Content-Length and Transfer-Encoding contradict each other', '§6.3', 'head-syntax')
  refuseEmpty(codings, 'head-syntax')
  return { kind: endsChunked(codings) ? 'chunked' : 'until-close' }
}

/** Throws `TypeError` for a parser's result passed in place of its `head`. */
function requireHead(source: object, member: 'headers' | 'status'): void {
  if (member in source || !('rest' in source)) return
  throw new TypeError(`the head must have \`${member}\`: of a parser's result, pass its \`head\``)
}

/** The parts of a response that determine the end of its body. */
export interface FramedResponse {
  /** Such as 200 or 404. */
  readonly status: number
  /** From any source. */
  readonly headers: HeaderSource
  /** The HTTP version. Default: `'1.1'`. */
  readonly version?: string | undefined
}

function checkCodingVersion(version: string | undefined, code: 'request-body' | 'head-syntax'): void {
  // "A server or client that receives an HTTP/1.0 message containing a Transfer-Encoding header field MUST treat the
  // message as if the framing is faulty"                                                            RFC 9112 §6.1
  if (version === '1.0') throw fault('Transfer-Encoding came in HTTP/1.0', '§6.1', code)
  // "any message containing connection-specific header fields MUST be treated as malformed"          RFC 9113 §8.2.2
  if (version === '2' || version === '3') throw fault(`Transfer-Encoding came in HTTP/${version}`, '§6.1', code)
}

/**
 * Checks that a request for an upgrade or a tunnel has no body: the bytes after its head belong to the new protocol. Returns
 * the fault, or `undefined`. `Content-Length: 0` is allowed.
 */
export function checkNoRequestBody(version: string | undefined, fields: FramingFields): ProtocolError | undefined {
  // The common case.
  if (fields.codings.length === 0 && fields.lengths.length === 0) return undefined
  const framing = attempt(() => readRequestFraming(version, fields))
  if (framing instanceof ProtocolError) return framing
  if (framing.kind === 'none' || (framing.kind === 'length' && framing.length === 0)) return undefined
  const told = framing.kind === 'length' ? `${framing.length} bytes` : 'chunks'
  const message = `the request has a body of ${told}, and one that asks for an upgrade or a tunnel has none`
  return new ProtocolError('request-body', message, { reference: 'RFC 9112 §6', status: 400 })
}

/** The values of the framing fields. */
export interface FramingFields {
  /** Of `Transfer-Encoding`. */
  readonly codings: FieldValues
  /** Of `Content-Length`. */
  readonly lengths: FieldValues
}

const picker: FieldPicker = /* @__PURE__ */ new FieldPicker(['Transfer-Encoding', 'Content-Length'])

export function pickFraming(source: HeaderSource): FramingFields {
  const [codings, lengths] = picker.pick(toPairs(source)) as [FieldValues, FieldValues]
  return { codings, lengths }
}

/** Recipients disagree on whether an empty line counts as present. */
function refuseEmpty(codings: FieldValues, code: 'request-body' | 'head-syntax'): void {
  if (codings.includes('')) throw fault('Transfer-Encoding is empty', '§6.3', code)
}

/** Whether `chunked` is the last coding and occurs once; false for an invalid list. */
function endsChunked(values: FieldValues): boolean {
  const codings = attempt(() => toElements(values, 'Transfer-Encoding'))
  if (codings instanceof ProtocolError) return false
  const chunked = codings.filter((coding) => equalsIgnoringCase(coding, 'chunked')).length
  return chunked === 1 && equalsIgnoringCase(codings[codings.length - 1] ?? '', 'chunked')
}

// Content-Length = 1*DIGIT; identical values, in a list or on several lines, count as one       RFC 9110 §8.6, RFC 9112 §6.3
function lengthFraming(values: FieldValues, code?: 'head-syntax'): BodyFraming | undefined {
  let length: number | undefined
  for (const value of values) {
    const elements: string[] = []
    // Recipients disagree on empty elements.
    if (splitList(value, elements) > 0) throw fault(`Content-Length is ${quote(value)}`, '§6.3', code)
    for (const element of elements) {
      const next = readDecimal(element)
      if (next === undefined) throw fault(`Content-Length is ${quote(element)}, which is no length`, '§6.3', code)
      if (length !== undefined && length !== next)
        throw fault('Content-Length comes twice, with different values', '§6.3', code)
      length = next
    }
  }
  return length === undefined ? undefined : { kind: 'length', length }
}

/** Only a request's fault has a status to send. */
function fault(found: string, section: string, code: 'request-body' | 'head-syntax' = 'request-body'): ProtocolError {
  const status = code === 'request-body' ? { status: 400 } : {}
  return new ProtocolError(code, `unreliable framing: ${found}`, { reference: `RFC 9112 ${section}`, ...status })
}
