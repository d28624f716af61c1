/**
 * The answer to a request that is turned down: one status, the fields that belong to it, every fault in its body. Knows
 * what each status owes; not how a fault is found.
 *
 * @module
 */

import { attempt, type Faults, type ProtocolErrorCode } from '../errors.ts'
import type { HeaderList } from '../http/headers.ts'
import type { RequestHead } from '../http/request.ts'
import { createAnswer, type Refused } from '../http/response.ts'
import { hasConnectionOption, upgradeHeaders } from '../http/upgrade.ts'
import { field } from './fields.ts'

/** Faults behind which nobody can be sure where the next request begins, or whose it is. */
const unsound: ReadonlySet<ProtocolErrorCode> = /* @__PURE__ */ new Set([
  'head-syntax',
  'http-version',
  'target',
  'host',
  'request-body',
])

/** What a refusal depends on beside the faults. */
export interface RefuseOptions {
  /** Whether the request wants a WebSocket at all. */
  readonly asked: boolean
  /** Whether the connection may go on, if head and framing are sound. */
  readonly keepAlive: boolean
  /** The versions that are spoken, for refusals that concern them. */
  readonly versions: readonly number[]
}

/** @param faults In the order in which they count: the first gives the status. */
export function refuse(head: RequestHead, faults: Faults, { asked, keepAlive, versions }: RefuseOptions): Refused {
  const { status = 400 } = faults[0]
  // A refusal need not close; but bytes of a WebSocket that were sent too early would be read as the next request.
  //                                                                                            RFC 9931 §3.1, §4
  // HTTP/2 and HTTP/3 have no Connection: a stream ends by itself                                RFC 9113 §8.2.2
  const shared = head.version === '2' || head.version === '3'
  const closes = !shared && (!keepAlive || faults.some(({ code }) => unsound.has(code)) || wantsClose(head))
  const headers: HeaderList = status === 426 ? upgradeHeaders('websocket', ...(closes ? ['close'] : [])) : []
  if (status !== 426 && closes) headers.push(['Connection', 'close'])
  // Whoever is refused for the version is told which are spoken                          RFC 6455 §4.2.2 item 4, §4.4
  if (status === 426 || faults.some(({ code }) => code === 'version'))
    headers.push([field.version, versions.join(', ')])
  // "The origin server MUST generate an Allow header field in a 405 response"                      RFC 9110 §15.5.6
  if (status === 405) headers.push(['Allow', 'GET'])
  // What follows the head of an answer to HEAD would be read as the next answer                          RFC 9110 §9.3.2
  const told = head.method === 'HEAD' ? [] : faults
  const body = told.map(({ message, reference }) => `${message} (${reference})\n`).join('')
  return { ok: false, asked, faults, response: createAnswer(status, headers, body) }
}

/** Whether a request leaves the connection no future. */
function wantsClose({ method, headers }: RequestHead): boolean {
  // Behind a CONNECT that is rejected a client may have sent what is for somebody else                       RFC 9931
  if (method === 'CONNECT') return true
  // "A server that receives a "close" connection option MUST initiate closure of the connection"       RFC 9112 §9.6
  return attempt(() => hasConnectionOption(headers, 'close')) !== false
}
