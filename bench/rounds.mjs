/** Knows how all benches measure and print: contenders take turns, the median counts, tables line up. */

export const quick = process.argv.includes('--quick')
/** Odd, so that the median is one that was measured. */
export const ROUNDS = quick ? 7 : 21
const WARM_UP = quick ? 3 : 6

export const median = (sorted) => sorted[sorted.length >> 1]
export const fastest = (sorted) => sorted[0]

/**
 * One time for each contender, in nanoseconds, which `pick` takes from those of all rounds. `run(contender)` gives the time of
 * one round, or a promise of it.
 */
export async function measureInTurns(contenders, run, pick = median) {
  const times = contenders.map(() => [])
  for (let round = -WARM_UP; round < ROUNDS; round++)
    for (let turn = 0; turn < contenders.length; turn++) {
      // Everyone comes first in turn: what one leaves behind (garbage, a warm cache) is not always the same one's burden.
      const index = (turn + round + WARM_UP) % contenders.length
      const time = await run(contenders[index])
      if (round >= 0) times[index].push(time)
    }
  return times.map((each) => pick(each.sort((a, b) => a - b)))
}

/** Nanoseconds that `work` takes. */
export function time(work) {
  const start = process.hrtime.bigint()
  work()
  return Number(process.hrtime.bigint() - start)
}

/** The first row is the heading. */
export function printTable(title, rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  console.log(title)
  for (const row of rows) console.log(row.map((cell, column) => cell.padStart(widths[column])).join('   '))
  console.log('')
}

export function number(value) {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1)
}
