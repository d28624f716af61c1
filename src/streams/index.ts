/**
 * WHATWG streams of messages over any pair of byte streams.
 *
 * @module
 */

export type { ConnectionClosed } from '../connection/events.ts'
export { ClosedError, type ClosedErrorDetails } from '../driver/closed-error.ts'
export {
  ProtocolError,
  type ProtocolErrorCode,
  type ProtocolErrorData,
  type ProtocolErrorDetails,
  type ProtocolErrors,
} from '../errors.ts'
export type { LoneSurrogates } from '../frame/encode.ts'
export type { Limits } from '../limits.ts'
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
export type { Bytes, Role } from '../types.ts'
export { type AcceptStreamOptions, acceptStream } from './accept.ts'
export { type MessageStreamsOptions, messageStreams } from './message-streams.ts'
export { openStream } from './open.ts'
export type { ByteStreams, MessageStreams, StreamOptions } from './options.ts'
