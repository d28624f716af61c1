/**
 * From the faults of a request to the refusal response: one status, the fields it requires, and every fault in the body.
 *
 * @module
 */

import { type Faults, ProtocolError } from '../errors.ts'
import type { RequestHead } from '../http/request.ts'
import { type Answer, createAnswer, explainFaults, type Refused } from '../http/response.ts'
import type { Finding, Findings, ServerCarrier } from './carrier.ts'
import { field } from './fields.ts'

/** What a refusal depends on besides the faults. */
export interface RefuseOptions {
  /** Whether the request asks for a WebSocket. */
  readonly asked: boolean
  /** Whether the caller allows the connection to stay open. */
  readonly keepAlive: boolean
  /** The supported versions, for refusals that concern the version. */
  readonly versions: readonly number[]
  readonly carrier: ServerCarrier
}

/** @param faults In order of precedence: the first sets the status. */
export function refuse(head: RequestHead, faults: Faults, options: RefuseOptions): Refused {
  return { ok: false, asked: options.asked, faults, response: createRefusal(head, faults, options) }
}

/** The same for plain HTTP. Most servers only look at `asked`, so the error is created lazily. */
export function refusePlain(head: RequestHead, finding: Finding, options: RefuseOptions): Refused {
  let faults: Faults | undefined
  return {
    ok: false,
    asked: options.asked,
    get faults() {
      faults ??= [toError(finding)]
      return faults
    },
    set faults(changed) {
      faults = changed
    },
    response: createRefusal(head, [finding], options),
  }
}

function toError(finding: Finding): ProtocolError {
  if (finding instanceof ProtocolError) return finding
  const { code, message, reference, status } = finding
  return new ProtocolError(code, message, status === undefined ? { reference } : { reference, status })
}

function createRefusal(head: RequestHead, faults: Findings, options: RefuseOptions): Answer {
  const { keepAlive, versions, carrier } = options
  const { status = 400 } = faults[0]
  const headers = carrier.refusalFields(head, faults, keepAlive)
  // Every refusal that concerns the version lists those supported                          RFC 6455 §4.2.2 item 4, §4.4
  if (status === 426 || faults.some(({ code }) => code === 'version'))
    headers.push([field.version, versions.join(', ')])
  // "The origin server MUST generate an Allow header field in a 405 response"                      RFC 9110 §15.5.6
  if (status === 405) headers.push(['Allow', carrier.method])
  return createAnswer(status, headers, explainFaults(faults), head.method)
}
