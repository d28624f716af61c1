/**
 * An opening request, its response, or both: the fields, every error with its line, and the response to send.
 *
 * @module
 */

import {
  acceptHandshake,
  formatResponse,
  getHeader,
  type HeaderPairs,
  offerHandshake,
  type ProtocolError,
  type ProtocolErrorCode,
  permessageDeflate,
  type RequestHead,
  RequestHeadParser,
  type ResponseHead,
  ResponseHeadParser,
  verifyHandshake,
  verifyUpgrade,
} from 'websocket-primitives'
import { pako } from 'websocket-primitives/codec/pako'
import { parseExtensions } from 'websocket-primitives/handshake'

export interface Line {
  /** Empty: the first line. */
  readonly name: string
  readonly value: string
  readonly errors: readonly ProtocolError[]
}

export interface Head {
  readonly kind: 'request' | 'response'
  readonly verdict: 'opens' | 'refused' | 'plain' | 'incomplete'
  readonly title: string
  readonly lines: readonly Line[]
  readonly errors: readonly ProtocolError[]
  /** What could not be read, and the offset at which reading ended. */
  readonly broken?: { readonly text: string; readonly at: number } | undefined
  /** The server's response, as bytes on the wire. */
  readonly answer: string | undefined
}

const extensions = [permessageDeflate({ codec: pako })]

export function inspectHead(bytes: Uint8Array): Head[] {
  if (isResponse(bytes)) return [inspectResponse(bytes, undefined)]
  const parsed = new RequestHeadParser().push(bytes)
  if (parsed === undefined) return [incomplete('request')]
  const accepted = acceptHandshake(parsed, { extensions, subprotocols: offeredSubprotocols })
  const errors = accepted.ok ? [] : accepted.errors
  const head = parsed.ok ? parsed.head : undefined
  const request: Head = {
    kind: 'request',
    ...judged(accepted),
    lines: head ? linesOf(`${head.method} ${head.target} HTTP/${head.httpVersion}`, head.headers, errors) : [],
    errors,
    broken: brokenAt(bytes, head ? undefined : errors[0]),
    answer: new TextDecoder().decode(formatResponse(accepted.response)),
  }
  return head && isResponse(parsed.rest) ? [request, inspectResponse(parsed.rest, head)] : [request]
}

/** Selects the first subprotocol offered. */
const offeredSubprotocols = (offered: readonly string[]): string | undefined => offered[0]

function judged(accepted: ReturnType<typeof acceptHandshake>): Pick<Head, 'verdict' | 'title'> {
  if (accepted.ok) return { verdict: 'opens', title: 'This request opens a WebSocket' }
  const count = accepted.errors.length
  if (!accepted.isWebSocketRequest) return { verdict: 'plain', title: 'This request does not ask for a WebSocket' }
  return {
    verdict: 'refused',
    title: `${count === 1 ? 'One error' : `${count} errors`}: the response is ${accepted.response.status}`,
  }
}

function inspectResponse(bytes: Uint8Array, request: RequestHead | undefined): Head {
  const parsed = new ResponseHeadParser().push(bytes)
  if (parsed === undefined) return incomplete('response')
  const offer = request && offerOf(request)
  const outcome = offer ? verifyHandshake(parsed, offer) : verifyUpgrade(parsed, ['websocket'])
  const errors = outcome.ok ? [] : outcome.errors
  const opens = outcome.ok && (!('kind' in outcome) || outcome.kind === 'switched')
  const lines = parsed.ok ? responseLines(parsed.head, errors) : []
  return {
    kind: 'response',
    verdict: opens ? 'opens' : 'refused',
    title: responseTitle(opens, offer !== undefined, errors),
    lines,
    errors,
    broken: brokenAt(bytes, parsed.ok ? undefined : errors[0]),
    answer: undefined,
  }
}

function brokenAt(bytes: Uint8Array, error: ProtocolError | undefined): Head['broken'] {
  return error?.offset === undefined ? undefined : { text: latin1(bytes.subarray(0, 8192)), at: error.offset }
}

function responseTitle(opens: boolean, whole: boolean, errors: readonly ProtocolError[]): string {
  if (!opens)
    return errors.length > 1
      ? `${errors.length} errors: this response does not open a WebSocket`
      : 'This response does not open a WebSocket'
  return whole
    ? 'This response matches its request'
    : 'This response switches to WebSocket. Paste the request above it to check the hash'
}

function responseLines({ status, reason, headers }: ResponseHead, errors: readonly ProtocolError[]): Line[] {
  return linesOf(`HTTP/1.1 ${status} ${reason}`, headers, errors)
}

/** The offer that led to such a request; `undefined` if no client would have made it. */
function offerOf({ headers, target }: RequestHead): ReturnType<typeof offerHandshake<string>> | undefined {
  const protocols = getHeader(headers, 'sec-websocket-protocol')
  try {
    const offered = getHeader(headers, 'sec-websocket-extensions')
    const deflates = offered !== undefined && parseExtensions(offered).some(({ name }) => name === 'permessage-deflate')
    return offerHandshake<string>(`ws://${getHeader(headers, 'host')}${target}`, {
      key: getHeader(headers, 'sec-websocket-key'),
      subprotocols: protocols?.match(/[^\s,]+/g) ?? [],
      extensions: deflates ? extensions : [],
    })
  } catch {
    return undefined
  }
}

/** The field that an error refers to. */
const fieldOf: Partial<Record<ProtocolErrorCode, string>> = {
  host: 'host',
  'upgrade-missing': 'upgrade',
  'upgrade-not-offered': 'upgrade',
  'connection-missing': 'connection',
  key: 'sec-websocket-key',
  version: 'sec-websocket-version',
  origin: 'origin',
  subprotocol: 'sec-websocket-protocol',
  'extension-syntax': 'sec-websocket-extensions',
  extension: 'sec-websocket-extensions',
  accept: 'sec-websocket-accept',
  'request-body': 'content-length',
  method: '',
  target: '',
  'http-version': '',
  status: '',
}

function linesOf(first: string, headers: HeaderPairs, errors: readonly ProtocolError[]): Line[] {
  return [['', first] as const, ...headers].map(([name, value]) => ({
    name,
    value,
    errors: errors.filter(({ code }) => fieldOf[code] === name.toLowerCase()),
  }))
}

function incomplete(kind: Head['kind']): Head {
  return {
    kind,
    verdict: 'incomplete',
    title: 'The head is incomplete',
    lines: [],
    errors: [],
    answer: undefined,
  }
}

function isResponse(bytes: Uint8Array): boolean {
  return latin1(bytes.subarray(0, 5)) === 'HTTP/'
}

function latin1(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes)
}
