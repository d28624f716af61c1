/**
 * A page for each conformance case, and an index of them: what is sent, what the RFC says, why it matters, which outcomes are
 * allowed, and how agents answer.
 *
 * @module
 */

import { escapeMarkup } from '../../src/cli/output/escape.ts'
import { explainConditions, explainSteps } from '../../src/cli/output/explain-case.ts'
import { findAddress } from '../../src/cli/output/page-data.ts'
import { pageStyle } from '../../src/cli/output/page-style.ts'
import { describeEnding, groupBySection, type ResultVerdict } from '../../src/cli/output/summary.ts'
import type { Case, Side } from '../../src/testing/case.ts'
import type { Ending } from '../../src/testing/result.ts'

/** The stored results of an agent over HTTP/1.1. A case that is not listed passed. */
export interface AgentResults {
  readonly side: Side
  readonly agent: { readonly name: string; readonly version: string }
  readonly cases: Readonly<
    Record<string, { readonly verdict: ResultVerdict; readonly reason: string; readonly ending?: Ending }>
  >
}

/** Returns the pages by their paths. */
export function formatPages(cases: readonly Case[], agents: readonly AgentResults[]): ReadonlyMap<string, string> {
  const pages = new Map([['index.html', formatIndex(cases, agents)]])
  for (const one of cases) pages.set(`${one.id}.html`, formatPage(one, agents))
  return pages
}

const style = `
main { max-width: 900px; margin: 0 auto; padding: 20px 16px 60px; }
h2 { margin: 22px 0 6px; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; }
td, code { overflow-wrap: anywhere; }
pre { margin: 4px 0; padding: 8px 10px; border-radius: 7px; background: var(--suite-card); white-space: pre-wrap;
  overflow-wrap: anywhere; font: 12px / 1.5 var(--mono); }
li { margin-bottom: 8px; }
`

function formatDocument(title: string, body: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeMarkup(title)}</title>
<style>${pageStyle}${style}</style>
</head>
<body>
<main>
${body.join('\n')}
</main>
</body>
</html>
`
}

function formatPage(one: Case, agents: readonly AgentResults[]): string {
  const { id, title, why, level, since, carriers, needs, autobahn, passive, references } = one
  const facts = [
    `Level: ${level}`,
    `since ${since}`,
    `over ${carriers.map((carrier) => carrier.toUpperCase()).join(' and ')}`,
    ...(needs.length === 0 ? [] : [`needs ${needs.join(', ')}`]),
    ...(autobahn === undefined ? [] : [`in the Autobahn test suite: ${autobahn.join(', ')}`]),
  ]
  return formatDocument(`${title} · ${id}`, [
    '<p><a href="../../index.html">All cases</a></p>',
    `<h1>${escapeMarkup(title)}</h1>`,
    `<p><code>${escapeMarkup(id)}</code></p>`,
    `<p class="muted">${escapeMarkup(facts.join('; '))}.</p>`,
    ...(why === '' ? [] : [`<p>${escapeMarkup(why)}</p>`]),
    '<h2>The rule</h2>',
    ...references.map(
      ({ section, quote }) => `<p>${formatSection(section)}</p><blockquote>${escapeMarkup(quote)}</blockquote>`,
    ),
    '<h2>Steps</h2>',
    `<ol>${formatSteps(one)}</ol>`,
    ...(passive ? ['<p>The suite does not answer pings and Close frames automatically in this case.</p>'] : []),
    '<h2>Outcomes</h2>',
    '<p class="muted">The first one that fits counts.</p>',
    `<table>${one.outcomes
      .map(
        (outcome) =>
          `<tr><td>${formatBadge(outcome.verdict)}</td><td>${escapeMarkup(outcome.reason)}` +
          `<br><span class="muted">${escapeMarkup(explainConditions(outcome))}</span></td></tr>`,
      )
      .join('\n')}</table>`,
    ...formatAgents(one, agents),
  ])
}

function formatSection(section: string): string {
  const address = findAddress(section)
  return address === undefined ? escapeMarkup(section) : `<a href="${address}">${escapeMarkup(section)}</a>`
}

function formatSteps(one: Case): string {
  return explainSteps(one)
    .map(({ text, notes, hex }) => {
      const lines = [...notes, ...(hex === '' ? [] : [hex])].map(escapeMarkup)
      return `<li>${escapeMarkup(text)}${lines.length === 0 ? '' : `<pre>${lines.join('\n')}</pre>`}</li>`
    })
    .join('\n')
}

function formatBadge(verdict: ResultVerdict): string {
  return `<span class="badge ${verdict}">${verdict}</span>`
}

/** Finds the results of a case. The stored results are those over HTTP/1.1. */
function findResults(one: Case, agents: readonly AgentResults[]) {
  if (!one.carriers.includes('http/1.1')) return []
  return agents
    .filter(({ side }) => side === one.side)
    .map(({ agent, cases }) => ({
      name: `${agent.name} ${agent.version}`,
      ...(cases[one.id] ?? { verdict: 'pass' as const, reason: '' }),
    }))
}

function formatAgents(one: Case, agents: readonly AgentResults[]): readonly string[] {
  const results = findResults(one, agents)
  if (results.length === 0) return []
  const rows = results.map(({ name, verdict, reason, ending }) => {
    const end = ending === undefined ? '' : `<br><span class="muted">${escapeMarkup(describeEnding(ending))}</span>`
    return `<tr><td>${escapeMarkup(name)}</td><td>${formatBadge(verdict)}</td><td>${escapeMarkup(reason)}${end}</td></tr>`
  })
  return ['<h2>How agents answer</h2>', `<table>${rows.join('\n')}</table>`]
}

function formatIndex(cases: readonly Case[], agents: readonly AgentResults[]): string {
  const sides = (['server', 'client'] as const).flatMap((side) => {
    const own = cases.filter((one) => one.side === side)
    const groups = [...groupBySection(own)]
    const links = groups.map(
      ([section, group]) =>
        `<a href="#${side}-${escapeMarkup(section)}">${escapeMarkup(section)}</a> <span class="muted">${group.length}</span>`,
    )
    const sections = groups.flatMap(([section, group]) => [
      `<h2 id="${side}-${escapeMarkup(section)}">${side}/${escapeMarkup(section)}</h2>`,
      `<table>${group.map((one) => formatRow(one, agents)).join('\n')}</table>`,
    ])
    return [`<h1>${own.length} cases for ${side}s</h1>`, `<p>${links.join(' · ')}</p>`, ...sections]
  })
  return formatDocument('Conformance cases', ['<p><a href="../index.html">websocket-primitives</a></p>', ...sides])
}

/** Formats a case, with the agents that do not pass it. */
function formatRow(one: Case, agents: readonly AgentResults[]): string {
  const others = findResults(one, agents).filter(({ verdict }) => verdict === 'fail' || verdict === 'warn')
  const badges = others.map(({ name, verdict }) => `<span class="badge ${verdict}">${escapeMarkup(name)}</span>`)
  return (
    `<tr><td><a href="${escapeMarkup(one.id)}.html">${escapeMarkup(one.title)}</a>` +
    `<br><code class="muted">${escapeMarkup(one.id)}</code></td><td>${badges.join(' ')}</td></tr>`
  )
}
