/**
 * The usual beginning of a WebSocket server's 101, encoded once: the status line and the first two fields, three quarters of the
 * response.
 *
 * @module
 */

import { writeLatin1 } from '../bytes/latin1.ts'
import type { HeaderPairs } from './headers.ts'
import type { ResponseLike } from './response.ts'

const START = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'

/** The number of fields in the usual beginning. */
export const START_FIELDS = 2

/** Encoded when first needed, and never returned to a caller of the package. */
let start: Uint8Array | undefined

/** Returns the first bytes of a response that has the usual status line and first {@link START_FIELDS} fields, else `undefined`. */
export function usualStart(
  { status, reason, continueFirst }: ResponseLike,
  [upgrade, connection]: HeaderPairs,
): Uint8Array | undefined {
  if (status !== 101 || reason !== 'Switching Protocols' || continueFirst) return undefined
  if (upgrade?.[0] !== 'Upgrade' || upgrade[1] !== 'websocket') return undefined
  if (connection?.[0] !== 'Connection' || connection[1] !== 'Upgrade') return undefined
  start ??= encodeStart()
  return start
}

function encodeStart(): Uint8Array {
  const bytes = new Uint8Array(START.length)
  writeLatin1(START, bytes, 0)
  return bytes
}
