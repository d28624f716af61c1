/** What we make of a handshake's bytes, as a server and as a client. */

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
import type { Verdict } from './difference.ts'
import { spoken } from './values-requests.ts'
import { offered } from './values-responses.ts'

export function judgeRequest(text: string): Verdict {
  const parsed = new RequestHeadParser().push(Buffer.from(text, 'latin1'))
  if (parsed === undefined) return { state: 'waiting' }
  const accepted = acceptHandshake(parsed, { subprotocols: spoken, extensions: [deflate], origins: 'any' })
  if (!accepted.ok) {
    const statuses = accepted.errors.map(({ status = 400 }) => status)
    return { state: 'refused', whys: accepted.errors.map(spell), statuses }
  }
  const accept = getHeader(accepted.response.headers, 'sec-websocket-accept')
  return { state: 'accepted', accept, subprotocol: accepted.subprotocol, deflate: spellDeflate(accepted.extensions) }
}

const offer: Offer = offerHandshake('ws://a.example/', { key: KEY, subprotocols: offered, extensions: [deflate] })

export function judgeResponse(text: string): Verdict {
  const parsed = new ResponseHeadParser().push(Buffer.from(text, 'latin1'))
  if (parsed === undefined) return { state: 'waiting' }
  const verified = verifyHandshake(parsed, offer)
  if (!verified.ok) return { state: 'refused', whys: verified.errors.map(spell) }
  return { state: 'accepted', subprotocol: verified.subprotocol, deflate: spellDeflate(verified.extensions) }
}

function spell({ code, reference, message }: ProtocolError): string {
  return `${code} (${reference}): ${message}`
}

function spellDeflate([agreed]: readonly AgreedExtension[]): string | undefined {
  return agreed && describeDeflate(agreed.params as ExtensionParams)
}
