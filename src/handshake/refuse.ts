/**
 * The answer to a request that is turned down: one status, the fields that belong to it, every fault in its body. Knows
 * what each status owes; not how a fault is found.
 *
 * @module
 */

import type { Faults } from '../errors.ts'
import type { RequestHead } from '../http/request.ts'
import { createAnswer, explainFaults, type Refused } from '../http/response.ts'
import type { ServerCarrier } from './carrier.ts'
import { field } from './fields.ts'

/** What a refusal depends on beside the faults. */
export interface RefuseOptions {
  /** Whether the request wants a WebSocket at all. */
  readonly asked: boolean
  /** Whether the caller would let the connection go on. */
  readonly keepAlive: boolean
  /** The versions that are spoken, for refusals that concern them. */
  readonly versions: readonly number[]
  readonly carrier: ServerCarrier
}

/** @param faults In the order in which they count: the first gives the status. */
export function refuse(head: RequestHead, faults: Faults, options: RefuseOptions): Refused {
  const { asked, keepAlive, versions, carrier } = options
  const { status = 400 } = faults[0]
  const headers = carrier.refusalFields(head, faults, keepAlive)
  // Whoever is refused for the version is told which are spoken                          RFC 6455 §4.2.2 item 4, §4.4
  if (status === 426 || faults.some(({ code }) => code === 'version'))
    headers.push([field.version, versions.join(', ')])
  // "The origin server MUST generate an Allow header field in a 405 response"                      RFC 9110 §15.5.6
  if (status === 405) headers.push(['Allow', carrier.method])
  return { ok: false, asked, faults, response: createAnswer(status, headers, explainFaults(faults), head.method) }
}
