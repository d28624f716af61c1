/**
 * Random bytes for handshake keys and mask keys, from Web Crypto, which every runtime has.
 *
 * @module
 */

/** The shape of the global used here. */
declare const crypto: { getRandomValues(target: Uint8Array): unknown }

/**
 * Fills an array with random bytes: a substitute for the platform's secure generator.
 *
 * @category Frames and messages
 */
export type RandomSource = (target: Uint8Array) => unknown

/** Web Crypto returns at most 65 536 bytes per call. 4 KiB already spread its fixed cost over 1 024 mask keys. */
const POOL_SIZE = 4096

/** Module state, filled on first use. It contains no data of a peer. */
let pool: Uint8Array | undefined
let poolPosition = POOL_SIZE

/** Fills `target` (at most 65 536 bytes) from the platform's secure generator. */
export function randomBytes(target: Uint8Array): void {
  crypto.getRandomValues(target)
}

/**
 * Returns four secure random bytes as one signed 32-bit number. They come from a pool, because a separate call for each mask key would
 * cost more than masking a short payload. Each number is used once and wiped from the pool.
 */
export function randomInt32(): number {
  pool ??= new Uint8Array(POOL_SIZE)
  if (poolPosition === POOL_SIZE) {
    crypto.getRandomValues(pool)
    poolPosition = 0
  }
  const at = poolPosition
  poolPosition += 4
  const value =
    ((pool[at] as number) << 24) |
    ((pool[at + 1] as number) << 16) |
    ((pool[at + 2] as number) << 8) |
    (pool[at + 3] as number)
  // Not `fill`: that call would take longer than everything else here.
  pool[at] = pool[at + 1] = pool[at + 2] = pool[at + 3] = 0
  return value
}
