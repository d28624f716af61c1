/**
 * Random bytes from Web Crypto's generator, which every runtime has.
 *
 * @module
 */

/** The shape of the one global that is used. */
declare const crypto: { getRandomValues(target: Uint8Array): unknown }

/** Fills an array with random bytes: what can stand in place of the platform's secure generator. */
export type RandomSource = (target: Uint8Array) => unknown

/** Web Crypto gives at most 65 536 bytes a call; 4 KiB already spread its fixed cost over 1 024 mask keys. */
const POOL_SIZE = 4096

/** State outside of objects. Holds nothing of a peer; filled on first use. */
let pool: Uint8Array | undefined
let poolPosition = POOL_SIZE

/** Fills `target` (65 536 bytes at most) from the platform's secure generator. */
export function randomBytes(target: Uint8Array): void {
  crypto.getRandomValues(target)
}

/**
 * Four secure random bytes as one signed 32-bit number. Taken from a pool: a call of its own for each mask key costs more
 * than masking a short payload. A number is given out once and wiped from the pool.
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
  pool.fill(0, at, at + 4)
  return value
}
