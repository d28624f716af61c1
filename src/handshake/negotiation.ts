/**
 * Which extensions are used, by offers and answers (RFC 6455 §9.1): a pipeline of any number of them. Knows that no RSV bit
 * can mean two things; what an extension's parameters mean is its own.
 *
 * @module
 */

import { ProtocolError, quote } from '../errors.ts'
import type { AgreedExtension } from './agreement.ts'
import { type Extension, type ExtensionEntry, type ExtensionParams, toExtensionParams } from './extension.ts'

/** What a server makes of a client's offers. */
export interface Negotiated {
  readonly agreed: AgreedExtension[]
  /** What the answer lists, in the order in which the extensions work on a message that is sent. */
  readonly response: ExtensionEntry[]
}

/** All that a client offers, in order: each extension's alternatives, best first. */
export function offerExtensions(extensions: readonly Extension[]): ExtensionEntry[] {
  return extensions.flatMap((extension) =>
    extension.offer().map((params) => ({ name: extension.name, params: toExtensionParams(params) })),
  )
}

/**
 * The server's choice, in the client's order of preference. Of several offers of one name the first that its extension
 * accepts is taken; an extension whose RSV bits are taken already is declined.
 */
export function acceptExtensions(offers: readonly ExtensionEntry[], extensions: readonly Extension[]): Negotiated {
  const negotiated: Negotiated = { agreed: [], response: [] }
  const used = new Set<Extension>()
  let bits = 0
  for (const { name, params } of offers) {
    const extension = findExtension(extensions, name)
    if (extension === undefined || used.has(extension) || (extension.rsv & bits) !== 0) continue
    const accepted = extension.accept(params)
    if (accepted === undefined) continue
    used.add(extension)
    bits |= extension.rsv
    negotiated.agreed.push({ name: extension.name, params: accepted.params })
    negotiated.response.push({ name: extension.name, params: toExtensionParams(accepted.response) })
  }
  return negotiated
}

/**
 * What a client makes of the server's answer. Throws `ProtocolError` `extension` for one that was not offered, that comes
 * twice, whose parameters do not answer the offer, or whose RSV bits another one has taken (RFC 6455 §4.1 item 5, §9.1).
 */
export function verifyExtensions(
  answers: readonly ExtensionEntry[],
  extensions: readonly Extension[],
): AgreedExtension[] {
  const used = new Set<Extension>()
  let bits = 0
  return answers.map(({ name, params }) => {
    const extension = findExtension(extensions, name)
    if (extension === undefined) throw fault(`the extension ${quote(name)}, which was not offered`, '§4.1')
    if (used.has(extension)) throw fault(`the extension ${quote(name)} twice`)
    if ((extension.rsv & bits) !== 0)
      throw fault(`two extensions that use one RSV bit, the second being ${quote(name)}`)
    used.add(extension)
    bits |= extension.rsv
    return { name: extension.name, params: verifyOne(extension, params) }
  })
}

function verifyOne(extension: Extension, params: ExtensionParams): unknown {
  const verified = extension.verify(params, extension.offer().map(toExtensionParams))
  if (verified === undefined) throw fault(`an answer for ${extension.name} that does not fit what was offered`)
  return verified
}

function findExtension(extensions: readonly Extension[], name: string): Extension | undefined {
  return extensions.find((extension) => extension.name === name)
}

function fault(found: string, section = '§9.1'): ProtocolError {
  return new ProtocolError('extension', `the 101 names ${found}`, { reference: `RFC 6455 ${section}` })
}
