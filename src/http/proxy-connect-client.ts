/**
 * The client's side of CONNECT through an HTTP/1.1 proxy (RFC 9110 §9.3.6): what is asked, and what came of it. Knows nothing
 * of what goes through the tunnel.
 *
 * @module
 */

import { checkOptionNames, requireType } from '../arguments.ts'
import { type Faults, ProtocolError } from '../errors.ts'
import { parseAuthority } from './authority.ts'
import { type BasicCredentials, formatBasicCredentials } from './basic-credentials.ts'
import { anyFieldCount, getHeaders, type HeaderList, type HeaderSource } from './headers.ts'
import type { RequestHead } from './request.ts'
import { describeStatus, type ResponseSource, readChallenges, type Unreadable } from './response.ts'
import { type ParsedResponse, readResponse } from './response-parser.ts'
import { toSendableFields } from './sendable-fields.ts'

/** How a tunnel is asked for. */
export interface OfferTunnelOptions {
  /** For a proxy that wants to know who asks; it sees them, whatever the tunnel hides (RFC 7617). Default: none. */
  readonly credentials?: BasicCredentials | undefined
  /** More fields for the proxy; a `Proxy-Authorization` of another scheme among them. Default: none. */
  readonly headers?: HeaderSource | undefined
}

/** What became of a tunnel that was asked for. */
export type TunnelOutcome =
  | {
      /** The tunnel is there. */
      ok: true
      /** Bytes behind the head are the other end's. */
      kind: 'open'
      /** 200–299. */
      status: number
    }
  | {
      /** There is none. */
      ok: false
      /** Why not, as the proxy says. */
      faults: Faults
      /** The proxy wants to know who asks, or does not believe it. */
      kind: 'unauthorized'
      /** Proxy Authentication Required. */
      status: 407
      /** Values of `Proxy-Authenticate`, a line each; empty lines are left out. */
      challenges: string[]
    }
  | {
      /** There is none. */
      ok: false
      /** Why not, as the proxy says. */
      faults: Faults
      /** Any other answer. */
      kind: 'refused'
      /** Of that answer. */
      status: number
    }
  /** No answer to CONNECT: a 101, or what is not HTTP. */
  | Unreadable

const optionNames = ['credentials', 'headers'] as const satisfies (keyof OfferTunnelOptions)[]

/** What CONNECT writes itself, and what would give it a body (RFC 9110 §9.3.6: it has none). */
const reserved: ReadonlySet<string> = /* @__PURE__ */ new Set(['host', 'content-length', 'transfer-encoding'])

/**
 * The request by which a proxy is asked for a tunnel. Send nothing behind it before {@link verifyTunnel} has said that the
 * tunnel is open: a proxy that refuses would read it as the next request (RFC 9931).
 *
 * @param hostname As it is for `connect`: an IPv6 address with or without brackets.
 * @param port 1–65535.
 * @throws TypeError for a host that is none, fields that CONNECT writes itself, that tell of a body or that no head can carry, and
 *   credentials that are none; `RangeError` for a port that is none.
 *
 * @example
 * const offer = offerHandshake('wss://example.com/chat')
 * socket.write(formatRequestHead(offerTunnel(offer.hostname, offer.port)))
 */
export function offerTunnel(hostname: string, port: number, options: OfferTunnelOptions = {}): RequestHead {
  requireType(hostname, 'string', '`hostname`')
  requireType(port, 'number', '`port`')
  checkOptionNames(options, optionNames, 'the options of offerTunnel')
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new RangeError(`\`port\` is a whole number from 1 to 65535, not ${port}`)
  // One colon alone separates a port, which stands apart here; an address has two at least               RFC 4291 §2.2
  const isAddress = hostname[0] !== '[' && hostname.indexOf(':') !== hostname.lastIndexOf(':')
  const host = isAddress ? `[${hostname}]` : hostname
  // authority-form = uri-host ":" port                                                              RFC 9112 §3.2.3
  // Not repeated: what is no host may hold a password.
  if (parseAuthority(host)?.port !== '' || host.endsWith(':'))
    throw new TypeError('`hostname` is no host name and no address, or has a port (RFC 9110 §9.3.6)')
  const target = `${host}:${port}`
  return {
    method: 'CONNECT',
    target,
    path: '',
    query: '',
    version: '1.1',
    headers: [['Host', target], ...proxyHeaders(options)],
    protocol: undefined,
    authority: undefined,
    scheme: undefined,
  }
}

function proxyHeaders({ credentials, headers: source }: OfferTunnelOptions): HeaderList {
  const headers = toSendableFields(
    source,
    reserved,
    'is written by CONNECT itself, or not at all; leave it out of `headers`',
  )
  if (credentials === undefined) return headers
  if (getHeaders(headers, 'proxy-authorization').length > 0)
    throw new TypeError('`credentials` is an option and in `headers`')
  return [['Proxy-Authorization', formatBasicCredentials(credentials)], ...headers]
}

/**
 * What a proxy made of {@link offerTunnel}. Never throws for what it sent. After any outcome but `'open'` end the connection: a
 * proxy that refuses closes (RFC 9931).
 *
 * @param response A parser's result, good or bad, a head of one's own, or Node's `IncomingMessage`. What the parser gives as
 *   `rest` came through the tunnel already, whatever fields say of a body.
 * @throws TypeError for what is no response.
 *
 * @example
 * const outcome = verifyTunnel(parsed)
 * if (!outcome.ok) throw outcome.faults[0]
 * socket.write(formatRequestHead(offer.request)) // to the other end, from here on
 */
export function verifyTunnel(response: ResponseSource | ParsedResponse): TunnelOutcome {
  const answer = readResponse(response, anyFieldCount)
  if (!answer.ok) return answer
  const { status, headers } = answer.head
  // "Any 2xx (Successful) response indicates that the sender … will switch to tunnel mode immediately after the response header
  // section", and "A client MUST ignore any Content-Length or Transfer-Encoding header fields"          RFC 9110 §9.3.6
  if (status >= 200 && status < 300) return { ok: true, kind: 'open', status }
  const said = `the proxy answered ${describeStatus(answer.head)}, where a 2xx is expected`
  const faults: Faults = [new ProtocolError('status', said, { reference: 'RFC 9110 §9.3.6', status })]
  // Nothing was offered that a 101 could name                                                          RFC 9110 §7.8
  if (status < 300) return { ok: false, faults, kind: 'invalid', status }
  if (status === 407)
    return {
      ok: false,
      faults,
      kind: 'unauthorized',
      status,
      challenges: readChallenges(headers, 'proxy-authenticate'),
    }
  return { ok: false, faults, kind: 'refused', status }
}
