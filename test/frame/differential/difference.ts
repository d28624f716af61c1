/**
 * Compares the reports of two readers for one stream of frames, and finds the class that explains the difference. Reports and classes are
 * data; readers and streams are elsewhere.
 */

import type { Role } from '../../../src/types.ts'
import type { Stream } from '../streams.ts'

export type PeerName = 'ws' | 'driver'

/** Everything that a reader reports for a stream, in order. */
export interface Report {
  /** Such as `text "Hello"`, `binary 01 02`, `ping 41`. */
  readonly events: readonly string[]
  /** `waiting` for more bytes, `close 1000 "reason"` for the Close received, or `error 1002 …` with its message. */
  readonly end: string
  /** For an error in a header: bytes before its frame. */
  readonly offset?: number | undefined
}

/** Reads whole streams, each with a new reader. */
export interface Peer {
  readonly name: PeerName
  /** Formats the data of pings and pongs as the peer does. */
  spell(payload: Uint8Array): string
  read(stream: Stream): Report
}

export interface Difference {
  readonly peer: PeerName
  readonly role: Role
  readonly bytes: Uint8Array
  /** The first difference between the two. */
  readonly ours: string
  readonly theirs: string
  /** Where the frame with our error begins. */
  readonly offset: number | undefined
}

/** All conditions on a difference; omitted ones are arbitrary. */
export interface Pattern {
  readonly ours?: RegExp
  readonly theirs?: RegExp
  holds?(difference: Difference): boolean
}

interface DifferenceClass {
  /** Which side follows the RFC; `'both'` if it leaves the choice. */
  readonly right: 'ours' | 'peer' | 'both'
  readonly reason: string
  readonly reference: string
  /** A stream that shows it, in hexadecimal. */
  readonly example: string
  /** The role of the reader of the example. Default: a server. */
  readonly role?: Role
  /** The difference for each peer that shows it. */
  readonly ws?: Pattern
  readonly driver?: Pattern
}

export type DifferenceClasses = Readonly<Record<string, DifferenceClass>>

/**
 * Returns where two reports diverge; `undefined` if they agree. Errors may have different messages if the close code is the same.
 */
export function compare(peer: PeerName, stream: Stream, ours: Report, theirs: Report): Difference | undefined {
  const [our, their] = [
    [...ours.events, ours.end],
    [...theirs.events, theirs.end],
  ]
  const at = our.findIndex((each, index) => withoutWords(each) !== withoutWords(their[index] ?? ''))
  if (at < 0) return undefined
  const { role, bytes } = stream
  // If one stream ends, the result of the other at this place counts too.
  return { peer, role, bytes, ours: our[at] as string, theirs: their[at] as string, offset: ours.offset }
}

const withoutWords = (said: string): string => said.replace(/^(error \d+).*/s, '$1')

/** Returns the names of the classes that explain a difference. */
export function explain(difference: Difference, classes: DifferenceClasses): string[] {
  return Object.keys(classes).filter((name) => {
    const pattern = classes[name]?.[difference.peer]
    return pattern !== undefined && fits(difference, pattern)
  })
}

function fits(difference: Difference, { ours = /^/, theirs = /^/, holds }: Pattern): boolean {
  return ours.test(difference.ours) && theirs.test(difference.theirs) && (holds?.(difference) ?? true)
}
