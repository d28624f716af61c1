/**
 * Which extensions work for a connection: those of its agreement, checked, each with what it has opened. Knows nothing of messages.
 *
 * @module
 */

import type { Transform } from '../frame/transform.ts'
import type { Agreement } from '../handshake/agreement.ts'
import type { Extension } from '../handshake/extension.ts'
import type { Role } from '../types.ts'

/** One extension at work. */
export interface Stage {
  readonly name: string
  readonly rsv: number
  /** `undefined`: what it does is done by somebody else, in some other time. */
  readonly transform: Transform | undefined
  /** Whether it works on the message that goes out. */
  encodes: boolean
  /** Whether it has been given nothing of the message that comes in. */
  fresh: boolean
  /** Whether it has more output of what it was given. */
  more: boolean
}

/**
 * The extensions of an agreement, in its order.
 *
 * @throws TypeError for an agreement that is none, that names what `extensions` lacks or names it twice, and for extensions of
 *   which two use one RSV bit, or one a bit that there is not.
 */
export function openStages(agreement: Agreement, extensions: readonly Extension[], role: Role): Stage[] {
  if (!Array.isArray(agreement.extensions)) throw new TypeError('this is no agreement: it has no list of extensions')
  let bits = 0
  return agreement.extensions.map(({ name, params }, index, agreed) => {
    const extension = extensions.find((candidate) => candidate.name === name)
    if (extension === undefined)
      throw new TypeError(
        `the agreement names the extension ${JSON.stringify(name)}, which \`extensions\` lacks; a connection without it would misread its peer`,
      )
    if (agreed.findIndex((other) => other.name === name) !== index)
      throw new TypeError(`the agreement names the extension ${JSON.stringify(name)} twice`)
    if (!Number.isInteger(extension.rsv) || extension.rsv < 0 || extension.rsv > 7 || (extension.rsv & bits) !== 0)
      throw new TypeError(
        `the extension ${name} has rsv ${extension.rsv}; a sum of \`Rsv\` is expected that no other one has`,
      )
    bits |= extension.rsv
    return {
      name,
      rsv: extension.rsv,
      transform: extension.open(params, role),
      encodes: false,
      fresh: true,
      more: false,
    }
  })
}
