/**
 * Client side of CONNECT through an HTTP/1.1 proxy (RFC 9110 §9.3.6): creates the request and checks the response. Comes before
 * the handshake, which then goes through the tunnel.
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

/** Options of {@link offerTunnel}. */
export interface OfferTunnelOptions {
  /** For a proxy that requires authentication; they are not protected by TLS inside the tunnel (RFC 7617). Default: none. */
  readonly credentials?: BasicCredentials | undefined
  /** Extra fields for the proxy, such as a `Proxy-Authorization` with another scheme. Default: none. */
  readonly headers?: HeaderSource | undefined
}

/** The outcome of a tunnel request. */
export type TunnelOutcome =
  | {
      /** The tunnel is open. */
      ok: true
      /** Bytes after the head come from the target. */
      kind: 'open'
      /** 200–299. */
      status: number
    }
  | {
      /** There is no tunnel. */
      ok: false
      /** The proxy's reason. */
      faults: Faults
      /** The proxy requires credentials, or rejects those given. */
      kind: 'unauthorized'
      /** Proxy Authentication Required. */
      status: 407
      /** `Proxy-Authenticate`, one entry per non-empty line. */
      challenges: string[]
    }
  | {
      /** There is no tunnel. */
      ok: false
      /** The proxy's reason. */
      faults: Faults
      /** Any other response. */
      kind: 'refused'
      /** The status of that response. */
      status: number
    }
  /** Not a valid response to CONNECT: a 101, or not HTTP. */
  | Unreadable

const optionNames = ['credentials', 'headers'] as const satisfies (keyof OfferTunnelOptions)[]

/** Fields that CONNECT writes itself, and those that would give it a body (RFC 9110 §9.3.6: it has none). */
const reserved: ReadonlySet<string> = /* @__PURE__ */ new Set(['host', 'content-length', 'transfer-encoding'])

/**
 * Creates the request that asks a proxy for a tunnel. Send nothing after it until {@link verifyTunnel} reports that the
 * tunnel is open: a proxy that refuses would read it as the next request (RFC 9931).
 *
 * @param hostname As for `connect`; an IPv6 address with or without brackets.
 * @param port 1–65535.
 * @throws TypeError for an invalid host, for fields that CONNECT writes itself, that describe a body or that are invalid, and for
 *   invalid credentials; `RangeError` for an invalid port.
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
  // A single colon would separate a port, which is a parameter here; an address has at least two         RFC 4291 §2.2
  const isAddress = hostname[0] !== '[' && hostname.indexOf(':') !== hostname.lastIndexOf(':')
  const host = isAddress ? `[${hostname}]` : hostname
  // authority-form = uri-host ":" port                                                              RFC 9112 §3.2.3
  // Not echoed: an invalid host may contain a password.
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
 * Checks a proxy's response to {@link offerTunnel}. Never throws for what it sent. After any outcome but `'open'`, end the
 * connection: a proxy that refuses closes it (RFC 9931).
 *
 * @param response A parser's result, success or failure, your own head, or Node's `IncomingMessage`. The parser's `rest`
 *   already came through the tunnel, even if the fields describe a body.
 * @throws TypeError for a value that is not a response.
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
