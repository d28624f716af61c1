/**
 * How most answers of a WebSocket server begin: the status line and the first two fields, encoded once. They are three quarters of the
 * answer.
 *
 * @module
 */

import { writeLatin1 } from '../bytes/latin1.ts'
import type { HeaderPairs } from './headers.ts'
import type { ResponseLike } from './response.ts'

const START = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'

/** The fields in it. */
export const START_FIELDS = 2

/** Encoded when it is first needed; never given away. */
let start: Uint8Array | undefined

/** The first bytes of an answer, if it begins in the usual way: its status line, and its first {@link START_FIELDS} fields. */
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
