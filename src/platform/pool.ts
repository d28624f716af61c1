/**
 * Node's `Buffer`, where there is one: memory for output from its pool, and the class that Node programs expect.
 *
 * @module
 */

/** The shape of the global used here; only Node and the runtimes that follow it have it. */
declare const Buffer:
  | { allocUnsafe(size: number): Uint8Array; from(memory: ArrayBufferLike, start: number, size: number): Uint8Array }
  | undefined

/** Allocates from Node's pool, whose arrays sockets write as they are; `undefined`: there is none. Contents do not matter. */
export function poolAllocator(): ((size: number) => Uint8Array) | undefined {
  return typeof Buffer === 'undefined' ? undefined : Buffer.allocUnsafe
}

/** A view of the same memory as a `Buffer`; without the class the bytes as they are. */
export function asBuffer(bytes: Uint8Array): Uint8Array {
  return typeof Buffer === 'undefined' ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}
