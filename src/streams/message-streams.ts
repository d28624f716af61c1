/**
 * Entry point of the streams layer for callers that do the handshake themselves.
 *
 * @module
 */

import { type Kinds, requireOptions } from '../arguments.ts'
import { requireBytes } from '../bytes/view.ts'
import { Connection } from '../connection/connection.ts'
import type { ConnectionOptions } from '../connection/options.ts'
import { Peer, type PeerStart } from '../driver/peer.ts'
import type { Role } from '../types.ts'
import { Bridge } from './bridge.ts'
import { StreamDuplex } from './duplex.ts'
import { type ByteStreams, type MessageStreams, type StreamOptions, streamOptionKinds } from './options.ts'
import { type Setup, setUp } from './setup.ts'

/** The options of {@link messageStreams}. */
export interface MessageStreamsOptions extends StreamOptions, Pick<ConnectionOptions, 'agreement' | 'extensions'> {
  /** The side that we play. */
  readonly role: Role
  /** Bytes received after the head. Not copied: do not change them until messages are first requested. */
  readonly rest?: Uint8Array | undefined
}

/** The connection checks the other options. */
const messageStreamsKinds: Kinds = {
  ...streamOptionKinds,
  role: ['client', 'server'],
  agreement: 'any',
  extensions: 'array',
  rest: 'any',
}

/**
 * Creates message streams over a pair of byte streams after your own handshake: `acceptHandshake` has succeeded and you have sent the 101,
 * or `verifyHandshake` has succeeded.
 *
 * The transport is read only while messages are requested, plus a little ahead (`readAhead`). A write waits until the transport has taken
 * the bytes. While reading continues, pings are answered and a Close is noticed, even if the application never writes. A silent peer gets a
 * ping (`keepalive`).
 *
 * The peer's Close is answered at once if no reader can still reply to a message. Otherwise it is answered when the reader asks for more
 * messages, so `readable.pipeTo(writable)` loses no reply. (Messages inside a `TransformStream` between the two may be too late.) The
 * answer does not wait for a reader that takes nothing for one second, or if `writable` is closed. After both Closes a server ends the
 * transport; a client waits for the server to end it (RFC 6455 §7.1.1). Then both byte streams are released. This takes at most twice
 * `closeTimeout`, or at most `closeTimeout` after `readable` is canceled and `writable` aborted.
 *
 * Streams do not report a released lock. Before you call `close`, release the reader, or continue to read after it.
 *
 * @param transport Locked until both byte streams are released.
 * @throws TypeError for streams that are already locked, and as {@link Connection} does; `RangeError` for invalid limits and sizes.
 *
 * @example
 * const { readable, writable } = messageStreams(Duplex.toWeb(socket), { role: 'server', agreement: accepted, rest: head })
 * await readable.pipeTo(writable).catch(() => {}) // `closed` reports how it ended
 */
export function messageStreams(transport: ByteStreams, options: MessageStreamsOptions): MessageStreams {
  requireOptions(options, messageStreamsKinds, 'the options of messageStreams')
  const { role, agreement, extensions, rest } = options
  if (rest !== undefined) requireBytes(rest, '`rest`')
  const setup = setUp(options, role, extensions)
  const connection = new Connection(setup.connection, agreement)
  return startStreams(setup, new StreamDuplex(transport), connection, { rest })
}

/**
 * Does the same over a transport that is already locked.
 *
 * @internal
 */
export function startStreams(
  setup: Setup,
  duplex: StreamDuplex,
  connection: Connection,
  start: Partial<PeerStart<undefined>>,
): MessageStreams {
  const { request, response, rest } = start
  const whole = { data: undefined, request, response, rest, paused: false }
  const peer = new Peer(setup.host, duplex, connection, whole)
  peer.start(whole)
  const bridge = new Bridge(setup, peer, duplex)
  return {
    readable: bridge.readable,
    writable: bridge.writable,
    closed: bridge.closed,
    close: (code, reason) => bridge.close(code, reason),
    ping: (data) => bridge.ping(data),
  }
}
