/**
 * A WebSocket after the handshake, as a state machine without a socket or a timer.
 *
 * @module
 */

export {
  type Faults,
  ProtocolError,
  type ProtocolErrorCode,
  type ProtocolErrorData,
  type ProtocolErrorDetails,
} from '../errors.ts'
export type { LoneSurrogates } from '../frame/encode.ts'
export { clientLimits, type Limits, publicServerLimits } from '../limits.ts'
export { CloseCode } from '../registry/websocket.ts'
export type { Bytes, Role } from '../types.ts'
export type { Keepalive } from './clock.ts'
export { type AnyConnection, Connection } from './connection.ts'
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
export type { ConnectionOptions, EncodedMessage, Message, SendOptions } from './options.ts'
export type { OutgoingMessage } from './outgoing-message.ts'
export { type PreparedMessage, prepareBinary, prepareText } from './prepared.ts'
export type { ConnectionSnapshot } from './snapshot.ts'
