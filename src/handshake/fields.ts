/**
 * The handshake's own fields, which nobody else may bring along. Knows their names, not their grammar.
 *
 * @module
 */

import { lowerCase } from '../bytes/ascii.ts'
import type { HeaderList, HeaderSource } from '../http/headers.ts'
import { toSendableFields } from '../http/sendable-fields.ts'

/** As they are written; they compare without letter case. */
export const field = {
  key: 'Sec-WebSocket-Key',
  accept: 'Sec-WebSocket-Accept',
  version: 'Sec-WebSocket-Version',
  protocol: 'Sec-WebSocket-Protocol',
  extensions: 'Sec-WebSocket-Extensions',
} as const

/** In lower case: what the handshake writes itself, and what would give its messages a body. */
const reserved: ReadonlySet<string> = /* @__PURE__ */ reservedNames()

/** One pure call, so that a bundler may drop the set: of `new Set(…)` it would keep what is called inside. */
function reservedNames(): ReadonlySet<string> {
  const own = Object.values(field).map(lowerCase)
  return new Set([...own, 'connection', 'upgrade', 'content-length', 'transfer-encoding'])
}

/**
 * The caller's own fields, as a list. Throws `TypeError` for one that would contradict the handshake, and for what no field can
 * carry: others than our formatter may write it.
 */
export function toExtraHeaders(source: HeaderSource | undefined): HeaderList {
  return toSendableFields(source, reserved, 'is written by the handshake; leave it out of `headers`')
}
