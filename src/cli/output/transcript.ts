/**
 * A transcript as lines of text.
 *
 * @module
 */

import type { TranscriptEntry } from '../../testing/result.ts'
import { escapeControls } from './escape.ts'
import { count } from './summary.ts'

export interface TranscriptLimits {
  /** The most entries: the first third and the last two thirds of them are shown. */
  readonly entries: number
  /** The most bytes in hexadecimal of an entry. */
  readonly bytes: number
  /** The most notes of an entry. */
  readonly notes: number
}

/** For a terminal or a CI log. */
export const shortTranscript: TranscriptLimits = { entries: 12, bytes: 32, notes: 12 }

/** Entries as lines: time, direction, size and bytes; below it the notes. Control characters are escaped. */
export function describeTranscript(
  transcript: readonly TranscriptEntry[],
  limits: TranscriptLimits = shortTranscript,
): readonly string[] {
  if (transcript.length <= limits.entries) return transcript.flatMap((entry) => describeEntry(entry, limits))
  const first = Math.floor(limits.entries / 3)
  const last = limits.entries - first
  return [
    ...transcript.slice(0, first).flatMap((entry) => describeEntry(entry, limits)),
    `          … ${transcript.length - limits.entries} more …`,
    ...transcript.slice(-last).flatMap((entry) => describeEntry(entry, limits)),
  ]
}

function describeEntry(entry: TranscriptEntry, limits: TranscriptLimits): readonly string[] {
  // A head ends with an empty line.
  const notes = entry.notes.filter((note) => note !== '')
  const time = `${entry.at.toFixed(1)} ms`.padStart(10)
  return [
    `${time}  ${entry.from}  ${describeBytes(entry, limits.bytes)}`,
    ...notes.slice(0, limits.notes).map((note) => `             ${escapeControls(note)}`),
    ...(notes.length > limits.notes ? [`             … ${notes.length - limits.notes} more …`] : []),
  ]
}

function describeBytes({ type, size, hex }: TranscriptEntry, limit: number): string {
  if (type !== 'bytes') return type === 'end' ? 'ends its direction' : 'resets the transport'
  const pairs = pairHex(hex)
  return `${count(size, 'byte')}: ${pairs.slice(0, limit).join(' ')}${size > Math.min(limit, pairs.length) ? ' …' : ''}`
}

/** `'8104'` as `['81', '04']`. */
export function pairHex(hex: string): readonly string[] {
  return hex.match(/[\da-f]{2}/gi) ?? []
}
