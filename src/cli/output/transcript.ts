/**
 * Formats a transcript as lines of text.
 *
 * @module
 */

import type { TranscriptEntry } from '../../testing/result.ts'
import { escapeControls } from './escape.ts'
import { count } from './summary.ts'

/** How many entries are shown: a third from the start, the rest from the end. */
const ENTRIES = 12
/** How many bytes are shown of an entry that is not a head. */
const BYTES = 32
/** How many notes are shown of an entry. */
const NOTES = 12

/** Returns a line for each entry with its time, sender, size and bytes, then its notes. Escapes control characters. */
export function describeTranscript(transcript: readonly TranscriptEntry[]): readonly string[] {
  if (transcript.length <= ENTRIES) return transcript.flatMap(describeEntry)
  const first = ENTRIES / 3
  return [
    ...transcript.slice(0, first).flatMap(describeEntry),
    `          … ${transcript.length - ENTRIES} more …`,
    ...transcript.slice(first - ENTRIES).flatMap(describeEntry),
  ]
}

function describeEntry(entry: TranscriptEntry): readonly string[] {
  const notes = entry.notes.filter((note) => note !== '')
  return [
    `${`${entry.at.toFixed(1)} ms`.padStart(10)}  ${entry.from}  ${describeBytes(entry)}`,
    ...notes.slice(0, NOTES).map((note) => `             ${escapeControls(note)}`),
    ...(notes.length > NOTES ? [`             … ${notes.length - NOTES} more …`] : []),
  ]
}

function describeBytes(entry: TranscriptEntry): string {
  const { type, size, hex } = entry
  if (type !== 'bytes') return type === 'end' ? 'ends its direction' : 'resets the transport'
  if (isHead(entry)) return count(size, 'byte')
  const pairs = pairHex(hex)
  return `${count(size, 'byte')}: ${pairs.slice(0, BYTES).join(' ')}${size > Math.min(BYTES, pairs.length) ? ' …' : ''}`
}

/** Whether notes show its bytes as text, because it is a head of HTTP/1.1. */
export function isHead({ notes }: TranscriptEntry): boolean {
  return /^(HTTP\/1\.1 |[A-Z]+ \S+ HTTP\/1\.1$)/.test(notes[0] ?? '')
}

/** `'8104'` as `['81', '04']`. */
export function pairHex(hex: string): readonly string[] {
  return hex.match(/[\da-f]{2}/gi) ?? []
}
