/**
 * Names of the handshake's own header fields, and the check that the caller's extra `headers` contain none of them.
 *
 * @module
 */

import { lowerCase } from '../bytes/ascii.ts'
import type { HeaderList, HeaderSource } from '../http/headers.ts'
import { toSendableFields } from '../http/sendable-fields.ts'

/** Names as written; comparison is case-insensitive. */
export const field = {
  key: 'Sec-WebSocket-Key',
  accept: 'Sec-WebSocket-Accept',
  version: 'Sec-WebSocket-Version',
  protocol: 'Sec-WebSocket-Protocol',
  extensions: 'Sec-WebSocket-Extensions',
} as const

/** In lower case: fields that the handshake writes itself, and those that would give its messages a body. */
const reserved: ReadonlySet<string> = /* @__PURE__ */ reservedNames()

/** One pure call, so that a bundler can drop the set; of a bare `new Set(…)` it would keep the calls inside. */
function reservedNames(): ReadonlySet<string> {
  const own = Object.values(field).map(lowerCase)
  return new Set([...own, 'connection', 'upgrade', 'content-length', 'transfer-encoding'])
}

/**
 * The caller's own fields, as a list. Throws `TypeError` for one that would conflict with the handshake, and for invalid
 * characters: the head may be written by another formatter.
 */
export function toExtraHeaders(source: HeaderSource | undefined): HeaderList {
  return toSendableFields(source, reserved, 'is written by the handshake; leave it out of `headers`')
}
