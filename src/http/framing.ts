/**
 * How a message says that it has a body, and how long it is (RFC 9112 §6), for requests and responses apart. Judges fields;
 * reads no body.
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
      /** After so many bytes. */
      readonly kind: 'length'
      /** Bytes, 0 included. */
      readonly length: number
    }
  | {
      /** Where its chunks say (RFC 9112 §7.1). */
      readonly kind: 'chunked'
    }
  | {
      /** Where the connection ends. Responses only. */
      readonly kind: 'until-close'
    }

/**
 * Where a request's body ends (RFC 9112 §6.3), so that the next request can be found behind it.
 *
 * @throws ProtocolError `request-body` (400) where recipients could differ over it, which is what request smuggling lives
 *   on: both `Transfer-Encoding` and `Content-Length`, a length that is no number or comes twice with different values, a
 *   coding that is empty or does not end in `chunked`, and `Transfer-Encoding` in HTTP/1.0.
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
  return frameRequest(request.version, pickFraming(request.headers))
}

function frameRequest(version: string | undefined, { codings, lengths }: FramingFields): BodyFraming {
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
 * @param method Of the request that it answers: HEAD gets no body, and a 2xx to CONNECT begins a tunnel.
 * @throws ProtocolError `head-syntax` for `Transfer-Encoding` in another version than HTTP/1.1 or together with
 *   `Content-Length`, for an empty one, and for a length that is no number or comes twice with different values.
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
  // What these say of a length is not theirs, or ignored.                                     RFC 9112 §6.3, 1 and 2
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

/** Throws `TypeError` for a parser's result, which holds the head that is meant. */
function requireHead(source: object, member: 'headers' | 'status'): void {
  if (member in source || !('rest' in source)) return
  throw new TypeError(`the head must have \`${member}\`: of a parser's result, pass its \`head\``)
}

/** What is read of a response to find the end of its body. */
export interface FramedResponse {
  /** Of the response: 200, 404. */
  readonly status: number
  /** Its fields, in any form. */
  readonly headers: HeaderSource
  /** Of HTTP. Default: `'1.1'`. */
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
 * A request that is to become another protocol, or a tunnel, has no body: bytes behind the head belong to what comes then. What
 * is wrong with the request in that respect; `undefined`: nothing. `Content-Length: 0` says the same as none.
 */
export function checkNoRequestBody(version: string | undefined, fields: FramingFields): ProtocolError | undefined {
  // As nearly all are.
  if (fields.codings.length === 0 && fields.lengths.length === 0) return undefined
  const framing = attempt(() => frameRequest(version, fields))
  if (framing instanceof ProtocolError) return framing
  if (framing.kind === 'none' || (framing.kind === 'length' && framing.length === 0)) return undefined
  const told = framing.kind === 'length' ? `${framing.length} bytes` : 'chunks'
  const message = `the request has a body of ${told}, and one that asks for an upgrade or a tunnel has none`
  return new ProtocolError('request-body', message, { reference: 'RFC 9112 §6', status: 400 })
}

/** The values of the fields that say where a body ends. */
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

/** A line without a coding says nothing, and recipients differ over whether it is there at all. */
function refuseEmpty(codings: FieldValues, code: 'request-body' | 'head-syntax'): void {
  if (codings.includes('')) throw fault('Transfer-Encoding is empty', '§6.3', code)
}

/** Whether `chunked` is the last coding, and stands there once; a list that cannot be read ends in nothing. */
function endsChunked(values: FieldValues): boolean {
  const codings = attempt(() => toElements(values, 'Transfer-Encoding'))
  if (codings instanceof ProtocolError) return false
  const chunked = codings.filter((coding) => equalsIgnoringCase(coding, 'chunked')).length
  return chunked === 1 && equalsIgnoringCase(codings[codings.length - 1] ?? '', 'chunked')
}

// Content-Length = 1*DIGIT; the same again, in a list or a line, is one length                  RFC 9110 §8.6, RFC 9112 §6.3
function lengthFraming(values: FieldValues, code?: 'head-syntax'): BodyFraming | undefined {
  let length: number | undefined
  for (const value of values) {
    const elements: string[] = []
    // Nothing at all is no length, and recipients differ over it.
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

/** A client owes no status. */
function fault(found: string, section: string, code: 'request-body' | 'head-syntax' = 'request-body'): ProtocolError {
  const status = code === 'request-body' ? { status: 400 } : {}
  return new ProtocolError(code, `unreliable framing: ${found}`, { reference: `RFC 9112 ${section}`, ...status })
}
