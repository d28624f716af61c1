/**
 * Returns all events that a chunk causes: `receive` returns a limited amount at a time, and this calls it until nothing is pending.
 * A helper without tests.
 */

import type { Connection } from '../src/connection/connection.ts'
import type { ConnectionEvent, TextForm } from '../src/connection/events.ts'

const none = new Uint8Array(0)

export function receiveAll<Text extends TextForm, Pieces extends boolean>(
  connection: Connection<Text, Pieces>,
  chunk: Uint8Array,
  now?: number,
): ConnectionEvent<Text, Pieces>[] {
  const events = [...connection.receive(chunk, now)]
  while (connection.hasPending) events.push(...connection.receive(none, now))
  return events
}
