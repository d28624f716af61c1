/**
 * An opening request, its answer, or both: the fields, every fault with the line that it stands in, and the answer that is owed.
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
  readonly faults: readonly ProtocolError[]
}

export interface Head {
  readonly kind: 'request' | 'response'
  readonly verdict: 'opens' | 'refused' | 'plain' | 'incomplete'
  readonly title: string
  readonly lines: readonly Line[]
  readonly faults: readonly ProtocolError[]
  /** What could not be read, and the byte at which reading ended. */
  readonly broken?: { readonly text: string; readonly at: number } | undefined
  /** What the server owes, as it goes over the wire. */
  readonly answer: string | undefined
}

const extensions = [permessageDeflate({ codec: pako })]

export function inspectHead(bytes: Uint8Array): Head[] {
  if (isResponse(bytes)) return [inspectResponse(bytes, undefined)]
  const parsed = new RequestHeadParser().push(bytes)
  if (parsed === undefined) return [incomplete('request')]
  const accepted = acceptHandshake(parsed, { extensions, subprotocols: offeredSubprotocols })
  const faults = accepted.ok ? [] : accepted.faults
  const head = parsed.ok ? parsed.head : undefined
  const request: Head = {
    kind: 'request',
    ...judged(accepted),
    lines: head ? linesOf(`${head.method} ${head.target} HTTP/${head.version}`, head.headers, faults) : [],
    faults,
    broken: brokenAt(bytes, head ? undefined : faults[0]),
    answer: new TextDecoder().decode(formatResponse(accepted.response)),
  }
  return head && isResponse(parsed.rest) ? [request, inspectResponse(parsed.rest, head)] : [request]
}

/** Whatever is offered first is fine here. */
const offeredSubprotocols = (offered: readonly string[]): string | undefined => offered[0]

function judged(accepted: ReturnType<typeof acceptHandshake>): Pick<Head, 'verdict' | 'title'> {
  if (accepted.ok) return { verdict: 'opens', title: 'This request opens a WebSocket' }
  const count = accepted.faults.length
  if (!accepted.asked) return { verdict: 'plain', title: 'This request asks for no WebSocket' }
  return {
    verdict: 'refused',
    title: `${count === 1 ? 'One fault' : `${count} faults`}: ${accepted.response.status} is owed`,
  }
}

function inspectResponse(bytes: Uint8Array, request: RequestHead | undefined): Head {
  const parsed = new ResponseHeadParser().push(bytes)
  if (parsed === undefined) return incomplete('response')
  const offer = request && offerOf(request)
  const outcome = offer ? verifyHandshake(parsed, offer) : verifyUpgrade(parsed, ['websocket'])
  const faults = outcome.ok ? [] : outcome.faults
  const opens = outcome.ok && (!('kind' in outcome) || outcome.kind === 'switched')
  const lines = parsed.ok ? responseLines(parsed.head, faults) : []
  return {
    kind: 'response',
    verdict: opens ? 'opens' : 'refused',
    title: responseTitle(opens, offer !== undefined, faults),
    lines,
    faults,
    broken: brokenAt(bytes, parsed.ok ? undefined : faults[0]),
    answer: undefined,
  }
}

function brokenAt(bytes: Uint8Array, fault: ProtocolError | undefined): Head['broken'] {
  return fault?.offset === undefined ? undefined : { text: latin1(bytes.subarray(0, 8192)), at: fault.offset }
}

function responseTitle(opens: boolean, whole: boolean, faults: readonly ProtocolError[]): string {
  if (!opens)
    return faults.length > 1 ? `${faults.length} faults: this answer opens nothing` : 'This answer opens nothing'
  return whole
    ? 'This answer fits its request'
    : 'This answer switches to WebSocket; put the request above it to check its hash'
}

function responseLines({ status, reason, headers }: ResponseHead, faults: readonly ProtocolError[]): Line[] {
  return linesOf(`HTTP/1.1 ${status} ${reason}`, headers, faults)
}

/** The offer that such a request made; `undefined` where no client would have made it. */
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

/** The field that a fault is about. */
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

function linesOf(first: string, headers: HeaderPairs, faults: readonly ProtocolError[]): Line[] {
  return [['', first] as const, ...headers].map(([name, value]) => ({
    name,
    value,
    faults: faults.filter(({ code }) => fieldOf[code] === name.toLowerCase()),
  }))
}

function incomplete(kind: Head['kind']): Head {
  return {
    kind,
    verdict: 'incomplete',
    title: 'The head is not all there yet',
    lines: [],
    faults: [],
    answer: undefined,
  }
}

function isResponse(bytes: Uint8Array): boolean {
  return latin1(bytes.subarray(0, 5)) === 'HTTP/'
}

function latin1(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes)
}
