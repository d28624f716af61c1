/**
 * Memory that other threads share, or that can change its size. Some platforms refuse it in `TextDecoder`, `TextEncoder` and others
 * (Chromium does), and what lies in it may change or end between two calls.
 *
 * @module
 */

/** Whether `bytes` lie in memory of a fixed size that no other thread sees. */
export function isOrdinary(bytes: Uint8Array): boolean {
  const buffer: ArrayBufferLike & { readonly resizable?: boolean } = bytes.buffer
  if (buffer.resizable === true) return false
  // By its tag where it comes from another realm. `SharedArrayBuffer` cannot be named: a page that is not isolated has none.
  return buffer instanceof ArrayBuffer || Object.prototype.toString.call(buffer) === '[object ArrayBuffer]'
}
