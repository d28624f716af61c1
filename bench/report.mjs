/** Shows the targets of a run. */

import { printTable } from './rounds.mjs'

/** The table in the terminal: the first runtime, and the figures of the others beside it. A whole run tells what it lacks. */
export function showTargets({ runs: [first, ...others] }, whole) {
  const known = (first?.targets ?? []).filter(({ value }) => whole || value !== undefined)
  if (known.length === 0) return
  printTable('Targets, in times as fast unless a unit is given', [
    ['work', 'beside', 'target', first.runtime, 'quartiles', '', ...others.map(({ runtime }) => runtime)],
    ...known.map((target) => [
      target.work,
      target.beside ?? '',
      limitOf(target),
      figureOf(target),
      target.quartiles?.map((value) => figure(value)).join(' to ') ?? '',
      verdictOf(target),
      ...others.map((run) => figureOf(run.targets.find(({ work }) => work === target.work))),
    ]),
  ])
}

function limitOf({ atLeast, atMost, unit }) {
  const words = atMost === undefined ? `at least ${atLeast}` : `at most ${atMost}`
  return unit === undefined ? words : `${words} ${unit}`
}

function figureOf(target) {
  if (target?.value === undefined) return '–'
  return target.unit === undefined ? figure(target.value) : `${figure(target.value)} ${target.unit}`
}

function verdictOf({ value, reached, close }) {
  if (value === undefined) return 'not measured'
  const word = reached ? 'reached' : 'missed'
  return close ? `${word}, within the spread` : word
}

function figure(value) {
  return value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
