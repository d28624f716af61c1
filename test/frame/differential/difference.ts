/**
 * Compares what two readers report for one stream of frames, and finds the class that explains the difference. Verdicts and classes
 * are data; readers and streams are elsewhere.
 */

import type { Role } from '../../../src/types.ts'
import type { Stream } from '../streams.ts'

export type PeerName = 'ws' | 'driver'

/** Everything that a reader tells of a stream, in order. */
export interface Verdict {
  /** Such as `text "Hello"`, `binary 01 02`, `ping 41`. */
  readonly events: readonly string[]
  /** `waiting` for more bytes, `close 1000 "reason"` for the Close that came, or `error 1002 …` and its own words. */
  readonly end: string
  /** Of an error in a header: bytes before its frame. */
  readonly offset?: number | undefined
}

/** Reads whole streams, each with a reader of its own. */
export interface Peer {
  readonly name: PeerName
  /** How it spells what pings and pongs carry. */
  spell(payload: Uint8Array): string
  read(stream: Stream): Verdict
}

export interface Difference {
  readonly peer: PeerName
  readonly role: Role
  readonly bytes: Uint8Array
  /** The first thing that the two do not say alike. */
  readonly ours: string
  readonly theirs: string
  /** Where the frame with our error begins. */
  readonly offset: number | undefined
}

/** All that must be true of a difference; what is left out may be anything. */
export interface Pattern {
  readonly ours?: RegExp
  readonly theirs?: RegExp
  holds?(difference: Difference): boolean
}

interface DifferenceClass {
  /** Who keeps to the RFC; `'both'` where it leaves the choice. */
  readonly right: 'ours' | 'peer' | 'both'
  readonly reason: string
  readonly reference: string
  /** A stream that brings it up, in hexadecimal digits. */
  readonly example: string
  /** Who reads the example. Default: a server. */
  readonly role?: Role
  /** How it looks beside each peer that does it. */
  readonly ws?: Pattern
  readonly driver?: Pattern
}

export type DifferenceClasses = Readonly<Record<string, DifferenceClass>>

/** Where two verdicts part; `undefined`: they agree. Why either fails is its own affair, as long as the close code is one. */
export function compare(peer: PeerName, stream: Stream, ours: Verdict, theirs: Verdict): Difference | undefined {
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

/** The names of the classes that hold a difference. */
export function explain(difference: Difference, classes: DifferenceClasses): string[] {
  return Object.keys(classes).filter((name) => {
    const pattern = classes[name]?.[difference.peer]
    return pattern !== undefined && fits(difference, pattern)
  })
}

function fits(difference: Difference, { ours = /^/, theirs = /^/, holds }: Pattern): boolean {
  return ours.test(difference.ours) && theirs.test(difference.theirs) && (holds?.(difference) ?? true)
}
