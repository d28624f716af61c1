/**
 * Reads the command's input files: cases and reports.
 *
 * @module
 */

import { readFileSync } from 'node:fs'
import type { Case, Side } from '../testing/case.ts'
import { parseCases } from '../testing/parse-cases.ts'
import type { Report } from '../testing/result.ts'
import { findReportFault } from './report-form.ts'
import { UsageError } from './usage.ts'

/** The version of the package. */
export const version: string = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version

/** Returns the cases of one side, from the package or from a file. @throws UsageError if the file is not valid. */
export function loadCases(side: Side, file: string | undefined): readonly Case[] {
  if (file === undefined) {
    const text = readFileSync(new URL(`../testing/${side}.json`, import.meta.url), 'utf8')
    return (JSON.parse(text) as { readonly cases: readonly Case[] }).cases
  }
  try {
    return parseCases(readJson(file)).cases.filter((one) => one.side === side)
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(`${file}: ${error.message}`)
    throw error
  }
}

/** Returns the reports of a file, which contains one or a list. @throws UsageError if the file is not valid. */
export function loadReports(file: string): readonly Report[] {
  const value = readJson(file)
  const isList = Array.isArray(value)
  const reports: readonly unknown[] = isList ? value : [value]
  for (const [at, report] of reports.entries()) {
    const fault = findReportFault(report, isList ? `[${at}]` : '')
    if (fault !== undefined)
      throw new UsageError(`${file} is not a report of format 1, as \`--output results.json\` writes it: ${fault}`)
  }
  return reports as readonly Report[]
}

/** @throws UsageError if the file cannot be read, or is not JSON. */
export function readJson(file: string): unknown {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`)
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UsageError(`${file} is not JSON: ${(error as Error).message}`)
  }
}
