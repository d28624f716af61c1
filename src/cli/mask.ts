/**
 * Keeps credentials out of reports: the values of the fields that the user adds to each request, and the user in a URL.
 *
 * @module
 */

import type { CaseResult, TranscriptEntry } from '../testing/result.ts'

/** Returns a URL without its user and password. */
export function withoutUser(text: string): string {
  const url = new URL(text)
  if (url.username === '' && url.password === '') return text
  url.username = ''
  url.password = ''
  return url.href
}

/**
 * Returns a function that masks the values of these fields in what the suite has sent: with `…` in the notes, and with asterisks in the
 * bytes, whose number stays the same.
 *
 * @param names Names of fields.
 */
export function createMask(names: readonly string[]): (result: CaseResult) => CaseResult {
  if (names.length === 0) return (result) => result
  const name = names.map((one) => one.replace(/[^\w-]/g, '\\$&')).join('|')
  // A note is a line of a head, which may be quoted, or several lines if they end in LF.
  const note = new RegExp(`(?<=^|\\n)"?(${name})[ \\t]*:[^\\n]*`, 'gi')
  const line = new RegExp(`(?<=^|\\n)((?:${name})[ \\t]*:[ \\t]*)([^\\r\\n]*)`, 'gi')
  return (result) => {
    const sent = result.transcript.filter(({ from }) => from === 'suite')
    // A value can be divided among entries.
    const bytes = Buffer.from(sent.map(({ hex }) => hex).join(''), 'hex').toString('latin1')
    const masked = bytes.replace(line, (_, begin: string, value: string) => `${begin}${'*'.repeat(value.length)}`)
    const hex = Buffer.from(masked, 'latin1').toString('hex')
    let at = 0
    const mask = (entry: TranscriptEntry): TranscriptEntry => {
      if (entry.from !== 'suite') return entry
      const start = at
      at += entry.hex.length
      return { ...entry, hex: hex.slice(start, at), notes: entry.notes.map((text) => text.replace(note, '$1: …')) }
    }
    return { ...result, transcript: result.transcript.map(mask) }
  }
}
