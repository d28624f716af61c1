/** What docs/speed.md and its charts show of a run: all of it is computed from the file of results, nothing is copied by hand. */

import { readFileSync } from 'node:fs'
import { targets as all } from './targets.mjs'
import { figureOf, limitOf, significant, spreadOf, verdictOf } from './told.mjs'

/** Where `npm run bench` writes the results of a whole run. */
export const latest = new URL('results/latest.json', import.meta.url)

/** The page with the tables and charts of the run. */
export const page = 'docs/speed.md'

export function readResults() {
  return JSON.parse(readFileSync(latest, 'utf8'))
}

/** Looks up what the reference has measured. */
function lookUp({ runs: [{ rows }] }) {
  const value = (row, side) => rows.find(({ name }) => name === row)?.sides[side]?.value
  /** How many times as fast, or as small. */
  const times = (row, ours, other) => value(row, other) / value(row, ours)
  return { rows, value, times }
}

/** Bars whose figures were measured: a rival or a tool may be missing on a machine. */
function bars(list) {
  return list.filter(({ value }) => Number.isFinite(value)).map((bar) => ({ ...bar, value: significant(bar.value) }))
}

/** `{ name, title, unit, baseline, bars: [{ group, series, value }] }` of each. */
export function charts(results) {
  const { rows, value, times } = lookUp(results)
  const many = rows.find(({ name }) => name.startsWith('Memory of '))?.name ?? ''
  const connections = Number(/\d+/.exec(many)?.[0])
  const crowd = connections.toLocaleString('en').replace(',', ' ')
  const toAll = (size) => `${size} to ${connections} connections`
  const handshake = (way) =>
    rows.find(({ name }) => name.startsWith(`Handshakes, ${way}`) && name.includes('Chromium'))?.name
  const fromRequest = handshake("from Node's request")
  const fromBytes = handshake('from request bytes')
  const addon = 'ws + addon'
  return [
    {
      name: 'overview',
      title: 'Compared with ws and its native addon',
      unit: 'times as fast (memory: times as small)',
      baseline: 1,
      bars: bars([
        { group: 'binary frames of 125 B read', value: times('Binary frames, 125 B', 'FrameDecoder', addon) },
        { group: 'texts of 125 B read', value: times('Texts, ASCII, 125 B', 'FrameDecoder, native', addon) },
        { group: 'texts of 125 B sent', value: times('Sent by a server, text, 125 B', 'adapter', addon) },
        { group: 'binary frames of 125 B sent', value: times('Sent by a server, binary, 125 B', 'adapter', addon) },
        { group: 'opening handshakes', value: times(fromRequest, 'shared, native', 'ws') },
        { group: 'JSON of 1 KiB deflated', value: times('permessage-deflate, sending, 1 KiB', 'zlib', 'ws') },
        { group: 'the same inflated', value: times('permessage-deflate, receiving, 1 KiB', 'zlib', 'ws') },
        { group: 'echo of 50 texts at once', value: times('Echo of texts, 125 B, 50 in flight', 'adapter', addon) },
        { group: `a text to ${crowd} connections`, value: times(toAll('20 B'), 'adapter', 'ws') },
        { group: 'memory of a connection', value: times(many, 'adapter', 'ws') },
      ]),
    },
    {
      name: 'frames',
      title: 'Masked frames read, payloads as views',
      unit: 'times as fast as ws',
      baseline: 1,
      bars: bars(
        ['20 B', '125 B', '1 KiB', '16 KiB', '64 KiB', '1 MiB'].flatMap((group) =>
          [
            ['ws with its addon', addon],
            ['ws alone', 'ws alone'],
          ].map(([series, side]) => ({ group, series, value: times(`Binary frames, ${group}`, 'FrameDecoder', side) })),
        ),
      ),
    },
    {
      name: 'sends',
      title: 'Messages sent through the adapter',
      unit: 'times as fast as ws with its addon',
      baseline: 1,
      bars: bars(
        ['20 B', '125 B', '1 KiB'].flatMap((group) =>
          [
            ["a server's bytes", 'server, binary'],
            ["a server's texts", 'server, text'],
            ["a client's bytes", 'client, binary'],
          ].map(([series, row]) => ({ group, series, value: times(`Sent by a ${row}, ${group}`, 'adapter', addon) })),
        ),
      ),
    },
    {
      name: 'handshakes',
      title: "Opening handshakes of a browser's request",
      unit: 'microseconds per handshake',
      bars: bars(
        [
          ["from Node's request", fromRequest],
          ['from bytes', fromBytes],
        ].flatMap(([group, row]) =>
          [
            ['native functions, shared options', 'shared, native'],
            ['JavaScript alone, options as a literal', 'acceptHandshake'],
            ['ws', 'ws'],
            ['websocket-driver', 'websocket-driver'],
          ].map(([series, side]) => ({ group, series, value: value(row, side) / 1000 })),
        ),
      ),
    },
    {
      name: 'deflate',
      title: 'JSON with permessage-deflate',
      unit: 'times as fast as ws',
      baseline: 1,
      bars: bars(
        ['128 B', '1 KiB', '16 KiB', '1 MiB'].flatMap((group) =>
          [
            ['deflated', 'sending'],
            ['inflated', 'receiving'],
          ].map(([series, way]) => ({
            group,
            series,
            value: times(`permessage-deflate, ${way}, ${group}`, 'zlib', 'ws'),
          })),
        ),
      ),
    },
    {
      name: 'fan-out',
      title: `One text to ${crowd} connections`,
      unit: 'thousands of messages per second',
      bars: bars(
        ['20 B', '1 KiB'].flatMap((group) =>
          [
            ['the adapter, Node', 'adapter'],
            ['ws, Node', 'ws'],
            ['bare sockets, Node', 'bare sockets'],
            ["Bun's own server", 'Bun'],
          ].map(([series, side]) => ({ group, series, value: 1e6 / value(toAll(group), side) })),
        ),
      ),
    },
    {
      name: 'memory',
      title: `Resident memory of each of ${crowd} idle connections`,
      unit: 'bytes, including what the runtime keeps for a socket',
      bars: bars(
        [
          ['the adapter, Node', 'adapter'],
          ['ws, Node', 'ws'],
          ['bare sockets, Node', 'bare sockets'],
          ["Bun's own server", 'Bun'],
        ].map(([group, side]) => ({ group, value: value(many, side) })),
      ),
    },
  ].filter((chart) => chart.bars.length > 0)
}

