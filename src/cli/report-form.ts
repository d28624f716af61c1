/**
 * Checks that a report has the form that the outputs rely on. It may have been written by hand or by another program.
 *
 * @module
 */

import { describeValue } from '../arguments.ts'
import { quote } from '../errors.ts'

/** Returns what is wrong with a value, and where, or `undefined`. */
type Check = (value: unknown, place: string) => string | undefined

/**
 * Returns the first fault of a report, such as `results[3].reason must be a string, not undefined`, or `undefined`.
 *
 * @param place Its place in the file; empty if it is the whole file.
 */
export function findReportFault(value: unknown, place: string): string | undefined {
  return report(value, place)
}

function either(...allowed: readonly (string | number)[]): Check {
  const expected = allowed.map((one) => (typeof one === 'string' ? quote(one) : String(one))).join(', ')
  const what = allowed.length === 1 ? expected : `one of ${expected}`
  return (value, place) => (allowed.some((one) => one === value) ? undefined : mustBe(place, what, value))
}

function list(item: Check): Check {
  return (value, place) =>
    Array.isArray(value)
      ? findFirst(value.entries(), ([at, each]) => item(each, `${place}[${at}]`))
      : mustBe(place, 'a list', value)
}

/** Ignores other properties: a later version may write more. */
function record(members: Readonly<Record<string, Check>>): Check {
  return (value, place) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? findFirst(Object.entries(members), ([name, check]) =>
          check((value as Record<string, unknown>)[name], place === '' ? name : `${place}.${name}`),
        )
      : mustBe(place, 'an object', value)
}

function optional(check: Check): Check {
  return (value, place) => (value === undefined ? undefined : check(value, place))
}

function findFirst<Item>(items: Iterable<Item>, check: (item: Item) => string | undefined): string | undefined {
  for (const item of items) {
    const fault = check(item)
    if (fault !== undefined) return fault
  }
  return undefined
}

function mustBe(place: string, what: string, value: unknown): string {
  return `${place === '' ? 'it' : place} must be ${what}, not ${describeValue(value)}`
}

const string: Check = (value, place) => (typeof value === 'string' ? undefined : mustBe(place, 'a string', value))
const number: Check = (value, place) => (typeof value === 'number' ? undefined : mustBe(place, 'a number', value))

const result = record({
  id: string,
  title: string,
  why: string,
  level: either('must', 'should', 'may', 'policy'),
  carrier: either('http/1.1', 'http/2'),
  references: list(record({ section: string, quote: string })),
  verdict: either('pass', 'warn', 'fail', 'info', 'skip', 'error'),
  reason: string,
  expected: list(string),
  ending: optional(
    record({
      how: either('closed', 'kept', 'dropped', 'reset', 'refused', 'open'),
      by: either('agent', 'suite'),
      code: optional(number),
      reason: optional(string),
    }),
  ),
  transcript: list(
    record({
      at: number,
      from: either('agent', 'suite'),
      type: either('bytes', 'end', 'reset'),
      size: number,
      hex: string,
      notes: list(string),
    }),
  ),
  duration: number,
})

const report = record({
  format: either(1),
  suite: string,
  side: either('server', 'client'),
  agent: record({ name: string, version: optional(string) }),
  seed: number,
  duration: number,
  results: list(result),
})
