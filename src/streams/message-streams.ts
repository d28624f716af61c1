/**
 * Entry point of the streams layer for callers that do the handshake themselves: connects a connection to a transport.
 *
 * @module
 */

import { requireOptions } from '../arguments.ts'
import { requireBytes } from '../bytes/view.ts'
import { Connection } from '../connection/connection.ts'
import type { ConnectionOptions } from '../connection/options.ts'
import type { Role } from '../types.ts'
import {
  type ByteStreams,
  connectionOptionsOf,
  type MessageStreams,
  resolveReadAhead,
  type StreamOptions,
  streamOptionKinds,
} from './options.ts'
import { Shell } from './shell.ts'
import { Transport } from './transport.ts'

/** The options of {@link messageStreams}. */
export interface MessageStreamsOptions extends StreamOptions, Pick<ConnectionOptions, 'agreement' | 'extensions'> {
  /** Which side we are. */
  readonly role: Role
  /** Bytes received after the head. Borrowed until they have been read, which is when messages are first requested. */
  readonly rest?: Uint8Array | undefined
}

/** The connection and the handshake check the others. */
const messageStreamsKinds = {
  ...streamOptionKinds,
  role: 'any',
  agreement: 'any',
  extensions: 'any',
  rest: 'any',
} as const

/**
 * A WebSocket over a pair of byte streams, after your own handshake: `acceptHandshake` with the 101 sent, or `verifyHandshake`, has
 * succeeded.
 *
 * The transport is read only while messages are requested, plus a little ahead (`readAhead`); a write waits until the transport has
 * accepted the bytes. Pings are answered and a Close is noticed as far as reading goes, even if the application never writes.
 *
 * The peer's Close is answered at once if the readable is not locked; otherwise when its reader asks for more than there is, or the
 * writable is closed, so `readable.pipeTo(writable)` loses no reply. (Messages still inside a `TransformStream` between the two may
 * be too late.) Streams do not report a released lock: if you release the reader and stop reading, call `close`, or the answer
 * waits for the next write or the transport's end; until then writes are accepted and wait with it. A server then ends the
 * transport, a client waits for the server to do so (RFC 6455 §7.1.1); then both byte streams are released.
 *
 * @param transport Locked until then.
 * @throws TypeError for streams that are already locked, and as {@link Connection} does; `RangeError` for invalid limits and sizes.
 *
 * @example
 * const { readable, writable } = messageStreams(Duplex.toWeb(socket), { role: 'server', agreement: accepted, rest: head })
 * await readable.pipeTo(writable)
 */
export function messageStreams(transport: ByteStreams, options: MessageStreamsOptions): MessageStreams {
  requireOptions(options, messageStreamsKinds, 'the options of messageStreams')
  const { role, agreement, extensions, rest } = options
  if (rest !== undefined) requireBytes(rest, '`rest`')
  const connection = new Connection({ ...connectionOptionsOf(options), role, agreement, extensions })
  const readAhead = resolveReadAhead(options.readAhead)
  const bytes = new Transport(transport)
  if (rest !== undefined) bytes.unshift(rest)
  return startStreams(connection, bytes, readAhead)
}

/** The same, over a transport that is already locked. */
export function startStreams(connection: Connection, transport: Transport, readAhead: number): MessageStreams {
  const shell = new Shell(connection, transport, readAhead)
  void shell.run()
  return {
    readable: shell.inbox.readable,
    writable: shell.writable,
    closed: shell.outcome.closed,
    close: (code, reason) => shell.close(code, reason),
  }
}
