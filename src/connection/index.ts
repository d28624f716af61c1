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
export type { LoneSurrogates } from '../frame/surrogates.ts'
export type { Limits } from '../limits.ts'
export { CloseCode } from '../registry/websocket.ts'
export type { Bytes, Role } from '../types.ts'
export { Connection } from './connection.ts'
export type {
  BinaryReceived,
  ConnectionClosed,
  ConnectionEvent,
  PingReceived,
  PongReceived,
  TextReceived,
} from './events.ts'
export type { ConnectionOptions, SendOptions } from './options.ts'
