/**
 * Formats results as one HTML page: a table of cases and agents. Each cell opens the result, with what was expected and the bytes in
 * both directions. The page needs no other file, works from a disk, and shows a peer's text as text only.
 *
 * @module
 */

import { escapeMarkup } from './escape.ts'
import type { Formatter } from './formatter.ts'
import { fitPageData, type PageData } from './page-data.ts'
import { runPage } from './page-script.ts'
import { matrixStyle, pageStyle } from './page-style.ts'
import { meanings, nameAgent, verdicts } from './summary.ts'

/** The most characters of data in a page. Mail servers and forges refuse larger pages, and browsers take a second to show them. */
const MAX_DATA = 2_800_000

export const formatHtml: Formatter = (reports) => {
  const [first, ...others] = reports
  const agents = first === undefined ? 'no agent' : [first, ...others].map(nameAgent).join(', ')
  const data = fitPageData(reports, MAX_DATA)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>WebSocket conformance: ${escapeMarkup(agents)}</title>
<style>${pageStyle}${matrixStyle}</style>
</head>
<body>
<header>
<h1>WebSocket conformance</h1>
<p class="muted">${describeRuns(data)}</p>
${formatFilter(data)}
</header>
<main id="matrix"></main>
<dialog id="result" aria-labelledby="title"></dialog>
<noscript><p>This page needs JavaScript. It loads nothing from other sites.</p></noscript>
<script type="application/json" id="data">${escapeScript(data)}</script>
<script>(${runPage})()</script>
</body>
</html>
`
}

/** JSON has `<` in strings only. Without it, no text can end the script element. */
function escapeScript(data: PageData): string {
  return JSON.stringify(data).replaceAll('<', '\\u003c')
}

function describeRuns({ tables, leftOut }: PageData): string {
  const columns = tables.flatMap((table) => table.columns)
  const runs = new Set(columns.map(({ suite, seed }) => `cases of websocket-primitives ${suite}, seed ${seed}`))
  return escapeMarkup([...runs, ...(leftOut === '' ? [] : [leftOut])].join('. '))
}

function formatFilter({ tables }: PageData): string {
  const totals = verdicts.map((verdict) =>
    tables.flatMap(({ columns }) => columns).reduce((sum, { counts }) => sum + counts[verdict], 0),
  )
  // Most cases pass. They would hide the results that need a look.
  const needsLook = verdicts.some((verdict, index) => verdict !== 'pass' && verdict !== 'skip' && totals[index] !== 0)
  const boxes = verdicts.map(
    (verdict, index) =>
      `<label title="${meanings[verdict]}"><input type="checkbox" name="verdict" value="${verdict}"` +
      `${verdict === 'pass' && needsLook ? '' : ' checked'}><span class="badge ${verdict}">${verdict}</span>${totals[index]}</label>`,
  )
  const sections = new Set(tables.flatMap(({ side, rows }) => rows.map(({ section }) => `${side}/${section}`)))
  const options = [...sections].map((section) => `<option>${escapeMarkup(section)}</option>`)
  const several = tables.some(({ columns }) => columns.length > 1)
  return `<form id="filter" role="search">
<fieldset><legend>Show</legend>${boxes.join('')}</fieldset>
${several ? '<label><input type="checkbox" name="differ">only where agents differ</label>' : ''}
<label>Section <select name="section"><option value="">all</option>${options.join('')}</select></label>
<label>Text <input type="search" name="text" placeholder="slug, title or reason"></label>
<output id="count" class="muted"></output>
</form>`
}
