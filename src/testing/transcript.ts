/**
 * Records what was sent over a transport and when, with notes in words. Its size is bounded, whatever an agent sends.
 *
 * @module
 */

import { quote } from '../errors.ts'
import { toHex } from './data.ts'
import type { TranscriptEntry } from './result.ts'

/** The most entries. Further bytes are counted in the last entry of their side. */
const MAX_ENTRIES = 200
/** The most notes of an entry. */
const MAX_NOTES = 32
/** How many bytes of an entry are shown. A head is shown whole unless it is very long. */
const SHOWN = 256
const SHOWN_OF_HEAD = 4096

type From = TranscriptEntry['from']

/** An entry that can still grow. */
interface Entry {
  readonly at: number
  readonly from: From
  readonly type: TranscriptEntry['type']
  size: number
  hex: string
  shown: number
  readonly notes: string[]
  hidden: number
}

/** The transcript of one connection. */
export class Transcript {
  readonly #now: () => number
  readonly #entries: Entry[] = []
  /** The last entry of each side, which gets the notes. */
  readonly #last: Record<From, Entry | undefined> = { agent: undefined, suite: undefined }

  /** @param now Milliseconds since the case began. */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Adds bytes, to the last entry if it is of the same side. */
  bytes(from: From, bytes: Uint8Array, head = false): void {
    let entry = this.#entries.at(-1)
    if (entry === undefined || entry.from !== from || entry.type !== 'bytes') entry = this.#add(from, 'bytes')
    entry.size += bytes.length
    const part = bytes.subarray(0, Math.max(0, (head ? SHOWN_OF_HEAD : SHOWN) - entry.shown))
    entry.hex += toHex(part)
    entry.shown += part.length
  }

  /** Adds the end of a direction. */
  ended(from: From, type: 'end' | 'reset'): void {
    this.#add(from, type)
  }

  /** Adds a note on a side's last bytes. Keeps the first notes only, and does not create the others. */
  note(from: From, describe: () => string): void {
    const entry = this.#last[from] ?? this.#add(from, 'bytes')
    if (entry.notes.length < MAX_NOTES) entry.notes.push(describe())
    else entry.hidden++
  }

  /** Returns the transcript as plain data. */
  list(): readonly TranscriptEntry[] {
    return this.#entries.map(({ at, from, type, size, hex, notes, hidden }) => ({
      at,
      from,
      type,
      size,
      hex,
      notes: hidden === 0 ? [...notes] : [...notes, `… and ${hidden} more`],
    }))
  }

  #add(from: From, type: TranscriptEntry['type']): Entry {
    const full = this.#entries.length >= MAX_ENTRIES && type === 'bytes' ? this.#last[from] : undefined
    if (full !== undefined) return full
    const entry: Entry = { at: this.#now(), from, type, size: 0, hex: '', shown: 0, notes: [], hidden: 0 }
    this.#entries.push(entry)
    this.#last[from] = entry
    return entry
  }
}

/** Returns the lines of a head as visible ASCII. */
export function headNotes(head: string): readonly string[] {
  return head
    .split('\r\n')
    .slice(0, 100)
    .map((line) => (/^[ -~]*$/.test(line) ? line.slice(0, 500) : quote(line)))
    .filter((line) => line !== '')
}
