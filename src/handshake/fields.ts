/**
 * Names of the handshake's own header fields, and the check that the caller's extra `headers` contain none of them.
 *
 * @module
 */

import { lowerCase } from '../bytes/ascii.ts'
import { type HeaderList, type HeaderSource, toExtraHeaders as toHeaders } from '../http/headers.ts'

/** Names as written; comparison is case-insensitive. */
export const field = {
  key: 'Sec-WebSocket-Key',
  accept: 'Sec-WebSocket-Accept',
  version: 'Sec-WebSocket-Version',
  protocol: 'Sec-WebSocket-Protocol',
  extensions: 'Sec-WebSocket-Extensions',
} as const

/** In lower case: fields that the handshake writes itself, and those that would give its messages a body. */
const reserved: readonly string[] = /* @__PURE__ */ reservedNames()

/** One pure call, so that a bundler can drop the list. */
function reservedNames(): readonly string[] {
  const own = Object.values(field).map(lowerCase)
  return [...own, 'connection', 'upgrade', 'content-length', 'transfer-encoding']
}

/**
 * The caller's own fields, as a list. Throws `TypeError` for one that would conflict with the handshake, and for invalid
 * characters: the head may be written by another formatter.
 */
export function toExtraHeaders(source: HeaderSource | undefined): HeaderList {
  return toHeaders(source, reserved)
}