/** A text alternative, for the page that shows a chart. */
function alternative({ title, unit, bars }) {
  const series = [...new Set(bars.map((bar) => bar.series))]
  const told = series.map((name) => {
    const some = bars.filter((bar) => bar.series === name)
    const list = some.map(({ group, value }) => `${group}: ${value}`).join(', ')
    return name === undefined ? list : `${name}: ${list}`
  })
  return `${title}, ${unit}. ${told.join('; ')}`
}

/**
 * The parts of a page that are drawn, by the name in its comments: `<!-- name -->` … `<!-- /name -->`.
 */
function sections(results) {
  return {
    machine: machine(results),
    targets: targets(results),
    missed: missed(results),
    runtimes: runtimes(results),
    wslay: besideWslay(results),
    loops: loops(results),
    memory: memory(results),
    ...Object.fromEntries(charts(results).map((chart) => [`chart ${chart.name}`, picture(chart)])),
  }
}

function machine({ date, machine, versions, runs: [{ runtime }] }) {
  const { cpu, cores, memory, system } = machine
  const others = Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')
  return `${date}, ${runtime}, ${cpu}, ${cores} cores, ${memory}, ${system}; ${others}.`
}

function targets({ runs: [{ targets }] }) {
  return table([
    ['work', 'compared with', 'figure', 'quartiles', 'target', ''],
    ...targets.map((target) => [
      target.work,
      target.beside ?? '',
      figureOf(target),
      spreadOf(target),
      limitOf(target),
      verdictOf(target),
    ]),
  ])
}

