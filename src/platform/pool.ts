/**
 * Memory for output, from the platform's pool where it has one.
 *
 * @module
 */

/** The shape of the global used here; only Node and the runtimes that follow it have it. */
declare const Buffer: { allocUnsafe(size: number): Uint8Array } | undefined

/** Allocates from Node's pool, whose arrays sockets write as they are; `undefined`: there is none. Contents do not matter. */
export function poolAllocator(): ((size: number) => Uint8Array) | undefined {
  return typeof Buffer === 'undefined' ? undefined : Buffer.allocUnsafe
}
