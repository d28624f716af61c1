/**
 * Measures the speed of the built package in each runtime, relative to the first: nanoseconds there, ratios elsewhere. For
 * information only; nothing fails.
 *
 *   npm run bench:runtimes                 all
 *   npm run bench:runtimes -- 'Node 20' Bun    these
 */

import { hosts } from './hosts.mjs'
import { install } from './install.mjs'
import { printRows } from './table.mjs'

/** Ratios from here on are worth a look. */
const CLIFF = 5
/** How often all runtimes take turns, because other load on the machine varies. */
const PASSES = 2

install()
const asked = process.argv.slice(2)
const columns = []
for (const host of hosts)
  if (asked.length === 0 || asked.some((start) => host.name.startsWith(start))) {
    const runtime = await host.find()
    if (runtime !== undefined) columns.push({ host, runtime, title: host.name, loops: new Map() })
  }
try {
  for (let pass = 0; pass < PASSES; pass++) for (const column of columns) await measure(column)
} finally {
  for (const { runtime } of columns) await runtime.stop()
}
const [first, ...others] = columns
printRows([
  ['', first.title, ...others.map(({ title }) => title)],
  ['', first.runtime.version, ...others.map(({ runtime }) => runtime.version)],
  ...[...first.loops].map(([loop, ns]) => [
    loop,
    `${number(ns)} ns`,
    ...others.map(({ loops }) => ratio(loops.get(loop), ns)),
  ]),
])

/** The fastest of all passes counts. */
async function measure({ host, runtime, loops }) {
  const without = Object.keys(host.without).map((start) => start.replace(':', ''))
  const { output, failure } = await runtime.run('./speed/loops.mjs', { without })
  if (failure !== undefined) console.error(`${host.name}: ${failure}`)
  for (const line of output.split('\n').filter((line) => line.startsWith('{'))) {
    const { loop, ns } = JSON.parse(line)
    loops.set(loop, Math.min(ns, loops.get(loop) ?? Infinity))
  }
}

function ratio(ns, base) {
  if (ns === undefined) return '–'
  return `${(ns / base).toFixed(2)} x${ns / base >= CLIFF ? ' !' : ''}`
}

function number(ns) {
  return ns >= 100 ? ns.toFixed(0) : ns.toFixed(1)
}
