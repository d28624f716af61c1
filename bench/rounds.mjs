/** Knows how all benches measure and print: contenders take turns, the median counts, tables line up. */

export const quick = process.argv.includes('--quick')
export const ROUNDS = quick ? 7 : 21
const WARM_UP = quick ? 3 : 6

export const median = (sorted) => sorted[sorted.length >> 1]
export const fastest = (sorted) => sorted[0]

/**
 * One time for each contender, in nanoseconds, which `pick` takes from those of all rounds (odd, so that the median is one that
 * was measured). `run(contender)` gives the time of one round, or a promise of it.
 */
export async function measureInTurns(contenders, run, pick = median, rounds = ROUNDS) {
  const times = contenders.map(() => [])
  for (let round = -WARM_UP; round < rounds; round++)
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

/** Long enough for every compiler to have done its work on the hot path, in nanoseconds. */
const UNTIL_WARM = 3e7
/** So long a round has to last for the clock to be exact, in nanoseconds. */
const LONG_ENOUGH = quick ? 2e6 : 5e6

/** How often `run(each)` fits into a round, for the slowest of the contenders, all of which are warm then. */
export function timesToFill(contenders, run) {
  const once = contenders.map((each) => {
    let times = 0
    let elapsed = 0
    for (; elapsed < UNTIL_WARM; times += 16) elapsed += time(() => repeat(16, () => run(each)))
    return elapsed / times
  })
  return Math.ceil(LONG_ENOUGH / Math.max(...once))
}

/** Something is done with what `work` gives, so that nobody's work is left out. */
export function repeat(times, work) {
  let something = 0
  for (let left = times; left > 0; left--) if (work() !== undefined) something++
  return something
}

/** How many times as fast as another each contender is: one cell for each that is `ours` beside each that is not. */
export function ratios(contenders, medians) {
  return pairs(contenders).map(({ ours, other }) => `${(medians[other] / medians[ours]).toFixed(2)} x`)
}

/** The headings of {@link ratios}. */
export function ratioTitles(contenders) {
  return pairs(contenders).map(({ ours, other }) => `${contenders[ours].name} : ${contenders[other].name}`)
}

function pairs(contenders) {
  const indices = (ours) => contenders.flatMap((each, index) => (each.ours === ours ? [index] : []))
  return indices(true).flatMap((ours) => indices(false).map((other) => ({ ours, other })))
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

/** A number of bytes. */
export function sizeLabel(size) {
  if (size >= 2 ** 20) return `${size / 2 ** 20} MiB`
  return size >= 1024 && size % 1024 === 0 ? `${size / 1024} KiB` : `${size} B`
}
