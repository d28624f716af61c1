/**
 * The two words that every room uses. Knows nothing.
 *
 * @module
 */

/**
 * Bytes that belong to the caller: `Uint8Array<ArrayBuffer>` from TypeScript 5.7 on, `Uint8Array` before, so that they
 * fit `WebSocket.send`, `crypto.subtle`, `Blob` and `Response` under every compiler.
 */
export type Bytes = ReturnType<typeof Uint8Array.of>

/** The side that an object plays: always one's own, never that of the peer who sent the bytes. */
export type Role = 'client' | 'server'
