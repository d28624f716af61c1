/**
 * `defineExtension` checks an extension once and adds the functions that handshakes and connections need to run it.
 *
 * @module
 */

import { describeValue, requireRecord, requireType, wrongArgument } from '../arguments.ts'
import { isToken } from '../http/grammar.ts'
import type { DefinedExtension, Extension } from './extension.ts'
import { acceptExtensions, offerExtensions, verifyExtensions } from './negotiate.ts'
import { openPipeline } from './pipeline.ts'
import type { ExtensionSupport } from './support.ts'

const support: ExtensionSupport = {
  offer: offerExtensions,
  accept: acceptExtensions,
  verify: verifyExtensions,
  open: openPipeline,
}

/**
 * Defines an extension for the `extensions` of handshakes and connections. The result of `permessageDeflate` is already defined.
 *
 * @param extension Kept: its methods are called on this object. `name` and `rsv` are read once.
 * @returns A frozen object that calls `extension`. Define an extension once for the whole program.
 * @throws TypeError for a `name` that is not a token (RFC 6455 §9.1), an `rsv` that is not a whole number from 0 to 7, a missing method,
 *   and a member `opcodes`: an extension transforms data messages only.
 *
 * @example
 * const reversed = defineExtension({
 *   name: 'x-reversed',
 *   rsv: Rsv.RSV2,
 *   offer: () => [{}],
 *   accept: () => ({ params: null, response: {} }),
 *   verify: () => null,
 *   open: () => ({ encode: (piece) => piece.toReversed(), decode: (piece) => piece.toReversed() }),
 * })
 * const accepted = acceptHandshake(request, { extensions: [reversed] })
 *
 * @category Compression and extensions
 */
export function defineExtension<Params>(extension: Extension<Params>): DefinedExtension<Params> {
  requireRecord(extension, 'an extension')
  const { name, rsv } = extension
  if (typeof name !== 'string' || !isToken(name))
    throw wrongArgument('`name` of an extension', 'a token', describeValue(name))
  if (!Number.isInteger(rsv) || rsv < 0 || rsv > 7)
    throw wrongArgument(`\`rsv\` of ${name}`, '0 to 7', describeValue(rsv))
  for (const method of ['offer', 'accept', 'verify', 'open'] as const)
    requireType(extension[method], 'function', `\`${method}\` of ${name}`)
  // RFC 6455 §5.8 lets extensions define opcodes and "control frames" too.
  if ((extension as { readonly opcodes?: unknown }).opcodes !== undefined)
    throw new TypeError(`\`opcodes\` of ${name}: only data messages can be transformed`)
  const defined: Extension<Params> = {
    name,
    rsv,
    offer: () => extension.offer(),
    accept: (offer) => extension.accept(offer),
    verify: (response, offers) => extension.verify(response, offers),
    open: (params, role) => extension.open(params, role),
  }
  // Not enumerable, so that a changed copy, `{ ...defined, name }`, must be defined again.
  return Object.freeze(Object.defineProperty(defined, 'support', { value: support })) as DefinedExtension<Params>
}
