/**
 * Which extensions are used, by offers and answers (RFC 6455 §9.1): a pipeline of any number of them. Knows that no RSV bit
 * can mean two things; what an extension's parameters mean is its own.
 *
 * @module
 */

import { attempt, ProtocolError, quote } from '../errors.ts'
import { isToken } from '../http/grammar.ts'
import type { AgreedExtension } from './agreement.ts'
import { type Extension, type ExtensionEntry, MAX_DECLINED, toExtensionParams } from './extension.ts'
import { formatExtensions } from './extensions.ts'

/** What a server makes of a client's offers. */
export interface Negotiated {
  readonly agreed: AgreedExtension[]
  /** What the answer lists, in the order in which the extensions work on a message that is sent. */
  readonly response: ExtensionEntry[]
  /** Why offers were declined, in their order: what extensions threw. At most {@link MAX_DECLINED}. */
  readonly declined: ProtocolError[]
}

/** All that a client offers, in order: each extension's alternatives, best first. Throws as {@link checkExtensions} does. */
export function offerExtensions(extensions: readonly Extension[]): ExtensionEntry[] {
  checkExtensions(extensions)
  return extensions.flatMap((extension) =>
    extension.offer().map((params) => ({ name: extension.name, params: toExtensionParams(params) })),
  )
}

/** Throws `TypeError` for a name that is no token or comes twice: which of two objects is meant, no answer could tell. */
export function checkExtensions(extensions: readonly Extension[]): void {
  for (const [index, { name, rsv }] of extensions.entries()) {
    if (!isToken(name))
      throw new TypeError(`the extension ${JSON.stringify(name)} has no token for a name (RFC 6455 §9.1)`)
    if (findExtension(extensions, name) !== extensions[index])
      throw new TypeError(`two extensions are named ${name}; one object offers several alternatives`)
    if (!Number.isInteger(rsv) || rsv < 0 || rsv > 7)
      throw new TypeError(`the extension ${name} has rsv ${rsv}; a sum of \`Rsv\` is expected, 0 to 7`)
  }
}

/**
 * The server's choice, in the client's order of preference. Of several offers of one name the first that its extension
 * accepts is taken; an extension whose RSV bits are taken already is declined. A `ProtocolError` that an extension throws
 * declines one offer; anything else passes through. Behind {@link MAX_DECLINED} of them nothing more is looked at.
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
    requireAnswer(extension, accepted)
    used.add(extension)
    bits |= extension.rsv
    negotiated.agreed.push({ name: extension.name, params: accepted.params })
    negotiated.response.push({ name: extension.name, params: toExtensionParams(accepted.response) })
  }
  return negotiated
}

/**
 * What a client makes of the server's answer. Throws `ProtocolError` `extension` for one that was not offered, that comes
 * twice, whose parameters do not answer the offer, or whose RSV bits another one has taken (RFC 6455 §4.1 item 5, §9.1); what
 * an extension throws itself passes through.
 *
 * @param offers What the request listed.
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
  const verified = extension.verify(
    answer.params,
    offers.map(({ params }) => params),
  )
  if (verified === undefined)
    throw fault(`${quote(formatExtensions([answer]))}, which fits none of the offers (${formatExtensions(offers)})`)
  requireAnswer(extension, verified)
  return verified
}

/** A promise is no answer: it would be agreed on. */
function requireAnswer({ name }: Extension, answer: unknown): void {
  if (typeof (answer as { then?: unknown } | null)?.then === 'function')
    throw new TypeError(`the extension ${name} answers with a promise; it has to answer at once`)
}

function findExtension(extensions: readonly Extension[], name: string): Extension | undefined {
  return extensions.find((extension) => extension.name === name)
}

function fault(found: string, section = '§9.1'): ProtocolError {
  return new ProtocolError('extension', `the 101 names ${found}`, { reference: `RFC 6455 ${section}` })
}
