/**
 * Two types that every module uses.
 *
 * @module
 */

/**
 * Bytes that belong to the caller: `Uint8Array<ArrayBuffer>` from TypeScript 5.7 on, `Uint8Array` before. Every compiler accepts
 * them for `WebSocket.send`, `crypto.subtle`, `Blob` and `Response`.
 *
 * @category Frames and messages
 */
export type Bytes = ReturnType<typeof Uint8Array.of>

/**
 * The side that an object plays: always your own side, never the peer's.
 *
 * @category Connections
 */
export type Role = 'client' | 'server'
