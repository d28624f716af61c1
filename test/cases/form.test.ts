/** The requirements for every case. */

import { describe, expect, test } from 'vitest'
import { clientCases, serverCases } from '../../src/cases/all.ts'
import type { Case } from '../../src/testing/case.ts'
import { parseCases } from '../../src/testing/parse-cases.ts'

const sides = [
  ['server', serverCases],
  ['client', clientCases],
] as const

describe.each(sides)('the cases of a %s', (side, cases) => {
  /** Returns the slugs of the cases that break a requirement. */
  const breaking = (rule: (one: Case) => boolean): readonly string[] =>
    cases.filter((one) => !rule(one)).map(({ id }) => id)

  test('fit the schema', () => {
    const file = { format: 1, cases }
    expect(parseCases(JSON.parse(JSON.stringify(file)))).toEqual(file)
  })

  test('have unique slugs', () => {
    expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length)
    expect(breaking(({ id }) => new RegExp(`^${side}/[a-z0-9-]+/[a-z0-9]+([-.][a-z0-9]+)*$`).test(id))).toEqual([])
    expect(breaking((one) => one.side === side)).toEqual([])
  })

  test('have unique titles in their section', () => {
    const titles = cases.map(({ id, title }) => `${id.split('/')[1]}: ${title}`)
    expect(titles.filter((title, i) => titles.indexOf(title) !== i)).toEqual([])
  })

  test('explain why they matter, and quote a sentence', () => {
    expect(breaking(({ title, why }) => title !== '' && /[.?]$/.test(why))).toEqual([])
    expect(breaking(({ references }) => references.length > 0)).toEqual([])
    const section = /^RFC \d+ §\d+(\.\d+)*$/
    expect(breaking(({ references }) => references.every((one) => section.test(one.section)))).toEqual([])
    const oneLine = /^\S+( \S+)+$/
    expect(breaking(({ references }) => references.every(({ quote }) => oneLine.test(quote)))).toEqual([])
  })

  test('quote the section that a failure names', () => {
    const named = ({ verdict, reason }: Case['outcomes'][number]) =>
      verdict === 'fail' ? (reason.match(/RFC \d+ §[\d.]*\d/g) ?? []) : []
    const quoted = ({ references, outcomes }: Case) =>
      outcomes.flatMap(named).every((section) => references.some((one) => one.section === section))
    expect(breaking(quoted)).toEqual([])
  })

  test('can be passed', () => {
    expect(breaking(({ outcomes }) => outcomes.some(({ verdict }) => verdict === 'pass'))).toEqual([])
  })

  test('have no outcome that an earlier one hides', () => {
    const hidden = ({ outcomes }: Case) =>
      outcomes.some(({ when }, i) => outcomes.slice(0, i).some((before) => covers(before.when, when)))
    expect(breaking((one) => !hidden(one))).toEqual([])
  })

  test('name only labels that their steps have', () => {
    const labels = ({ steps }: Case) => steps.flatMap((step) => ('label' in step ? [step.label] : []))
    const known = (one: Case) =>
      one.outcomes.every(({ when }) => when.before === undefined || labels(one).includes(when.before))
    expect(breaking(known)).toEqual([])
  })

  test('need an echo if they wait for messages', () => {
    const waits = ({ steps }: Case) => steps.some((step) => step.do === 'await' && step.for === 'message')
    expect(breaking((one) => !waits(one) || one.needs.includes('echo'))).toEqual([])
  })
})

/** Whether everything that fits `later` also fits `earlier`, as far as the conditions show. */
function covers(earlier: Case['outcomes'][number]['when'], later: Case['outcomes'][number]['when']): boolean {
  return Object.entries(earlier).every(([name, value]) => {
    const other: unknown = later[name as keyof typeof later]
    if (name === 'status' || name === 'close') return other !== undefined && includes([value].flat(), [other].flat())
    return JSON.stringify(other) === JSON.stringify(value)
  })
}

/** Whether statuses or codes include all of the others. A class such as `4xx` includes its statuses, and `any` every code. */
function includes(values: readonly unknown[], others: readonly unknown[]): boolean {
  return others.every(
    (other) =>
      values.includes(other) ||
      values.includes(`${String(other).charAt(0)}xx`) ||
      (values.includes('any') && other !== 'none'),
  )
}
