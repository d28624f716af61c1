/** How figures and targets are written, in the terminal and in docs/speed.md. */

/** Two digits say what a run can repeat; three where the first is a 1. */
export function significant(value) {
  const digits = String(value.toExponential()).startsWith('1') ? 3 : 2
  return Number(value.toPrecision(digits))
}

export function limitOf({ atLeast, atMost, unit }) {
  const words = atMost === undefined ? `at least ${atLeast}` : `at most ${atMost}`
  return unit === undefined ? words : `${words} ${unit}`
}

export function figureOf(target) {
  if (target?.value === undefined) return '–'
  return target.unit === undefined ? fixed(target.value) : `${fixed(target.value)} ${target.unit}`
}

export function spreadOf({ quartiles }) {
  return quartiles === undefined ? '' : quartiles.map(fixed).join(' to ')
}

function fixed(value) {
  return value.toFixed(value >= 10 ? 1 : 2)
}

/** A figure whose limit lies within its spread might be on the other side of it in another run. */
export function verdictOf({ value, reached, close }) {
  if (value === undefined) return 'not measured'
  const word = reached ? 'reached' : 'missed'
  return close ? `${word}, within the spread` : word
}
