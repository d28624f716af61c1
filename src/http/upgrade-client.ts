/**
 * The client side of an upgrade to any protocol: checks the response (RFC 9110 §7.8). `upgradeHeaders` creates the fields of the
 * request.
 *
 * @module
 */

import { describeType } from '../arguments.ts'
import { attempt, ProtocolError, type ProtocolErrorCode, quote } from '../errors.ts'
import type { Limits } from '../limits.ts'
import { getHeaders, type HeaderPairs } from './headers.ts'
import { isMultiplexed } from './request.ts'
import type { ResponseSource, Unreadable } from './response.ts'
import { type ParsedResponse, readResponse } from './response-parser.ts'
import {
  formatProtocol,
  isProtocol,
  mentionsOption,
  parseUpgrade,
  requireProtocol,
  type UpgradeProtocol,
} from './upgrade.ts'

/**
 * The result of {@link verifyUpgrade}.
 *
 * @category Upgrade and refusals
 */
export type UpgradeOutcome<Offered extends string = string> =
  | {
      /** A valid response. */
      ok: true
      /** The connection uses the new protocol from now on. */
      kind: 'switched'
      /** As offered, lowest layer first. */
      protocols: Offered[]
    }
  | {
      /** A valid response. */
      ok: true
      /** The server answered with plain HTTP, which is always allowed. */
      kind: 'ignored'
      /** The status of that response. */
      status: number
      /** Protocols that the server supports. */
      advertised: UpgradeProtocol[]
    }
  | {
      /** A valid response. */
      ok: true
      /** The server requires an upgrade. */
      kind: 'required'
      /** Upgrade Required. */
      status: 426
      /** The protocols it accepts, best first. */
      protocols: UpgradeProtocol[]
    }
  /** The response is a 101 that does not fit the offer, or not HTTP. Abort the connection. */
  | Unreadable

/**
 * Checks the response to a request that offered protocols. Use the new protocol only after a 101: if the server declines, it reads
 * bytes sent earlier as HTTP (RFC 9931).
 *
 * @param response A parser's result, success or failure, your own head, Node's `IncomingMessage`, or a Fetch `Response`.
 * @param offered The protocols passed to `upgradeHeaders` for the request.
 * @param limits `maxHeadFields`, for heads read by another parser: Node's client drops fields from the 1000th on.
 * @throws TypeError for a value that is not a response, and for invalid protocols in `offered`.
 *
 * @example
 * verifyUpgrade(switchingProtocols('foo/2'), ['example/1', 'foo/2']) // { ok: true, kind: 'switched', protocols: ['foo/2'] }
 *
 * @example
 * const outcome = verifyUpgrade(parsed, ['example/1', 'foo/2'])
 * if (outcome.kind === 'switched') speak(outcome.protocols[0], parsed.rest)
 *
 * @category Upgrade and refusals
 */
export function verifyUpgrade<const Offered extends string>(
  response: ResponseSource | ParsedResponse,
  offered: readonly Offered[],
  limits?: Limits,
): UpgradeOutcome<Offered> {
  if (!Array.isArray(offered)) throw new TypeError(`\`offered\` must be an array, not ${describeType(offered)}`)
  for (const entry of offered) requireProtocol(entry)
  const answer = readResponse(response, limits)
  if (!answer.ok) return answer
  const { status, httpVersion, headers } = answer.head
  // `Response.error()` has the status 0.
  if (status === 0) return invalid(createError('status', 'the response has no valid status', 'RFC 9110 §15'), status)
  // "HTTP/2 does not support the 101 (Switching Protocols) informational status code"                  RFC 9113 §8.6
  if (status === 101 && isMultiplexed(httpVersion))
    return invalid(createError('status', `a 101 in HTTP/${httpVersion}`, 'RFC 9113 §8.6'), status)
  const named = attempt(() => parseUpgrade(headers))
  if (status === 101) return verifySwitch(headers, named, offered)
  const protocols = named instanceof ProtocolError ? [] : named
  // "The server MUST send an Upgrade header field in a 426 response"                               RFC 9110 §15.5.22
  if (status === 426 && protocols.length > 0) return { ok: true, kind: 'required', status, protocols }
  return { ok: true, kind: 'ignored', status, advertised: protocols }
}

function verifySwitch<Offered extends string>(
  headers: HeaderPairs,
  named: readonly UpgradeProtocol[] | ProtocolError,
  offered: readonly Offered[],
): UpgradeOutcome<Offered> {
  const errors: ProtocolError[] = []
  const protocols: Offered[] = []
  if (named instanceof ProtocolError) errors.push(named)
  // "A server that sends a 101 … MUST send an Upgrade header field"                                    RFC 9110 §7.8
  else if (named.length === 0) errors.push(createError('upgrade-missing', 'the 101 has no Upgrade'))
  else
    for (const protocol of named) {
      const entry = offered.find((candidate) => isProtocol(protocol, candidate))
      if (entry !== undefined) protocols.push(entry)
      else errors.push(createError('upgrade-not-offered', `${quote(formatProtocol(protocol))} was not offered`))
    }
  const connected = attempt(() => mentionsOption(getHeaders(headers, 'connection'), 'upgrade'))
  if (connected instanceof ProtocolError) errors.push(connected)
  else if (!connected) errors.push(createError('connection-missing', 'the 101 has no Connection: Upgrade'))
  const [first, ...more] = errors
  if (first === undefined) return { ok: true, kind: 'switched', protocols }
  return { ok: false, errors: [first, ...more], kind: 'invalid', status: 101 }
}

function invalid(error: ProtocolError, status: number): Unreadable {
  return { ok: false, errors: [error], kind: 'invalid', status }
}

function createError(code: ProtocolErrorCode, message: string, reference = 'RFC 9110 §7.8'): ProtocolError {
  return new ProtocolError(code, message, { reference })
}
