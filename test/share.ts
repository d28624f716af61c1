/**
 * The share of the longest matrices, bombs and properties to run: `npm test` runs a small part, `npm run test:long` everything. `test:long`
 * sets `LONG` and runs the files that import this module.
 *
 * @module
 */

/** Whether to run everything. */
export const long = process.env.LONG !== undefined

/** Returns every n-th item of a list, or all items. */
export function share<Item>(items: readonly Item[], oneIn: number): readonly Item[] {
  return long ? items : items.filter((_, index) => index % oneIn === 0)
}

/** The columns of a table row to run, from 0. They differ from row to row, so that each column is run with some row. */
export function* columns(row: number, size: number, oneIn: number): Generator<number> {
  const step = long ? 1 : oneIn
  for (let column = long ? 0 : row % step; column < size; column += step) yield column
}

/** The number of runs of a property, unless `RUNS` is set. */
export function runs(few: number, many: number): number {
  return Number(process.env.RUNS ?? (long ? many : few))
}
