/**
 * WebSockets over Node's streams: servers and clients on `node:http`, `node:net`, `node:tls` and `node:http2`, with their deadlines,
 * backpressure and ends. Imports nothing of Node's.
 *
 * @module
 */

export type { AbortSignalLike, Signal } from '../../platform/abort.ts'
export type { Timers } from '../../platform/timers.ts'
export { ClosedError, type ClosedErrorDetails } from '../../streams/closed-error.ts'
export { acceptHttp2Stream, acceptSocket, acceptUpgrade } from './accept.ts'
export { type ConnectOptions, connectHttp2Stream, connectSocket, HandshakeError } from './connect.ts'
export { type DriveOptions, drive } from './drive.ts'
export { Endpoint, type EndpointCloseOptions } from './endpoint.ts'
export {
  type MessageDuplex,
  type MessageDuplexClass,
  type MessageDuplexOptions,
  type MessageStreamOptions,
  messageStream,
} from './message-stream.ts'
export type { PeerMessage, PeerSendOptions } from './messages.ts'
export type { AcceptRequestOptions, EndpointHandshake, EndpointOptions, Pending } from './options.ts'
export type { AnyPeer, MessageData, Peer, PeerHandlers } from './peer.ts'
export { drained, sent } from './promises.ts'
export { type AnyEndpoint, refuse } from './refuse.ts'
export type { ClientStreamLike, DuplexLike, Listener, ServerStreamLike } from './shapes.ts'
