/**
 * Extension negotiation, for both sides (RFC 6455 §9.1): from the offered and answered entries to the list of extensions in use.
 * No two may share an RSV bit; each extension interprets its own parameters.
 *
 * @module
 */

import { describeType, describeValue, wrongAnswer } from '../arguments.ts'
import { attempt, ProtocolError, quote } from '../errors.ts'
import { isToken } from '../http/grammar.ts'
import type { AgreedExtension } from './agreement.ts'
import {
  type AcceptedOffer,
  type Extension,
  type ExtensionEntry,
  type ExtensionParams,
  isExtensionParamsSource,
  MAX_DECLINED,
  toExtensionParams,
} from './extension.ts'
import { formatExtensions } from './extensions.ts'

/** The server's result for a client's offers. */
export interface Negotiated {
  readonly agreed: AgreedExtension[]
  /** The entries of the response, in the order in which the extensions process an outgoing message. */
  readonly response: ExtensionEntry[]
  /** The errors with which extensions declined offers, in order. At most {@link MAX_DECLINED}. */
  readonly declined: ProtocolError[]
}

/** All of a client's offers, in order: each extension's alternatives, best first. Throws as {@link checkExtensions} does. */
export function offerExtensions(extensions: readonly Extension[]): ExtensionEntry[] {
  checkExtensions(extensions)
  return extensions.flatMap((extension) => {
    const offers: unknown = extension.offer()
    if (!Array.isArray(offers) || !offers.every(isExtensionParamsSource))
      throw wrongAnswer(`${extension.name}.offer`, 'an array of parameters, each as pairs or as a record', offers)
    return offers.map((params) => ({ name: extension.name, params: toExtensionParams(params) }))
  })
}

/** Throws `TypeError` for invalid extensions, and for duplicate names: a response could not say which of two is meant. */
export function checkExtensions(extensions: readonly Extension[]): void {
  if (!Array.isArray(extensions))
    throw new TypeError(`\`extensions\` must be an array of extensions, not ${describeType(extensions)}`)
  for (const [index, extension] of extensions.entries()) {
    if (!isExtension(extension))
      throw new TypeError(
        `\`extensions[${index}]\` must be an extension, with offer, accept, verify and open, not ${describeType(extension)}`,
      )
    const { name, rsv } = extension
    if (!isToken(name))
      throw new TypeError(`the extension ${describeValue(name)} has no token for a name (RFC 6455 §9.1)`)
    if (findExtension(extensions, name) !== extensions[index])
      throw new TypeError(`two extensions are named ${name}; one object offers several alternatives`)
    if (!Number.isInteger(rsv) || rsv < 0 || rsv > 7)
      throw new TypeError(`the extension ${name} has rsv ${rsv}; a sum of \`Rsv\` is expected, 0 to 7`)
  }
}

function isExtension(value: unknown): value is Extension {
  if (typeof value !== 'object' || value === null) return false
  const { name, offer, accept, verify, open } = value as Record<keyof Extension, unknown>
  return typeof name === 'string' && [offer, accept, verify, open].every((member) => typeof member === 'function')
}

/**
 * The server's choice, in the client's order of preference. Of several offers with one name, the first that the extension
 * accepts is used; an extension whose RSV bits are already in use is skipped. A `ProtocolError` thrown by an extension
 * declines one offer; anything else passes through. After {@link MAX_DECLINED} of them, the remaining offers are ignored.
 */
export function acceptExtensions(offers: readonly ExtensionEntry[], extensions: readonly Extension[]): Negotiated {
  const negotiated: Negotiated = { agreed: [], response: [], declined: [] }
  const used = new Set<Extension>()
  let bits = 0
  for (const { name, params } of offers) {
    if (negotiated.declined.length === MAX_DECLINED) break
    const extension = findExtension(extensions, name)
    if (extension === undefined || used.has(extension) || (extension.rsv & bits) !== 0) continue
    const accepted = attempt(() => extension.accept(params))
    if (accepted instanceof ProtocolError) negotiated.declined.push(accepted)
    if (accepted === undefined || accepted instanceof ProtocolError) continue
    requireAccepted(extension, accepted)
    used.add(extension)
    bits |= extension.rsv
    negotiated.agreed.push({ name: extension.name, params: accepted.params })
    negotiated.response.push({ name: extension.name, params: toExtensionParams(accepted.response) })
  }
  return negotiated
}

/**
 * Checks the server's choice for a client. Throws `ProtocolError` `extension` for one that was not offered, is listed
 * twice, has parameters that do not fit the offer, or shares an RSV bit with another (RFC 6455 §4.1 item 5, §9.1); what
 * an extension throws itself passes through.
 *
 * @param offers The entries of the request.
 */
export function verifyExtensions(
  answers: readonly ExtensionEntry[],
  extensions: readonly Extension[],
  offers: readonly ExtensionEntry[],
): AgreedExtension[] {
  const used = new Set<Extension>()
  let bits = 0
  return answers.map((answer) => {
    const { name } = answer
    const extension = findExtension(extensions, name)
    const offered = offers.filter((offer) => offer.name === name)
    if (extension === undefined || offered.length === 0)
      throw fault(`the extension ${quote(name)}, which was not offered`, '§4.1')
    if (used.has(extension)) throw fault(`the extension ${quote(name)} twice`)
    if ((extension.rsv & bits) !== 0)
      throw fault(`two extensions that use one RSV bit, the second being ${quote(name)}`)
    used.add(extension)
    bits |= extension.rsv
    return { name: extension.name, params: verifyOne(extension, answer, offered) }
  })
}

function verifyOne(extension: Extension, answer: ExtensionEntry, offers: readonly ExtensionEntry[]): unknown {
  // Copies, so that the extension cannot change the offer.
  const verified = extension.verify(
    copyParams(answer.params),
    offers.map(({ params }) => copyParams(params)),
  )
  if (verified === undefined)
    throw fault(`${quote(formatExtensions([answer]))}, which fits none of the offers (${formatExtensions(offers)})`)
  if (verified === false || typeof verified === 'function' || describeType(verified) === 'a promise')
    throw wrongAnswer(`${extension.name}.verify`, 'parameters as plain data, or undefined', verified)
  return verified
}

function copyParams(params: ExtensionParams): ExtensionParams {
  return params.map(([name, value]) => [name, value])
}

function requireAccepted({ name }: Extension, answer: unknown): asserts answer is AcceptedOffer<unknown> {
  const known = typeof answer === 'object' && answer !== null && 'params' in answer && 'response' in answer
  if (!known || !isExtensionParamsSource(answer.response))
    throw wrongAnswer(`${name}.accept`, '{ params, response }, or undefined', answer)
}

function findExtension(extensions: readonly Extension[], name: string): Extension | undefined {
  return extensions.find((extension) => extension.name === name)
}

function fault(found: string, section = '§9.1'): ProtocolError {
  return new ProtocolError('extension', `the 101 names ${found}`, { reference: `RFC 6455 ${section}` })
}
