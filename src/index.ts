/**
 * Isomorphic, I/O-free primitives for HTTP Upgrade and WebSocket: everything pure. Codecs, streams and testing are subpaths of their own.
 *
 * @module
 */

export * from './connection/index.ts'
export * from './deflate/index.ts'
export type { Faults, ProtocolErrorCode, ProtocolErrorData, ProtocolErrorDetails } from './errors.ts'
export { ProtocolError } from './errors.ts'
export * from './frame/index.ts'
export * from './handshake/index.ts'
export * from './http/index.ts'
export { clientLimits, type Limits, publicServerLimits } from './limits.ts'
export * from './registry/index.ts'
export type { Bytes, Role } from './types.ts'
