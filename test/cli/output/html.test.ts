/** The HTML page as text: its contents and its size. `page.test.ts` uses it in a browser. */

import { expect, test } from 'vitest'
import { formatHtml } from '../../../src/cli/output/html.ts'
import { findAddress, fitPageData } from '../../../src/cli/output/page-data.ts'
import type { CaseResult, Report } from '../../../src/testing/result.ts'
import { bad, manyReports, mixed, report, result } from './fixtures.ts'

const collect = (reports: readonly Report[]) => fitPageData(reports, 1_000_000)

test('contains no addresses except those of RFCs, and no text that could end a script', () => {
  const page = formatHtml([mixed, report([bad], '</script><script>alert(1)</script>')])
  expect(page.match(/<\/?script\b[^>]*>/g)).toEqual([
    '<script type="application/json" id="data">',
    '</script>',
    '<script>',
    '</script>',
  ])
  expect(page).not.toContain('<img')
  expect(new Set(page.match(/https?:\/\/[^/"]+/g))).toEqual(new Set(['https://www.rfc-editor.org']))
  expect(page).not.toMatch(/[^\P{C}\n\t]/u)
})

test('stores a case, a text and an entry once', () => {
  const one = report([result()])
  const { cases, entries, tables } = collect([one, report([result()], 'other')])
  expect(cases).toHaveLength(1)
  expect(entries).toHaveLength(4)
  const times = [0, 0, 1.3, 1, 2, 2, 2.5, 3]
  expect(tables[0]?.rows[0]?.cells.map((cell) => cell?.transcript)).toEqual([times, times])
})

test('has no cell for a case that an agent did not run, and one table each for servers and clients', () => {
  const client = { ...report([result({ id: 'client/masking/key' })]), side: 'client' as const }
  const { tables } = collect([report([result()]), report([result({ id: 'server/a/b' })]), client])
  expect(
    tables.map(({ side, rows }) => [side, rows.map(({ id, cells }) => [id, cells.map((cell) => cell?.verdict)])]),
  ).toEqual([
    [
      'server',
      [
        ['server/framing/opcode-3', ['pass', undefined]],
        ['server/a/b', [undefined, 'pass']],
      ],
    ],
    ['client', [['client/masking/key', ['pass']]]],
  ])
})

test('stays under 3 MB with ten agents and 600 cases, and reports the transcripts that it leaves out', () => {
  const page = formatHtml(manyReports(10, 600))
  expect(page.length).toBeLessThan(3_000_000)
  expect(page).toContain('"leftOut":""')
  const [entry] = bad.transcript
  const flood = (id: string) => Array.from({ length: 200 }, (_, at) => ({ ...entry, at, notes: [`${id} ${at}`] }))
  const flooded = manyReports(2, 600).map((one): Report => {
    const results = one.results.map((each) => ({ ...each, verdict: 'fail', transcript: flood(each.id) }) as CaseResult)
    return { ...one, results }
  })
  const small = formatHtml(flooded)
  expect(small.length).toBeLessThan(3_000_000)
  expect(small).toContain(
    'Only failures and warnings have a transcript: 20 entries of 32 bytes, to keep this page small.',
  )
  expect(fitPageData(flooded, 1000).leftOut).toBe('Transcripts are left out, to keep this page small.')
})

test('finds the addresses of RFC sections', () => {
  expect(findAddress('RFC 6455 §5.2')).toBe('https://www.rfc-editor.org/rfc/rfc6455#section-5.2')
  expect(findAddress('RFC 9113')).toBe('https://www.rfc-editor.org/rfc/rfc9113')
  expect(findAddress('RFC 7692 §7.2.3.1')).toBe('https://www.rfc-editor.org/rfc/rfc7692#section-7.2.3.1')
  expect(findAddress('javascript:alert(1)')).toBeUndefined()
})
