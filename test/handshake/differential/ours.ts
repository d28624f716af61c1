/** Judges the bytes of a handshake with our server and our client. */

import type { ProtocolError } from '../../../src/errors.ts'
import type { ExtensionParams } from '../../../src/extensions/extension.ts'
import {
  type AgreedExtension,
  acceptHandshake,
  type Offer,
  offerHandshake,
  verifyHandshake,
} from '../../../src/handshake/index.ts'
import { getHeader, RequestHeadParser, ResponseHeadParser } from '../../../src/http/index.ts'
import { KEY } from '../opening.ts'
import { deflate, describeDeflate } from './deflate.ts'
import type { Outcome } from './difference.ts'
import { supported } from './values-requests.ts'
import { offered } from './values-responses.ts'

export function judgeRequest(text: string): Outcome {
  const parsed = new RequestHeadParser().push(Buffer.from(text, 'latin1'))
  if (parsed === undefined) return { state: 'waiting' }
  const accepted = acceptHandshake(parsed, { subprotocols: supported, extensions: [deflate], origins: 'any' })
  if (!accepted.ok) {
    const statuses = accepted.errors.map(({ status = 400 }) => status)
    return { state: 'refused', whys: accepted.errors.map(formatError), statuses }
  }
  const accept = getHeader(accepted.response.headers, 'sec-websocket-accept')
  return { state: 'accepted', accept, subprotocol: accepted.subprotocol, deflate: formatDeflate(accepted.extensions) }
}

const offer: Offer = offerHandshake('ws://a.example/', { key: KEY, subprotocols: offered, extensions: [deflate] })

export function judgeResponse(text: string): Outcome {
  const parsed = new ResponseHeadParser().push(Buffer.from(text, 'latin1'))
  if (parsed === undefined) return { state: 'waiting' }
  const verified = verifyHandshake(parsed, offer)
  if (!verified.ok) return { state: 'refused', whys: verified.errors.map(formatError) }
  return { state: 'accepted', subprotocol: verified.subprotocol, deflate: formatDeflate(verified.extensions) }
}

function formatError({ code, reference, message }: ProtocolError): string {
  return `${code} (${reference}): ${message}`
}

function formatDeflate([agreed]: readonly AgreedExtension[]): string | undefined {
  return agreed && describeDeflate(agreed.params as ExtensionParams)
}
