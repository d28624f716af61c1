/**
 * WHATWG streams of messages over any pair of byte streams.
 *
 * @module
 */

export type { ConnectionClosed } from '../connection/events.ts'
export type { Keepalive } from '../connection/time.ts'
export { acceptSocket } from '../driver/accept.ts'
export { ClosedError, type ClosedErrorDetails } from '../driver/closed-error.ts'
export { type ConnectOptions, connectSocket, HandshakeError } from '../driver/connect.ts'
export { type DriveOptions, drive } from '../driver/drive.ts'
export { Endpoint, type EndpointCloseOptions } from '../driver/endpoint.ts'
export { attach, type DetachedPeer, detach } from '../driver/hand-over.ts'
export type { PeerMessage, PeerSendOptions } from '../driver/messages.ts'
export type {
  AcceptRequestOptions,
  EndpointHandshake,
  EndpointOptions,
  Pending,
  RefusedRequest,
} from '../driver/options.ts'
export type { AnyPeer, MessageData, Peer, PeerHandlers } from '../driver/peer.ts'
export { drained, sent } from '../driver/promises.ts'
export { type AnyEndpoint, refuse } from '../driver/refuse.ts'
export type { DuplexLike, Listener, ServerStreamLike } from '../driver/shapes.ts'
export {
  ProtocolError,
  type ProtocolErrorCode,
  type ProtocolErrorData,
  type ProtocolErrorDetails,
  type ProtocolErrors,
} from '../errors.ts'
export type { LoneSurrogates } from '../frame/encode.ts'
export type { Limits } from '../limits.ts'
export type { AbortSignalLike, Signal } from '../platform/abort.ts'
export type {
  ChunkReader,
  ChunkSource,
  ChunkTarget,
  ChunkWriter,
  PipeOptionsLike,
  ReadableStreamLike,
  ReaderLike,
  ReadResultLike,
  WritableStreamLike,
  WriterLike,
} from '../platform/streams.ts'
export type { Timers } from '../platform/timers.ts'
export type { Bytes, Role } from '../types.ts'
export { type AcceptedStream, type AcceptStreamOptions, acceptStream, type RefusedStream } from './accept.ts'
export { type ToDuplexOptions, toDuplex } from './duplex.ts'
export { type MessageStreamsOptions, messageStreams } from './message-streams.ts'
export { type OpenedStream, openStream, type RejectedStream } from './open.ts'
export type { ByteStreams, HeadOptions, MessageStreams, StreamMessage, StreamOptions } from './options.ts'
