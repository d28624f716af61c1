/**
 * Extension negotiation, for both sides (RFC 6455 §9.1): from the offered and answered entries to the list of extensions in use. Each
 * extension interprets its own parameters. Only extension objects refer to this module, so a handshake without extensions does not
 * load it.
 *
 * @module
 */

import { describeType, wrongAnswer } from '../arguments.ts'
import { attempt, ProtocolError, quote } from '../errors.ts'
import {
  type AgreedExtension,
  type Extension,
  type ExtensionEntry,
  isExtensionParamsSource,
  MAX_DECLINED,
  toExtensionParams,
} from './extension.ts'
import { formatEntries, notOffered, unfitAnswer } from './header.ts'

/** A client's offers. */
export interface OfferedExtensions {
  readonly entries: ExtensionEntry[]
  /** The value of `Sec-WebSocket-Extensions`; empty: no field. */
  readonly field: string
}

/** The result of a server's negotiation. */
export interface Negotiated {
  readonly agreed: AgreedExtension[]
  /** The value of `Sec-WebSocket-Extensions`, in the order in which the extensions process an outgoing message; empty: no field. */
  readonly field: string
  /** The errors with which extensions declined offers, in order. At most {@link MAX_DECLINED}. */
  readonly declined: ProtocolError[]
}

/** Collects a client's offers, in order: each extension's alternatives, best first. */
export function offerExtensions(extensions: readonly Extension[]): OfferedExtensions {
  const entries = extensions.flatMap((extension) => {
    const { name } = extension
    const offers: unknown = extension.offer()
    if (!Array.isArray(offers) || !offers.every(isExtensionParamsSource))
      throw wrongAnswer(`${name}.offer`, 'an array of parameters', offers)
    return offers.map((params) => ({ name, params: toExtensionParams(params) }))
  })
  return { entries, field: formatEntries(entries) }
}

/**
 * Chooses extensions for a server, in the client's order of preference. Of several offers with one name, the first that the extension
 * accepts is used; an extension whose RSV bits are already in use is skipped. A `ProtocolError` thrown by an extension declines one
 * offer; other exceptions pass through. After {@link MAX_DECLINED} such errors, the remaining offers are ignored.
 */
export function acceptExtensions(offers: readonly ExtensionEntry[], extensions: readonly Extension[]): Negotiated {
  const agreed: AgreedExtension[] = []
  const response: ExtensionEntry[] = []
  const declined: ProtocolError[] = []
  let bits = 0
  for (const { name, params } of offers) {
    if (declined.length === MAX_DECLINED) break
    const extension = findExtension(extensions, name)
    if (extension === undefined || isAgreed(agreed, name) || (extension.rsv & bits) !== 0) continue
    const accepted = attempt(() => extension.accept(params))
    if (accepted instanceof ProtocolError) declined.push(accepted)
    if (accepted === undefined || accepted instanceof ProtocolError) continue
    if (!isExtensionParamsSource((accepted as Partial<typeof accepted> | null)?.response) || !('params' in accepted))
      throw wrongAnswer(`${name}.accept`, '{ params, response }, or undefined', accepted)
    bits |= extension.rsv
    // Our own strings: a substring of the peer's head would keep the whole head in memory.
    agreed.push({ name: extension.name, params: accepted.params })
    response.push({ name: extension.name, params: toExtensionParams(accepted.response) })
  }
  return { agreed, field: formatEntries(response), declined }
}

/**
 * Checks the server's choice for a client. Throws `ProtocolError` `extension` for an extension that was not offered, is listed twice,
 * has parameters that do not fit the offer, or shares an RSV bit with another (RFC 6455 §4.1 item 5, §9.1). Exceptions of an extension
 * pass through.
 *
 * @param offers The entries of the request.
 */
export function verifyExtensions(
  answers: readonly ExtensionEntry[],
  extensions: readonly Extension[],
  offers: readonly ExtensionEntry[],
): AgreedExtension[] {
  const agreed: AgreedExtension[] = []
  let bits = 0
  for (const answer of answers) {
    const { name, params } = answer
    const extension = findExtension(extensions, name)
    const offered = offers.filter((offer) => offer.name === name)
    if (extension === undefined || offered.length === 0) throw notOffered(name)
    if (isAgreed(agreed, name)) throw unfitAnswer(`${quote(name)} twice`)
    if ((extension.rsv & bits) !== 0) throw unfitAnswer(`${quote(name)}, whose RSV bit another extension uses`)
    bits |= extension.rsv
    // Copies: the extension must not be able to change the offer.
    const verified = extension.verify(
      toExtensionParams(params),
      offered.map((offer) => toExtensionParams(offer.params)),
    )
    if (verified === undefined)
      throw unfitAnswer(`${quote(formatEntries([answer]))}, which fits none of the offers (${formatEntries(offered)})`)
    if (verified === false || typeof verified === 'function' || describeType(verified) === 'a promise')
      throw wrongAnswer(`${name}.verify`, 'plain data or undefined', verified)
    agreed.push({ name: extension.name, params: verified })
  }
  return agreed
}

function isAgreed(agreed: readonly AgreedExtension[], name: string): boolean {
  return agreed.some((extension) => extension.name === name)
}

function findExtension(extensions: readonly Extension[], name: string): Extension | undefined {
  return extensions.find((extension) => extension.name === name)
}
