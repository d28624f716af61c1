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
  /** Which side we are. */
  readonly role: Role
  /** Bytes received after the head. Borrowed until they have been read, which is when messages are first requested. */
  readonly rest?: Uint8Array | undefined
}

/** The connection checks the others. */
const messageStreamsKinds: Kinds = {
  ...streamOptionKinds,
  role: ['client', 'server'],
  agreement: 'any',
  extensions: 'array',
  rest: 'any',
}

/**
 * A WebSocket over a pair of byte streams, after your own handshake: `acceptHandshake` with the 101 sent, or `verifyHandshake`, has
 * succeeded.
 *
 * The transport is read only while messages are requested, plus a little ahead (`readAhead`); a write waits until the transport has
 * taken the bytes. Pings are answered and a Close is noticed as far as reading goes, even if the application never writes. A peer that
 * is silent is asked for a sign of life (`keepalive`).
 *
 * The peer's Close is answered at once if no reader can still reply to a message; otherwise when the reader asks for more than there
 * is, so `readable.pipeTo(writable)` loses no reply. (Messages still inside a `TransformStream` between the two may be too late.) A
 * reader that takes nothing for a second is not waited for, nor one behind a `writable` that is closed. A server then ends the
 * transport, a client waits for the server to do so (RFC 6455 §7.1.1); then both byte streams are released. All of it takes at most
 * twice `closeTimeout`; once `readable` is cancelled and `writable` aborted, at most `closeTimeout`.
 *
 * Streams do not report a released lock: behind your own `close`, release the reader before, or read on.
 *
 * @param transport Locked until then.
 * @throws TypeError for streams that are already locked, and as {@link Connection} does; `RangeError` for invalid limits and sizes.
 *
 * @example
 * const { readable, writable } = messageStreams(Duplex.toWeb(socket), { role: 'server', agreement: accepted, rest: head })
 * await readable.pipeTo(writable).catch(() => {}) // `closed` says how it ended
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
 * The same, over a transport that is already locked.
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
