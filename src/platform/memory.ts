/**
 * Detects memory that is shared between threads or resizable. Some platforms (Chromium) reject it in `TextDecoder`, `TextEncoder` and
 * other APIs, and its contents may change or disappear between two calls.
 *
 * @module
 */

/** Whether the memory of `bytes` has a fixed size and is not shared with other threads. */
export function isOrdinary(bytes: Uint8Array): boolean {
  const buffer: ArrayBufferLike & { readonly resizable?: boolean } = bytes.buffer
  if (buffer.resizable === true) return false
  // A buffer from another realm is recognized by its tag. `SharedArrayBuffer` cannot be named: pages that are not isolated lack it.
  return buffer instanceof ArrayBuffer || Object.prototype.toString.call(buffer) === '[object ArrayBuffer]'
}
