/**
 * The functions that a defined extension provides to handshakes and connections. They reach negotiation and pipeline only through
 * these, so a program without extensions loads neither.
 *
 * @module
 */

import { describeType, requireType, wrongArgument } from '../arguments.ts'
import type { ResolvedLimits } from '../limits.ts'
import type { Role } from '../types.ts'
import type { AgreedExtension, DefinedExtension, Extension, ExtensionEntry } from './extension.ts'
import type { Negotiated, OfferedExtensions } from './negotiate.ts'
import type { Pipeline } from './pipeline.ts'

/** The functions that work on a whole list of extensions. They are the same for every list. */
export interface ExtensionSupport {
  offer(extensions: readonly Extension[]): OfferedExtensions
  accept(offers: readonly ExtensionEntry[], extensions: readonly Extension[]): Negotiated
  verify(
    answers: readonly ExtensionEntry[],
    extensions: readonly Extension[],
    offers: readonly ExtensionEntry[],
  ): AgreedExtension[]
  open(
    agreed: readonly AgreedExtension[],
    extensions: readonly Extension[],
    role: Role,
    limits: ResolvedLimits,
  ): Pipeline
}

/** Throws `TypeError` unless all are defined extensions with different names: an agreement could not distinguish two of one name. */
export function requireExtensions(extensions: readonly DefinedExtension[]): void {
  requireType(extensions, 'array', '`extensions`')
  for (let i = 0; i < extensions.length; i++) {
    const extension: unknown = extensions[i]
    if (!isDefined(extension))
      throw wrongArgument(`\`extensions[${i}]\``, 'a result of defineExtension', describeType(extension))
    if (i > 0 && extensions.findIndex(({ name }) => name === extension.name) < i)
      throw new TypeError(`two extensions are named ${extension.name}`)
  }
}

function isDefined(extension: unknown): extension is DefinedExtension {
  const support: unknown = (extension as DefinedExtension | null | undefined)?.support
  return typeof support === 'object' && support !== null
}

/** Returns the functions for a list of extensions; `undefined` if the list is empty. */
export function supportOf(extensions: readonly DefinedExtension[]): ExtensionSupport | undefined {
  return extensions[0]?.support as ExtensionSupport | undefined
}
