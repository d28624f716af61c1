/**
 * WebSockets over Node's streams: servers and clients on `node:http`, `node:net`, `node:tls` and `node:http2`, with deadlines, backpressure
 * and orderly shutdown. Imports nothing from Node.
 *
 * @module
 */

export { acceptHttp2Stream, acceptSocket, acceptUpgrade } from '../../driver/accept.ts'
export { ClosedError, type ClosedErrorDetails } from '../../driver/closed-error.ts'
export { type ConnectOptions, connectHttp2Stream, connectSocket, HandshakeError } from '../../driver/connect.ts'
export { type DriveOptions, drive } from '../../driver/drive.ts'
export { Endpoint, type EndpointCloseOptions } from '../../driver/endpoint.ts'
export { attach, type DetachedPeer, detach, stopReading } from '../../driver/hand-over.ts'
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
export type { ClientStreamLike, DuplexLike, Listener, ServerStreamLike } from '../../driver/shapes.ts'
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
} from './message-stream.ts'
