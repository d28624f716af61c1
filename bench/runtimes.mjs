/**
 * Measures the same loops of the built package in each runtime, browsers and workerd among them, relative to the reference: cliffs
 * show there. The fastest of some rounds counts, because runtimes cannot take turns in one process.
 */

import { hosts } from '../test/runtimes/hosts.mjs'
import { REFERENCE } from './reference.mjs'
import { record } from './results.mjs'
import { printTable, quick } from './rounds.mjs'

/** Ratios from here on are worth a look. */
const CLIFF = 5
/** How often all runtimes take turns, because other load on the machine varies. */
const PASSES = quick ? 1 : 2

export async function benchRuntimes() {
  const columns = []
  for (const host of [...hosts].sort((a, b) => Number(b.name === REFERENCE) - Number(a.name === REFERENCE))) {
    const runtime = await host.find()
    if (runtime !== undefined)
      columns.push({ host, runtime, title: `${host.name} (${runtime.version})`, loops: new Map() })
  }
  try {
    for (let pass = 0; pass < PASSES; pass++) for (const column of columns) await measureLoops(column)
  } finally {
    for (const { runtime } of columns) await runtime.stop()
  }
  show(columns)
}

async function measureLoops({ host, runtime, loops }) {
  const without = Object.keys(host.without).map((start) => start.replace(':', ''))
  const { output, failure } = await runtime.run('./speed/loops.mjs', { without })
  if (failure !== undefined) console.error(`${host.name}: ${failure}`)
  for (const line of output.split('\n').filter((line) => line.startsWith('{'))) {
    const { loop, ns } = JSON.parse(line)
    loops.set(loop, [...(loops.get(loop) ?? []), ns])
  }
}

function show(columns) {
  const [first, ...others] = columns
  const rows = [['', `${first.title}, ns`, ...others.map(({ title }) => title)]]
  for (const [loop, samples] of first.loops) {
    const sides = columns.flatMap(({ host, loops }) =>
      loops.has(loop) ? [{ name: host.name, samples: loops.get(loop), fastest: true }] : [],
    )
    record({ name: `Loop, ${loop}`, unit: 'ns', sides })
    const base = Math.min(...samples)
    const cells = others.map(({ loops }) => (loops.has(loop) ? ratio(Math.min(...loops.get(loop)) / base) : '–'))
    rows.push([loop, base >= 100 ? base.toFixed(0) : base.toFixed(1), ...cells])
  }
  printTable(`The same loops in each runtime, in times of ${first.title}; "!" from ${CLIFF} x on`, rows)
}

function ratio(value) {
  return `${value.toFixed(2)} x${value >= CLIFF ? ' !' : ''}`
}
