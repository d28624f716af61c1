/**
 * A WebSocket after the handshake, as a state machine without a socket or a timer.
 *
 * @module
 */

export {
  ProtocolError,
  type ProtocolErrorCode,
  type ProtocolErrorData,
  type ProtocolErrorDetails,
  type ProtocolErrors,
} from '../errors.ts'
export type { LoneSurrogates } from '../frame/encode.ts'
export { clientLimits, type Limits, publicServerLimits } from '../limits.ts'
export type { Native } from '../native.ts'
export { CloseCode } from '../registry/websocket.ts'
export type { Bytes, Role } from '../types.ts'
export { type AnyConnection, Connection } from './connection.ts'
export { type EncodedMessage, sendEncoded } from './encoded.ts'
export type {
  BinaryReceived,
  ConnectionClosed,
  ConnectionEvent,
  EncodedReceived,
  PingReceived,
  PongReceived,
  TextForm,
  TextReceived,
} from './events.ts'
export {
  type ConnectionOptions,
  connectionOptions,
  type Message,
  type SendOptions,
  type SharedConnectionOptions,
} from './options.ts'
export { type PreparedMessage, prepareBinary, prepareText, sendPrepared } from './prepared.ts'
export { type ConnectionSnapshot, type ResumeOptions, resumeConnection, snapshotConnection } from './snapshot.ts'
export { type OutgoingMessage, startMessage } from './start-message.ts'
export type { Keepalive } from './time.ts'
