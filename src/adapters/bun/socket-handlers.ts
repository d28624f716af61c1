/**
 * The handlers of Bun's sockets, for `Bun.listen` and `Bun.connect`. They convert each socket to a stream.
 *
 * @module
 */

import { requireOptional } from '../../arguments.ts'
import type { DuplexLike } from '../../driver/shapes.ts'
import type { BunSocketHandlers } from './shapes.ts'
import { SocketStream } from './socket-stream.ts'

/**
 * Returns handlers for `Bun.listen` and `Bun.connect` that convert each socket to a stream, for `acceptSocket`, `connectSocket` and
 * `drive`. The stream is paused until it is resumed, so no bytes are lost before. The handlers store the stream in the socket's `data`: do
 * not set `data` yourself.
 *
 * Set `allowHalfOpen: true`. Without it Bun closes a socket as soon as the peer ends its direction, even if output is still queued.
 *
 * @param opened Called with the stream of each connected socket. With TLS it is called before the TLS handshake, so that `headTimeout`
 *   bounds the handshake; writes wait until the handshake has ended.
 * @throws TypeError if `opened` is not a function.
 * @example
 * const endpoint = new Endpoint({ message: (peer, data) => peer.send(data) })
 * const socket = socketHandlers((stream) => acceptSocket(endpoint, stream))
 * Bun.listen({ hostname: '127.0.0.1', port: 8080, allowHalfOpen: true, socket })
 * @example
 * const offer = offerHandshake('ws://127.0.0.1:8080/chat')
 * const { hostname, port } = offer
 * const { data: stream } = await Bun.connect({ hostname, port, allowHalfOpen: true, socket: socketHandlers() })
 * const peer = await connectSocket(endpoint, stream, offer)
 */
export function socketHandlers(opened?: (stream: DuplexLike) => unknown): BunSocketHandlers {
  requireOptional(opened, 'function', '`opened`')
  return {
    binaryType: 'uint8array',
    open(socket) {
      const stream = new SocketStream(socket)
      socket.data = stream
      opened?.(stream)
    },
    // With this handler `open` is called before the TLS handshake. If the handshake fails, Bun closes the socket.
    handshake: ({ data }, success, error) => (data as SocketStream).secured(success, error ?? undefined),
    data: ({ data }, chunk) => (data as SocketStream).received(chunk),
    drain: ({ data }) => (data as SocketStream).drained(),
    end: ({ data }) => (data as SocketStream).ended(),
    close: ({ data }, error) => (data as SocketStream).lost(error ?? undefined),
    // Without an `error` handler an error thrown by a handler is an uncaught exception. With one, Bun would pass it the error.
  }
}
