/**
 * Checks the agreement of a connection and opens its extensions. Runs once, in the constructor.
 *
 * @module
 */

import { requireOptional, requireRecord } from '../arguments.ts'
import { type AgreedExtension, type DefinedExtension, missingExtension } from '../extensions/extension.ts'
import type { Pipeline } from '../extensions/pipeline.ts'
import { supportOf } from '../extensions/support.ts'
import type { Agreement } from '../handshake/agreement.ts'
import type { ResolvedLimits } from '../limits.ts'
import type { Role } from '../types.ts'

/**
 * Opens the pipeline of an agreement; returns `undefined` if the agreement has no extensions.
 *
 * @throws TypeError for an invalid agreement or one that its extensions do not fit, and for extensions without an agreement: they would
 *   not be used, and messages of a peer that uses them would be rejected.
 */
export function openExtensions(
  agreement: Agreement | undefined,
  extensions: readonly DefinedExtension[],
  role: Role,
  limits: ResolvedLimits,
): Pipeline | undefined {
  if (agreement === undefined) {
    if (extensions.length > 0) throw new TypeError('`extensions` need an `agreement`')
    return undefined
  }
  const agreed = (agreement as Agreement | null)?.extensions
  if (!Array.isArray(agreed)) {
    requireRecord(agreement, '`agreement`')
    throw new TypeError('`agreement` must be the result of a handshake; this object has no list of `extensions`')
  }
  requireOptional(agreement.subprotocol, 'string', '`agreement.subprotocol`')
  if (agreed.length === 0) return undefined
  for (const extension of agreed) requireRecord(extension, 'each extension of `agreement`')
  const support = supportOf(extensions)
  if (support !== undefined) return support.open(agreed, extensions, role, limits)
  throw missingExtension((agreed[0] as AgreedExtension).name)
}
