/** Measures and prints for all benches: contenders take turns, the median counts, columns are aligned. */

import { ascending, record } from './results.mjs'

export const quick = process.argv.includes('--quick')
export const ROUNDS = quick ? 7 : 21
const WARM_UP = quick ? 3 : 6

export const median = (sorted) => sorted[sorted.length >> 1]
export const fastest = (sorted) => sorted[0]

/**
 * One time for each contender, in nanoseconds, chosen by `pick` from those of all rounds (an odd number, so that the median is a
 * measured one). `run(contender)` returns the time of one round, or a promise of it.
 */
export async function measureInTurns(contenders, run, pick = median, rounds = ROUNDS) {
  const samples = await sampleInTurns(contenders, run, rounds)
  return samples.map((each) => pick(each.toSorted(ascending)))
}

/**
 * The same, and recorded for the file of results under `name`, which is unique: how long each contender takes for one of the `per`
 * things that a round does, in `unit`.
 */
export async function measure(name, contenders, run, options = {}) {
  const { per = 1, unit = 'ns', pick = median, rounds = ROUNDS } = options
  const samples = await sampleInTurns(contenders, run, rounds)
  const perThing = (index) => samples[index].map((time) => time / (typeof per === 'number' ? per : per[index]))
  record({
    name,
    unit,
    sides: contenders.map((contender, index) => ({
      name: contender.name,
      samples: perThing(index),
      fastest: pick === fastest,
    })),
  })
  return samples.map((each) => pick(each.toSorted(ascending)))
}

/** The times of all rounds of each contender, in the order of the rounds. */
async function sampleInTurns(contenders, run, rounds) {
  const times = contenders.map(() => [])
  for (let round = -WARM_UP; round < rounds; round++)
    for (let turn = 0; turn < contenders.length; turn++) {
      // Each comes first in turn, so that leftovers (garbage, a warm cache) do not always affect the same one.
      const index = (turn + round + WARM_UP) % contenders.length
      const time = await run(contenders[index])
      if (round >= 0) times[index].push(time)
    }
  return times
}

/** Nanoseconds for `work`. */
export function time(work) {
  const start = process.hrtime.bigint()
  work()
  return Number(process.hrtime.bigint() - start)
}

/** Nanoseconds after which the hot path has surely been compiled. */
const UNTIL_WARM = 3e7
/** The minimum length of a round for an accurate clock, in nanoseconds. */
const LONG_ENOUGH = quick ? 2e6 : 5e6

/** How often `run(each)` fits into a round, for the slowest contender. Warms all of them up. */
export function timesToFill(contenders, run) {
  const once = contenders.map((each) => {
    let times = 0
    let elapsed = 0
    for (; elapsed < UNTIL_WARM; times += 16) elapsed += time(() => repeat(16, () => run(each)))
    return elapsed / times
  })
  return Math.ceil(LONG_ENOUGH / Math.max(...once))
}

/** The result of `work` is used, so that no work is optimised away. */
export function repeat(times, work) {
  let something = 0
  for (let left = times; left > 0; left--) if (work() !== undefined) something++
  return something
}

/** How many times as fast each contender is: one cell for each pair of an `ours` and another one. */
export function ratios(contenders, medians) {
  return pairs(contenders).map(({ ours, other }) => `${(medians[other] / medians[ours]).toFixed(2)} x`)
}

/** The column titles of {@link ratios}. */
export function ratioTitles(contenders) {
  return pairs(contenders).map(({ ours, other }) => `${contenders[ours].name} : ${contenders[other].name}`)
}

function pairs(contenders) {
  const indices = (ours) => contenders.flatMap((each, index) => (each.ours === ours ? [index] : []))
  return indices(true).flatMap((ours) => indices(false).map((other) => ({ ours, other })))
}

/** The first row is the header. */
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
