/**
 * Two types that every module uses.
 *
 * @module
 */

/**
 * Bytes that belong to the caller: `Uint8Array<ArrayBuffer>` from TypeScript 5.7 on, `Uint8Array` before, so that they
 * fit `WebSocket.send`, `crypto.subtle`, `Blob` and `Response` under every compiler.
 */
export type Bytes = ReturnType<typeof Uint8Array.of>

/** The side that an object plays: always your own side, never the peer's. */
export type Role = 'client' | 'server'
