/**
 * Writes reports to files, each in the format of its ending, and to the standard output.
 *
 * @module
 */

import { accessSync, constants, existsSync, statSync, writeFileSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import type { Report } from '../testing/result.ts'
import { type Format, formatsByEnding, formatters } from './output/formats.ts'
import type { FormatOptions } from './output/formatter.ts'
import { UsageError } from './usage.ts'

/** The options of outputs. */
export interface Outputs {
  /** Files. */
  readonly output: readonly string[]
  /** The format to print. Default: text, unless `quiet`. */
  readonly format: Format | undefined
  readonly quiet: boolean
}

/** Checks the files before a run. @throws UsageError if one cannot be written, or its ending names no format. */
export function requireOutputs({ output }: Outputs): void {
  for (const file of output) {
    findFormat(file)
    requireWritable(file)
  }
}

/** @throws UsageError if the file's folder does not exist, or if the file is a folder or is not writable. */
export function requireWritable(file: string): void {
  try {
    // With a slash, so that a file does not pass as a folder.
    accessSync(existsSync(file) ? file : join(dirname(file), '/'), constants.W_OK)
  } catch (error) {
    throw cannotWrite(file, error)
  }
  // A folder can be writable too.
  if (file.endsWith('/') || statSync(file, { throwIfNoEntry: false })?.isDirectory())
    throw cannotWrite(file, new Error('it is a folder'))
}

function cannotWrite(file: string, error: unknown): UsageError {
  return new UsageError(`${file} cannot be written: ${(error as Error).message}`)
}

/** Writes reports to the files, and prints them. @throws UsageError if a file cannot be written. */
export function writeReports(reports: readonly Report[], outputs: Outputs, options: FormatOptions = {}): void {
  const { format, quiet } = outputs
  if (format !== undefined || !quiet) process.stdout.write(formatters[format ?? 'text'](reports, options))
  for (const file of outputs.output) writeOutput(file, formatters[findFormat(file)](reports, options))
}

function findFormat(file: string): Format {
  const format = formatsByEnding[extname(file)]
  if (format !== undefined) return format
  throw new UsageError(`--output ${file}: the name must end with ${Object.keys(formatsByEnding).join(', ')}`)
}

/** @throws UsageError if the file cannot be written. */
export function writeOutput(file: string, text: string): void {
  try {
    writeFileSync(file, text)
  } catch (error) {
    throw cannotWrite(file, error)
  }
}
