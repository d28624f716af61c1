/** Compares the results: one row per case, one column per runtime, and what all of them must have in common. */

/** The part of a digest that a person compares. */
const SHOWN = 8

/** A runtime that saw other bytes than the majority has failed: "ok" alone would only say that each agrees with itself. */
export function compare(columns) {
  for (const name of namesOf(columns)) {
    const digests = digestsOf(columns, name)
    const counted = [...new Set(digests)].sort((a, b) => times(digests, b) - times(digests, a))
    for (const { results } of columns) {
      const result = results.get(name)
      if (result?.state !== 'ok' || result.digest === counted[0]) continue
      const [found, usual] = [result.digest, counted[0]].map((digest) => String(digest).slice(0, SHOWN))
      results.set(name, { state: 'FAIL', reason: `saw other bytes (${found}) than most (${usual})` })
    }
  }
}

function times(list, item) {
  return list.filter((one) => one === item).length
}

export function printTable(columns) {
  const rows = [
    ['', ...columns.map(({ title }) => title), ''],
    ['', ...columns.map(({ version }) => version), 'bytes seen'],
    ...namesOf(columns).map((name) => [
      name,
      ...columns.map((column) => column.results.get(name)?.state ?? (isSkipped(column) ? '' : '?')),
      digestsOf(columns, name)[0]?.slice(0, SHOWN) ?? '',
    ]),
  ]
  printRows(rows)
  printReasons(columns)
}

/** Aligns the columns. */
export function printRows(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  console.log('')
  for (const row of rows)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
  console.log('')
}

/** Each reason for a result other than "ok" is given once for all that share it. */
function printReasons(columns) {
  const shared = new Map()
  for (const { title, results } of columns)
    for (const [name, { state, reason }] of results) {
      if (state === 'ok') continue
      const key = `${state}: ${String(reason).trim()}`
      const who = shared.get(key) ?? { titles: new Set(), names: new Set() }
      who.titles.add(title)
      who.names.add(name)
      shared.set(key, who)
    }
  const order = [...shared].sort(([a], [b]) => Number(b.startsWith('n/a')) - Number(a.startsWith('n/a')))
  for (const [key, { titles, names }] of order) {
    const [state, ...reason] = key.split(': ')
    console.log(`${state}  ${[...names].join(', ')}\n     ${[...titles].join(', ')}: ${reason.join(': ')}`)
  }
  console.log('')
}

/** A case without a result in some runtime has failed there. */
export function count(columns) {
  const there = columns.filter((column) => !isSkipped(column))
  const states = namesOf(columns).flatMap((name) => there.map(({ results }) => results.get(name)?.state))
  const passed = times(states, 'ok')
  return { passed, failed: states.length - passed - times(states, 'n/a') }
}

function isSkipped({ results }) {
  return results.get('start')?.state === 'skip'
}

function namesOf(columns) {
  return [...new Set(columns.flatMap(({ results }) => [...results.keys()]))]
}

function digestsOf(columns, name) {
  return columns.map(({ results }) => results.get(name)?.digest).filter((digest) => digest !== undefined)
}
