/**
 * The extensions of a connection's agreement, checked and opened. The pipeline then runs them on messages.
 *
 * @module
 */

import { describeValue, requireRecord } from '../arguments.ts'
import { ProtocolError } from '../errors.ts'
import type { Transform } from '../frame/transform.ts'
import type { AgreedExtension, Agreement } from '../handshake/agreement.ts'
import type { Extension } from '../handshake/extension.ts'
import type { Role } from '../types.ts'

/** One open extension. */
export interface Stage {
  readonly name: string
  readonly rsv: number
  /** `undefined`: the application encodes and decodes its messages. */
  readonly transform: Transform | undefined
  /** Whether it processes the current outgoing message. */
  encodes: boolean
  /** Whether it has received nothing of the current incoming message. */
  fresh: boolean
  /** Whether it has more output of its input so far. */
  more: boolean
}

/**
 * The extensions of an agreement, in its order.
 *
 * @throws TypeError for an invalid agreement, one that names an extension twice or one that `extensions` lacks, and for extensions
 *   that share an RSV bit or use an invalid one.
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

/** The caller provides the agreement, even if it was stored in between: invalid parameters are not the peer's error. */
function open(extension: Extension, params: unknown, role: Role): Transform | undefined {
  try {
    return extension.open(params, role)
  } catch (error) {
    if (!(error instanceof ProtocolError || error instanceof RangeError)) throw error
    const message = `the agreement has parameters that the extension ${extension.name} does not take: ${error.message}`
    throw new TypeError(message, { cause: error })
  }
}