/** Each reason once, with all the targets that it keeps from being reached. */
function missed({ runs: [{ targets }] }) {
  const reasons = new Map()
  for (const { work } of targets.filter(({ reached }) => reached === false)) {
    const why = all.find((target) => target.work === work)?.why ?? 'No reason is known.'
    reasons.set(why, [...(reasons.get(why) ?? []), work])
  }
  if (reasons.size === 0) return 'All targets are reached.'
  return [...reasons].map(([why, list]) => `- ${list.join('; ')}: ${why}`).join('\n')
}

/** The rows that every runtime can measure. */
function runtimes({ runs: [first, ...others] }) {
  const find = (run, work) => run.targets.find((target) => target.work === work)
  const shared = first.targets.filter(({ work }) => others.some((run) => find(run, work)?.value !== undefined))
  return table([
    ['work', 'compared with', ...[first, ...others].map(({ runtime }) => runtime)],
    ...shared.map((target) => [
      target.work,
      target.beside ?? '',
      ...[first, ...others].map((run) => figureOf(find(run, target.work))),
    ]),
  ])
}

function besideWslay({ runs: [{ rows }] }) {
  const found = rows.filter(({ name }) => name.startsWith('Beside wslay'))
  if (found.length === 0) return 'wslay was not installed for this run.'
  const sides = Object.keys(found[0].sides)
  return table([
    ['payload', ...sides.map((side) => `${side}, ns`), ...sides.slice(0, -1).map((side) => `wslay ÷ ${side}`)],
    ...found.map(({ name, sides: all }) => [
      name.replace('Beside wslay, ', ''),
      ...sides.map((side) => String(significant(all[side].value))),
      ...sides.slice(0, -1).map((side) => `${significant(all.wslay.value / all[side].value)} x`),
    ]),
  ])
}

function loops({ runs: [{ rows }] }) {
  const found = rows.filter(({ name }) => name.startsWith('Loop, '))
  if (found.length === 0) return 'The loops were not measured in this run.'
  const [first, ...others] = Object.keys(found[0].sides)
  return table([
    ['work', `${first}, ns`, ...others],
    ...found.map(({ name, sides }) => [
      name.replace('Loop, ', ''),
      String(significant(sides[first].value)),
      ...others.map((host) => (sides[host] ? cliff(sides[host].value / sides[first].value) : '–')),
    ]),
  ])
}

/** Five times as slow is worth a look. */
function cliff(ratio) {
  const figure = `${significant(ratio)} x`
  return ratio >= 5 ? `**${figure}**` : figure
}

function memory({ runs: [{ rows }] }) {
  const idle = rows.find(({ name }) => name === 'Heap of an idle connection')
  if (idle === undefined) return 'The heap was not measured in this run.'
  const sides = Object.entries(idle.sides)
  return table([['heap of', 'bytes'], ...sides.map(([side, { value }]) => [side, String(significant(value))])])
}

function picture(chart) {
  const alt = alternative(chart).replaceAll('"', '&quot;')
  return [
    '<picture>',
    `  <source media="(prefers-color-scheme: dark)" srcset="images/${chart.name}-dark.svg">`,
    `  <img alt="${alt}" src="images/${chart.name}-light.svg" width="620">`,
    '</picture>',
  ].join('\n')
}

/** A table of Markdown, aligned as the formatter aligns it. */
function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(3, ...rows.map((row) => row[column].length)))
  const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`
  const [head, ...body] = rows
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n')
}

/** The page with its parts drawn anew; the others stay as they are. */
export function draw(page, results) {
  let text = page
  for (const [name, drawn] of Object.entries(sections(results))) {
    const [start, end] = [`<!-- ${name} -->\n`, `\n<!-- /${name} -->`]
    const from = text.indexOf(start)
    const to = text.indexOf(end)
    if (from !== -1 && to !== -1) text = `${text.slice(0, from + start.length)}\n${drawn}\n${text.slice(to)}`
  }
  return text
}
