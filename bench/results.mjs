/** What one process has measured, in the form of the file of results. */

/** `{ name, unit, sides: [{ name, samples, fastest }] }`; less is better in each unit. */
const rows = []

export const ascending = (a, b) => a - b

/**
 * Keeps one row: `sides` did the same work, and their `samples` are of the same rounds. Of these the median counts, or the `fastest`,
 * where other load on the machine can only add to them.
 */
export function record({ name, unit, sides }) {
  if (rows.some((row) => row.name === name)) throw new Error(`two rows are called "${name}"`)
  rows.push({ name, unit, sides })
}

/** All rows as plain data: of each side the value that counts, and the quartiles. */
export function recorded() {
  return rows.map(({ name, unit, sides }) => ({
    name,
    unit,
    sides: Object.fromEntries(sides.map((side) => [side.name, summary(side.samples, side.fastest)])),
  }))
}

/**
 * How many times as much `upper` takes as `lower`, and the quartiles of that over the rounds; `undefined` if the row or a side was
 * not measured. Without `lower`, what `upper` takes.
 */
export function quotient(name, upper, lower) {
  const row = rows.find((row) => row.name === name)
  const find = (wanted) => row?.sides.find((side) => side.name === wanted)
  const above = find(upper)
  if (lower === undefined) return above && summary(above.samples, above.fastest)
  const below = find(lower)
  if (above === undefined || below === undefined) return undefined
  const count = Math.min(above.samples.length, below.samples.length)
  // The sides of a round ran beside the same load of the machine.
  const found = summary(Array.from({ length: count }, (_, round) => above.samples[round] / below.samples[round]))
  if (above.fastest) found.value = round(Math.min(...above.samples) / Math.min(...below.samples))
  return found
}

function summary(samples, fastest = false) {
  const sorted = samples.toSorted(ascending)
  const at = (share) => round(sorted[Math.round((sorted.length - 1) * share)])
  return { value: at(fastest ? 0 : 0.5), quartiles: [at(0.25), at(0.75)] }
}

/** To four digits, which is more than any figure is exact to. */
function round(value) {
  return Number(value.toPrecision(4))
}
