/**
 * How much of the longest matrices, bombs and properties is tried: a small share by `npm test`, all by `npm run test:long`, which
 * sets `LONG`. Knows none of them.
 *
 * @module
 */

/** Whether all is tried. */
export const long = process.env.LONG !== undefined

/** Of a list one in so many, spread over it; or all. */
export function share<Item>(items: readonly Item[], oneIn: number): readonly Item[] {
  return long ? items : items.filter((_, index) => index % oneIn === 0)
}

/** Which numbers, from 0 on, of a row of a table are tried: with every row others, so that each number is with some. */
export function* columns(row: number, size: number, oneIn: number): Generator<number> {
  const step = long ? 1 : oneIn
  for (let column = long ? 0 : row % step; column < size; column += step) yield column
}

/** How often a property is tried, where `RUNS` does not say. */
export function runs(few: number, many: number): number {
  return Number(process.env.RUNS ?? (long ? many : few))
}
