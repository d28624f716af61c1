/**
 * WebSockets over Bun's sockets: servers and clients on `Bun.listen` and `Bun.connect`, with deadlines, backpressure and orderly shutdown.
 * Imports nothing from Bun.
 *
 * @module
 */

export { acceptSocket } from '../../driver/accept.ts'
export { ClosedError, type ClosedErrorDetails } from '../../driver/closed-error.ts'
export { type ConnectOptions, connectSocket, HandshakeError } from '../../driver/connect.ts'
export { type DriveOptions, drive } from '../../driver/drive.ts'
export { Endpoint, type EndpointCloseOptions } from '../../driver/endpoint.ts'
export { attach, type DetachedPeer, detach } from '../../driver/hand-over.ts'
export type { PeerMessage, PeerSendOptions } from '../../driver/messages.ts'
export type {
  AcceptRequestOptions,
  EndpointHandshake,
  EndpointOptions,
  Pending,
  RefusedRequest,
} from '../../driver/options.ts'
export type { AnyPeer, MessageData, Peer, PeerHandlers } from '../../driver/peer.ts'
export { drained, sent } from '../../driver/promises.ts'
export { type AnyEndpoint, refuse } from '../../driver/refuse.ts'
export type { DuplexLike, Listener, ServerStreamLike } from '../../driver/shapes.ts'
export type { Native } from '../../native.ts'
export type { AbortSignalLike, Signal } from '../../platform/abort.ts'
export { native } from '../../platform/native.ts'
export type { Timers } from '../../platform/timers.ts'
export {
  type MessageDuplex,
  type MessageDuplexClass,
  type MessageDuplexOptions,
  type MessageStreamOptions,
  messageStream,
} from '../node/message-stream.ts'
export type { BunSocketHandlers, BunSocketLike } from './shapes.ts'
export { socketHandlers } from './socket-handlers.ts'
