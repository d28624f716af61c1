/**
 * The data of the HTML page: reports as tables. A text that occurs more than once is stored once.
 *
 * @module
 */

import type { Level, Reference, Side } from '../../testing/case.ts'
import type { CaseResult, Report, TranscriptEntry } from '../../testing/result.ts'
import { escapeControls } from './escape.ts'
import { describeEnding, groupBy, nameAgent, type ResultVerdict, sectionOf, type Tally, tally } from './summary.ts'
import { isHead } from './transcript.ts'

/** An index into {@link PageData.texts}. */
type Text = number

export interface PageData {
  readonly texts: readonly string[]
  readonly entries: readonly PageEntry[]
  readonly cases: readonly PageCase[]
  /** One table for each side. */
  readonly tables: readonly PageTable[]
  /** A sentence on what was left out to keep the page small. */
  readonly leftOut: string
}

/** An entry of a transcript without its time, so that results can share it. */
export interface PageEntry {
  readonly from: TranscriptEntry['from']
  readonly type: TranscriptEntry['type']
  readonly size: number
  readonly hex: string
  readonly notes: readonly Text[]
}

/** The part of a result that describes its case. */
interface PageCase {
  readonly title: string
  readonly why: string
  readonly level: Level
  readonly references: readonly { readonly section: string; readonly quote: string; readonly address?: string }[]
  readonly expected: readonly string[]
}

export interface PageTable {
  readonly side: Side
  readonly columns: readonly PageColumn[]
  readonly rows: readonly PageRow[]
}

/** An agent. */
interface PageColumn {
  readonly name: string
  readonly suite: string
  readonly seed: number
  readonly counts: Tally
}

/** A case, with a cell for each column; `null`: not run. */
export interface PageRow {
  readonly id: string
  readonly section: string
  readonly cells: readonly (PageCell | null)[]
}

export interface PageCell {
  readonly verdict: ResultVerdict
  /** An index into {@link PageData.cases}. */
  readonly case: number
  readonly reason: Text
  readonly ending: Text
  /** Milliseconds and an index into {@link PageData.entries}, in turn. Absent: left out. */
  readonly transcript?: readonly number[]
}

/** How much of the transcripts goes into the page. */
interface PageDetail {
  readonly leftOut: string
  /** Whether the transcript of a result is in the page. */
  readonly keep: (result: CaseResult) => boolean
  /** The most entries of a transcript. */
  readonly entries: number
  /** The most bytes of an entry in hexadecimal. */
  readonly bytes: number
}

/** From the most detail to the least. */
const details: readonly PageDetail[] = [
  { leftOut: '', keep: () => true, entries: Number.POSITIVE_INFINITY, bytes: 256 },
  {
    leftOut: 'Transcripts of cases that passed or were skipped are left out, to keep this page small.',
    keep: ({ verdict }) => verdict !== 'pass' && verdict !== 'skip',
    entries: Number.POSITIVE_INFINITY,
    bytes: 256,
  },
  {
    leftOut: 'Only failures and warnings have a transcript: 20 entries of 32 bytes, to keep this page small.',
    keep: ({ verdict }) => verdict === 'fail' || verdict === 'warn',
    entries: 20,
    bytes: 32,
  },
  { leftOut: 'Transcripts are left out, to keep this page small.', keep: () => false, entries: 0, bytes: 0 },
]

/** Returns the data with as much detail as fits into `maxSize` characters of JSON. Without transcripts the size has no limit. */
export function fitPageData(reports: readonly Report[], maxSize: number): PageData {
  let data: PageData | undefined
  for (const detail of details) {
    const last = detail === details.at(-1)
    data = collectPageData(reports, detail, last ? Number.POSITIVE_INFINITY : maxSize)
    if (data !== undefined && (last || JSON.stringify(data).length <= maxSize)) break
  }
  return data as PageData
}

/** Returns `undefined` as soon as the data is larger than `maxSize`, and collects nothing more. */
function collectPageData(reports: readonly Report[], detail: PageDetail, maxSize: number): PageData | undefined {
  const texts = new Table<string>()
  const entries = new Table<PageEntry>()
  const cases = new Table<PageCase>()

  const addText = (text: string): Text => texts.add(escapeControls(text))
  const addEntry = (entry: TranscriptEntry, passed: boolean): number => {
    const { from, type, size, hex, notes } = entry
    const shown = passed && isHead(entry) ? '' : hex.slice(0, 2 * detail.bytes)
    return entries.add({ from, type, size, hex: shown, notes: notes.map(addText) })
  }
  const addCell = (result: CaseResult): PageCell => {
    const { title, why, level, references, expected, verdict, reason, ending, transcript } = result
    const shown = transcript.slice(0, detail.entries)
    return {
      verdict,
      case: cases.add({ title, why, level, references: references.map(addAddress), expected }),
      reason: addText(reason),
      ending: addText(describeEnding(ending)),
      ...(detail.keep(result) && {
        transcript: shown.flatMap((entry) => [Math.round(10 * entry.at) / 10, addEntry(entry, verdict === 'pass')]),
      }),
    }
  }

  const tables: PageTable[] = []
  for (const [side, group] of groupBy(reports, ({ side }) => side)) {
    const columns = group.map(({ results }) => new Map(results.map((result) => [result.id, result])))
    const rows: PageRow[] = []
    for (const [section, ids] of groupBySection(columns)) {
      for (const id of ids) {
        const cells = columns.map((results) => results.get(id)).map((result) => (result ? addCell(result) : null))
        rows.push({ id: escapeControls(id), section: escapeControls(section), cells })
        if (texts.size + entries.size + cases.size > maxSize) return undefined
      }
    }
    tables.push({ side, columns: group.map(describeColumn), rows })
  }
  return { texts: texts.items, entries: entries.items, cases: cases.items, tables, leftOut: detail.leftOut }
}

/** Returns the slugs of all agents, each once, grouped by section. */
function groupBySection(columns: readonly ReadonlyMap<string, CaseResult>[]): ReadonlyMap<string, readonly string[]> {
  return groupBy([...new Set(columns.flatMap((results) => [...results.keys()]))], sectionOf)
}

function describeColumn(report: Report): PageColumn {
  const { suite, seed, results } = report
  const carrier = results.every((result) => result.carrier === 'http/2') && results.length > 0 ? ' over HTTP/2' : ''
  return { name: nameAgent(report) + carrier, suite: escapeControls(suite), seed, counts: tally(results) }
}

/** Adds the section's address, if it is one of an RFC. */
function addAddress({ section, quote }: Reference): PageCase['references'][number] {
  const address = findAddress(section)
  return address === undefined ? { section, quote } : { section, quote, address }
}

/** Returns the address of a section such as `RFC 6455 §5.2`, or `undefined` for any other text. */
export function findAddress(section: string): string | undefined {
  const [, rfc, number] = /^RFC (\d{1,5})(?: §(\d+(?:\.\d+)*))?/.exec(section) ?? []
  if (rfc === undefined) return undefined
  return `https://www.rfc-editor.org/rfc/rfc${rfc}${number === undefined ? '' : `#section-${number}`}`
}

/** Stores each item once, compared by its JSON. */
class Table<Item> {
  readonly items: Item[] = []
  /** Characters of JSON. */
  size = 0
  readonly #indices = new Map<string, number>()

  add(item: Item): number {
    const key = JSON.stringify(item)
    const known = this.#indices.get(key)
    if (known !== undefined) return known
    this.#indices.set(key, this.items.length)
    this.size += key.length
    return this.items.push(item) - 1
  }
}
