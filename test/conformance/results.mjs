/** The stored results of other agents, one file each, and the tables in the guide that show them. */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** @typedef {import('./results.d.mts').Results} Results The results of one agent. */

const folder = fileURLToPath(new URL('results/', import.meta.url))
const guide = fileURLToPath(new URL('../../docs/conformance.md', import.meta.url))

/** Returns the part of a report that is stored. @returns {Results} */
export function compact({ side, suite, results }, agent) {
  const sections = {}
  const cases = {}
  for (const { id, verdict, reason, ending } of results) {
    const [, section] = id.split('/')
    sections[section] ??= {}
    sections[section][verdict] = (sections[section][verdict] ?? 0) + 1
    if (verdict !== 'pass') cases[id] = { verdict, reason, ...(ending && { ending }) }
  }
  return { format: 1, side, agent, suite, sections, cases }
}

export const fileOf = (side, name) => join(folder, side, `${name.toLowerCase().replace(/\W+/g, '-')}.json`)

/** @returns {Results} */
export function readResults(file) {
  return JSON.parse(readFileSync(file, 'utf8'))
}

export function storeResults(results) {
  mkdirSync(join(folder, results.side), { recursive: true })
  writeFileSync(fileOf(results.side, results.agent.name), `${JSON.stringify(results, undefined, 2)}\n`)
}

/** Returns all stored results of one side, ordered by name. */
export function listResults(side) {
  const files = readdirSync(join(folder, side)).filter((name) => name.endsWith('.json'))
  return files.sort().map((name) => readResults(join(folder, side, name)))
}

/** Formats a table of sections and agents in Markdown. */
export function formatTable(side) {
  const all = listResults(side)
  const sections = [...new Set(all.flatMap(({ sections }) => Object.keys(sections)))]
  const rows = [
    ['', ...all.map(({ agent }) => `${agent.name} ${agent.version}`)],
    ...sections.map((section) => [section, ...all.map(({ sections: found }) => cell(found[section] ?? {}))]),
  ]
  const widths = all.map((_, column) => Math.max(...rows.map((row) => row[column + 1].length)))
  widths.unshift(Math.max(...sections.map((section) => section.length)))
  rows.splice(
    1,
    0,
    widths.map((width) => '-'.repeat(width)),
  )
  return rows.map((row) => `| ${row.map((text, column) => text.padEnd(widths[column])).join(' | ')} |`).join('\n')
}

/** Returns `40`, or `38, 1 warn, 1 fail`. `info` counts as passed. Skipped cases are left out. */
function cell({ pass = 0, info = 0, warn = 0, fail = 0, error = 0 }) {
  const bad = Object.entries({ warn, fail, error }).filter(([, number]) => number > 0)
  if (pass + info === 0 && bad.length === 0) return '–'
  return [pass + info, ...bad.map(([verdict, number]) => `${number} ${verdict}`)].join(', ')
}

const block = (side) => new RegExp(`(<!-- results: ${side} -->\n).*?(\n<!-- end -->)`, 's')

/** Writes the tables to their places in the guide. */
export function updateGuide() {
  let text = readFileSync(guide, 'utf8')
  for (const side of ['server', 'client'])
    text = text.replace(block(side), (_, before, after) => `${before}\n${formatTable(side)}\n${after}`)
  writeFileSync(guide, text)
}
