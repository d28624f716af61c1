/**
 * Determines from a head whether a message has a body and where it ends (RFC 9112 §6), and checks the framing fields of our own
 * responses. `ResponseBodyReader` uses the result to read bodies; the handshake rejects ambiguous framing.
 *
 * @module
 */

import { requireRecord, requireType } from '../arguments.ts'
import { equalsIgnoringCase } from '../bytes/ascii.ts'
import { attempt, ProtocolError, quote, requestError } from '../errors.ts'
import { createFieldPicker, type FieldValues, type PickedFields } from './field-picker.ts'
import { DIGIT, readDecimal, skipClass, splitList } from './grammar.ts'
import { type HeaderPairs, type HeaderSource, toElements, toPairs } from './headers.ts'

/**
 * Where a body ends.
 *
 * @category HTTP heads
 */
export type BodyFraming =
  | {
      /** The message has no body. */
      readonly kind: 'none'
    }
  | {
      /** After a number of bytes. */
      readonly kind: 'length'
      /** In bytes; may be 0. */
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
 * Determines where a request's body ends and the next request begins (RFC 9112 §6.3).
 *
 * @throws ProtocolError `request-body` (400) if recipients could disagree, which enables request smuggling: both
 *   `Transfer-Encoding` and `Content-Length`, an invalid length or two different ones, a coding that is empty or does not
 *   end in `chunked`, and `Transfer-Encoding` in HTTP/1.0, HTTP/2 and HTTP/3.
 *
 * @example
 * requestFraming({ httpVersion: '1.1', headers: { 'content-length': 5 } }) // { kind: 'length', length: 5 }
 */
export function requestFraming(request: {
  readonly httpVersion?: string | undefined
  readonly headers: HeaderSource
}): BodyFraming {
  requireRecord(request, 'a request')
  requireHead(request, 'headers')
  return readFraming(request.httpVersion, pickFraming(request.headers), 'request-body')
}

/**
 * Determines where a response's body ends (RFC 9112 §6.3).
 *
 * @param method The method of the request: a response to HEAD has no body, and a 2xx to CONNECT starts a tunnel.
 * @throws ProtocolError `head-syntax` for `Transfer-Encoding` in HTTP/1.0, HTTP/2 and HTTP/3 or together with
 *   `Content-Length`, for an empty one, and for an invalid length or two different ones.
 *
 * @example
 * responseFraming({ status: 200, headers: { 'transfer-encoding': 'chunked' } }) // { kind: 'chunked' }
 * responseFraming({ status: 200, headers: {} }, 'CONNECT') // { kind: 'none' }
 */
export function responseFraming(response: FramedResponse, method = 'GET'): BodyFraming {
  requireRecord(response, 'a response')
  requireHead(response, 'status')
  const { status, httpVersion } = response
  requireType(status, 'number', '`status`')
  requireType(method, 'string', '`method`')
  // Length fields in these do not describe a body that follows.                               RFC 9112 §6.3, 1 and 2
  const ignored = status < 200 || status === 204 || status === 304 || method === 'HEAD'
  if (ignored || (method === 'CONNECT' && status < 300)) return { kind: 'none' }
  return readFraming(httpVersion, pickFraming(response.headers), 'head-syntax')
}

/** Throws `TypeError` for a parser's result passed in place of its `head`. */
function requireHead(source: object, member: 'headers' | 'status'): void {
  if (!(member in source) && 'rest' in source)
    throw new TypeError(`the head must have \`${member}\`; pass the \`head\` of a parser's result`)
}

/**
 * The parts of a response that determine where its body ends.
 *
 * @category HTTP heads
 */
export interface FramedResponse {
  /** Such as 200 or 404. */
  readonly status: number
  /** From any source. */
  readonly headers: HeaderSource
  /** The HTTP version. Default: `'1.1'`. */
  readonly httpVersion?: string | undefined
}

/** The code of a request's error and of a response's. */
type FramingCode = 'request-body' | 'head-syntax'

function readFraming(
  httpVersion: string | undefined,
  { codings, lengths }: FramingFields,
  code: FramingCode,
): BodyFraming {
  const inRequest = code === 'request-body'
  if (codings.length === 0) {
    const length = readLength(lengths, code)
    return length === undefined ? { kind: inRequest ? 'none' : 'until-close' } : { kind: 'length', length }
  }
  // "A server or client that receives an HTTP/1.0 message containing a Transfer-Encoding header field MUST treat the
  // message as if the framing is faulty"                                                            RFC 9112 §6.1
  // "any message containing connection-specific header fields MUST be treated as malformed"          RFC 9113 §8.2.2
  if (httpVersion === '1.0' || httpVersion === '2' || httpVersion === '3')
    throw createError(`Transfer-Encoding in HTTP/${httpVersion}`, code, '§6.1')
  // "A server MAY reject a request that contains both Content-Length and Transfer-Encoding"             RFC 9112 §6.1
  // "Such a message might indicate an attempt to perform request smuggling … or response splitting … and ought to be
  // handled as an error."                                                                           RFC 9112 §6.3
  if (lengths.length > 0) throw createError('both Content-Length and Transfer-Encoding', code)
  // Recipients disagree on whether an empty line counts as present.
  if (codings.includes('')) throw createError('an empty Transfer-Encoding', code)
  if (endsChunked(codings)) return { kind: 'chunked' }
  // "the message body length cannot be determined reliably; the server MUST respond with … 400"        RFC 9112 §6.3
  if (inRequest) throw createError('Transfer-Encoding does not end in chunked', code)
  return { kind: 'until-close' }
}

/** Whether `chunked` is the last coding and occurs once; false for an invalid list. */
function endsChunked(values: FieldValues): boolean {
  const codings = attempt(() => toElements(values, 'Transfer-Encoding'))
  if (codings instanceof ProtocolError) return false
  const first = codings.findIndex((coding) => equalsIgnoringCase(coding, 'chunked'))
  return first !== -1 && first === codings.length - 1
}

// Content-Length = 1*DIGIT; identical values, in a list or on several lines, count as one       RFC 9110 §8.6, RFC 9112 §6.3
function readLength(values: FieldValues, code: FramingCode): number | undefined {
  let length: number | undefined
  for (const value of values) {
    const elements: string[] = []
    // Recipients disagree on empty elements.
    if (splitList(value, elements) > 0) throw createError(`Content-Length is ${quote(value)}`, code)
    for (const element of elements) {
      const next = readDecimal(element)
      if (next === undefined) throw createError(`Content-Length is ${quote(element)}`, code)
      if (length !== undefined && length !== next) throw createError('two different Content-Lengths', code)
      length = next
    }
  }
  return length
}

/** Creates the error. Only the error of a request has a status to send. */
function createError(found: string, code: FramingCode, section = '§6.3'): ProtocolError {
  const status = code === 'request-body' ? { status: 400 } : {}
  return new ProtocolError(code, `unreliable framing: ${found}`, { reference: `RFC 9112 ${section}`, ...status })
}

/** Returns the error that makes the end of a request ambiguous (RFC 9112 §6.3), with or without a body. */
export function findFramingError(version: string | undefined, fields: FramingFields): ProtocolError | undefined {
  const framing = readRequestFraming(version, fields)
  return framing instanceof ProtocolError ? framing : undefined
}

const withoutBody: BodyFraming = { kind: 'none' }

function readRequestFraming(version: string | undefined, fields: FramingFields): BodyFraming | ProtocolError {
  // The common case.
  if (fields.codings.length === 0 && fields.lengths.length === 0) return withoutBody
  return attempt(() => readFraming(version, fields, 'request-body'))
}

/**
 * Returns the error of a request for an upgrade or a tunnel that has a body or ambiguous framing: the bytes after its head belong to
 * the new protocol. `Content-Length: 0` is allowed.
 */
export function findBodyError(version: string | undefined, fields: FramingFields): ProtocolError | undefined {
  const framing = readRequestFraming(version, fields)
  if (framing instanceof ProtocolError) return framing
  if (framing.kind === 'none' || (framing.kind === 'length' && framing.length === 0)) return undefined
  const found = framing.kind === 'length' ? `a body of ${framing.length} bytes` : 'a chunked body'
  return requestError('request-body', `the request has ${found}`, 'RFC 9112 §6')
}

/** The values of `Transfer-Encoding` and `Content-Length`. */
export interface FramingFields {
  readonly codings: FieldValues
  readonly lengths: FieldValues
}

const framingNames = ['Transfer-Encoding', 'Content-Length'] as const

const pickFramingFields: (headers: HeaderPairs) => PickedFields<typeof framingNames> =
  /* @__PURE__ */ createFieldPicker(framingNames)

export function pickFraming(source: HeaderSource): FramingFields {
  const [codings, lengths] = pickFramingFields(toPairs(source))
  return { codings, lengths }
}

/**
 * Whether a response must have neither `Content-Length` nor `Transfer-Encoding`: a 1xx, a 204 or a 2xx to CONNECT (RFC 9110 §8.6,
 * RFC 9112 §6.1).
 */
export function forbidsLength(status: number, tunnel = false): boolean {
  return status < 200 || status === 204 || (tunnel && status < 300)
}

/** Returns the framing fields of our own response. Throws `TypeError` if its status forbids them. */
export function requireAllowedFraming(headers: HeaderPairs, status: number, tunnel = false): FramingFields {
  const [codings, lengths] = pickFramingFields(headers)
  const name = lengths.length > 0 ? 'Content-Length' : codings.length > 0 ? 'Transfer-Encoding' : undefined
  if (name !== undefined && forbidsLength(status, tunnel))
    throw new TypeError(
      `a ${status}${tunnel ? ' to CONNECT' : ''} must not have ${name} (RFC 9110 §8.6, RFC 9112 §6.1)`,
    )
  return { codings, lengths }
}

/** Throws `TypeError` for framing fields that contradict an unencoded body of `size` bytes. */
export function requireFittingFraming({ codings, lengths }: FramingFields, size: number): void {
  if (codings.length > 0) throw new TypeError('Transfer-Encoding is set, but the body is not encoded (RFC 9112 §6.1)')
  // In a response to HEAD, or a 304, Content-Length describes a body that is not sent                  RFC 9110 §8.6
  const expected = size > 0 ? String(size) : lengths[0]
  if (lengths.some((length) => length !== expected || length === '' || skipClass(length, 0, DIGIT) < length.length))
    throw new TypeError(`Content-Length is ${lengths.join(', ')}, but the body has ${size} bytes (RFC 9110 §8.6)`)
}
