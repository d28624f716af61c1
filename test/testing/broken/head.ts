/** The grammar of heads and lists (RFC 9110 §5.6, RFC 9112 §2–5). */

import type { Faults } from './faults.ts'

/** A field: its name in lower case, and its value. */
export type Field = readonly [name: string, value: string]

/** A start line and its fields. */
export interface Head {
  readonly line: string
  readonly fields: readonly Field[]
}

export const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"

/** Returns the size of the head at the start of a text, with the empty line, or -1 if it is not complete. */
export function headSize(text: string): number {
  const match = /\r?\n\r?\n/.exec(text)
  return match === null ? -1 : match.index + match[0].length
}

/** Returns the lines and fields of a head, or `undefined` if it breaks the grammar. @param folds Whether folded lines are joined. */
export function readHead(text: string, faults: Faults, folds: boolean): Head | undefined {
  if (faults.has('bare-cr-ends-line')) return readHead(text.replace(/\r(?!\n)/g, '\r\n'), without(faults), folds)
  const joined = folds ? text.replace(/\r\n[ \t]+/g, ' ') : text
  const [line = '', ...rest] = joined.slice(0, -4).split('\r\n')
  if (/[\r\n\0]/.test(line)) return undefined
  const fields: Field[] = []
  for (const one of rest) {
    const field = readField(one, faults)
    if (field === undefined && faults.has('bad-field-lines-dropped')) continue
    if (field === undefined) return undefined
    fields.push(field)
  }
  return { line, fields }
}

function without(faults: Faults): Faults {
  return new Set([...faults].filter((fault) => !fault.startsWith('bare-')))
}

/** The names as the suite writes them. */
const usualNames: ReadonlySet<string> = new Set(
  'Host Upgrade Connection Sec-WebSocket-Accept Sec-WebSocket-Key Sec-WebSocket-Version Sec-WebSocket-Protocol Sec-WebSocket-Extensions'.split(
    ' ',
  ),
)

function readField(line: string, faults: Faults): Field | undefined {
  if (faults.has('values-cut-at-nul')) return readField(line.split('\0')[0] as string, new Set())
  const spaces = faults.has('space-before-colon') ? '[ \t]*' : ''
  const names = faults.has('names-of-any-characters') ? '[^:]*' : token
  if (faults.has('one-space-wanted') && !/^[^:]*: (?:[^\s](?:.*[^\s])?)?$/.test(line)) return undefined
  const match = new RegExp(`^(${names})${spaces}:[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$`).exec(line)
  if (match === null) return undefined
  const [, name = '', value = ''] = match
  if (value === '' && faults.has('empty-value-refused')) return undefined
  if (/[\x80-\xff]/.test(value) && faults.has('values-of-ascii-only')) return undefined
  if (name in {} && faults.has('fields-by-object')) return undefined
  const key = faults.has('underscores-as-hyphens') ? name.replaceAll('_', '-') : name
  // Fields are looked up in lower case, so a name in capitals is never found.
  return [faults.has('names-case-sensitive') && !usualNames.has(key) ? key.toUpperCase() : key.toLowerCase(), value]
}

/** Returns the values of all lines with a name. */
export function valuesOf(fields: readonly Field[], name: string): readonly string[] {
  return fields.filter((field) => field[0] === name).map((field) => field[1])
}

/** Returns the elements of a list of several lines, without the empty ones. */
export function listOf(fields: readonly Field[], name: string): readonly string[] {
  return valuesOf(fields, name)
    .flatMap((value) => value.split(','))
    .map((element) => element.replace(/^[ \t]+|[ \t]+$/g, ''))
    .filter((element) => element !== '')
}

/** Folds case as Unicode does: a Kelvin sign becomes a `k`. */
export function foldByUnicode(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8').normalize('NFKC').toLowerCase()
}
