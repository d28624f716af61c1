/**
 * Streams of messages for whoever has made the handshake already. Knows how a connection and a transport are put together.
 *
 * @module
 */

import { checkOptionNames } from '../arguments.ts'
import { requireBytes } from '../bytes/view.ts'
import { Connection } from '../connection/connection.ts'
import type { ConnectionOptions } from '../connection/options.ts'
import { limitNames } from '../limits.ts'
import type { Role } from '../types.ts'
import {
  type ByteStreams,
  connectionOptionsOf,
  type MessageStreams,
  resolveReadAhead,
  type StreamOptions,
  streamOptionNames,
} from './options.ts'
import { Shell } from './shell.ts'
import { Transport } from './transport.ts'

/** What a WebSocket is made of. */
export interface MessageStreamsOptions extends StreamOptions, Pick<ConnectionOptions, 'agreement' | 'extensions'> {
  /** The side that this end plays. */
  readonly role: Role
  /** Bytes that came behind the head. Borrowed until they have been read, which is when messages are first wanted. */
  readonly rest?: Uint8Array | undefined
}

const messageStreamsOptionNames: readonly string[] = [...streamOptionNames, 'role', 'agreement', 'extensions', 'rest']

/**
 * A WebSocket over a pair of byte streams, behind a handshake of one's own: `acceptHandshake` and the 101, or
 * `verifyHandshake`, have been dealt with.
 *
 * The transport is read only while messages are wanted, and a little ahead (`readAhead`); writing waits until the transport
 * has taken what was written. Pings are answered and a Close is seen as far as reading goes, whether or not anybody writes.
 *
 * The peer's Close is answered at once where nobody holds a reader; else when that reader asks for more than there is, or the
 * writable is closed, so that `readable.pipeTo(writable)` loses no answer. (What is still inside of a `TransformStream` between
 * the two may come too late.) Streams tell nobody that a reader has let go of its lock: who does so and reads no more calls
 * `close`, or the answer waits for the next write or the transport's end; until then writes are taken, and wait with it. A
 * server then ends the transport, a client waits for the server's end (RFC 6455 §7.1.1); then both streams are let go of.
 *
 * @param transport Locked until then.
 * @throws TypeError for streams that somebody else holds, and as {@link Connection}; `RangeError` for limits and sizes that
 *   are none.
 *
 * @example
 * const { readable, writable } = messageStreams(Duplex.toWeb(socket), { role: 'server', agreement: accepted, rest: head })
 * await readable.pipeTo(writable)
 */
export function messageStreams(transport: ByteStreams, options: MessageStreamsOptions): MessageStreams {
  checkOptionNames(options, messageStreamsOptionNames, 'the options of messageStreams', { limits: limitNames })
  const { role, agreement, extensions, rest } = options
  if (rest !== undefined) requireBytes(rest, '`rest`')
  const connection = new Connection({ ...connectionOptionsOf(options), role, agreement, extensions })
  const readAhead = resolveReadAhead(options.readAhead)
  const bytes = new Transport(transport)
  if (rest !== undefined) bytes.unshift(rest)
  return startStreams(connection, bytes, readAhead)
}

/** The same over a transport that is ours already. */
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
