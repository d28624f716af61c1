/**
 * The handlers of Bun's sockets, for `Bun.listen` and `Bun.connect`: they make each socket a stream.
 *
 * @module
 */

import { requireOptional } from '../../arguments.ts'
import type { DuplexLike } from '../../driver/shapes.ts'
import type { BunSocketHandlers } from './shapes.ts'
import { SocketStream } from './socket-stream.ts'

/**
 * The handlers of `Bun.listen` and `Bun.connect` that make each socket a stream, for `acceptSocket`, `connectSocket` and `drive`.
 * The stream is paused until it is resumed, so nothing is lost meanwhile. It is `data` of the socket, too: give no `data` of your own.
 *
 * Without `allowHalfOpen: true` Bun closes a socket as soon as the peer ends its direction, whatever still waits to be written.
 *
 * @param opened Called with the stream of each socket that is connected. With TLS that is before the handshake, so that `headTimeout`
 *   bounds it; what is written meanwhile waits.
 * @throws TypeError if `opened` is no function.
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
    // With this handler `open` comes before the handshake of TLS. Bun closes the socket by itself if it fails.
    handshake: ({ data }, success, error) => (data as SocketStream).handshaken(success, error ?? undefined),
    data: ({ data }, chunk) => (data as SocketStream).received(chunk),
    drain: ({ data }) => (data as SocketStream).drained(),
    end: ({ data }) => (data as SocketStream).ended(),
    close: ({ data }, error) => (data as SocketStream).lost(error ?? undefined),
    // There is no handler of `error`: Bun calls it with what a handler has thrown, which without it is an uncaught exception.
  }
}
