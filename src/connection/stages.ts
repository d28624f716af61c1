/**
 * Which extensions work for a connection: those of its agreement, checked, each with what it has opened. Knows nothing of messages.
 *
 * @module
 */

import { describeValue, requireRecord } from '../arguments.ts'
import { ProtocolError } from '../errors.ts'
import type { Transform } from '../frame/transform.ts'
import type { AgreedExtension, Agreement } from '../handshake/agreement.ts'
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
  const agreed = (agreement as Agreement | null)?.extensions
  if (!Array.isArray(agreed)) {
    requireRecord(agreement, '`agreement`')
    throw new TypeError(
      '`agreement` must be the result of acceptHandshake or verifyHandshake with `ok: true`; this object has no list of `extensions`',
    )
  }
  const { subprotocol } = agreement
  if (subprotocol !== undefined && typeof subprotocol !== 'string')
    throw new TypeError(`\`agreement.subprotocol\` must be a string, not ${describeValue(subprotocol)}`)
  for (const extension of extensions) checkExtension(extension)
  for (const extension of agreed) checkAgreed(extension)
  let bits = 0
  return agreed.map(({ name, params }, index) => {
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
      transform: open(extension, params, role),
      encodes: false,
      fresh: true,
      more: false,
    }
  })
}

function checkExtension(extension: Extension): void {
  requireRecord(extension, 'each of `extensions`')
  if (typeof extension.open !== 'function')
    throw new TypeError(`the extension ${describeValue(extension.name)} has no function \`open\``)
  // RFC 6455 §5.8: opcodes and "control frames" may be an extension's, too.
  if ('opcodes' in extension && extension.opcodes !== undefined)
    throw new TypeError(
      `the extension ${describeValue(extension.name)} claims \`opcodes\`; an extension of a Connection transforms data messages only. To read frames of other opcodes, use \`decodeFrameHeader\`, and \`checkFrameHeader\` with \`opcodes\``,
    )
}

function checkAgreed(agreed: AgreedExtension): void {
  requireRecord(agreed, 'each extension of `agreement`')
  if (typeof agreed.name !== 'string')
    throw new TypeError(
      `each extension of \`agreement\` has a name, which is a string, not ${describeValue(agreed.name)}`,
    )
}

/** An agreement is the caller's, even if it was stored in between: parameters that do not fit are no fault of the peer's. */
function open(extension: Extension, params: unknown, role: Role): Transform | undefined {
  try {
    return extension.open(params, role)
  } catch (error) {
    if (!(error instanceof ProtocolError || error instanceof RangeError)) throw error
    const message = `the agreement has parameters that the extension ${extension.name} does not take: ${error.message}`
    throw new TypeError(message, { cause: error })
  }
}
