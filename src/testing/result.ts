/**
 * What a run of the suite found, as plain data: one result a case, and the report of a whole run.
 *
 * @module
 */

import type { Carrier, Level, Reference, Side, Verdict } from './case.ts'

/** How a connection ended: the second axis of a result, beside its verdict. */
export interface Ending {
  /**
   * `'closed'`: the agent sent a Close, and the transport ended. `'kept'`: it sent a Close, but kept the transport open. `'dropped'`:
   * it ended the transport without a Close. `'reset'`: it reset it without one. `'refused'`: no WebSocket was opened, by its answer or
   * because it gave up. `'open'`: it did nothing of that; the suite had to end.
   */
  readonly how: 'closed' | 'kept' | 'dropped' | 'reset' | 'refused' | 'open'
  /** Who ended the transport first. */
  readonly by: 'agent' | 'suite'
  /** In the agent's Close, if it has one. */
  readonly code?: number
  /** In the agent's Close, if it has one. */
  readonly reason?: string
}

/** Something that went over the transport, or happened to it. */
export interface TranscriptEntry {
  /** Milliseconds since the case began. */
  readonly at: number
  /** Which end sent it. */
  readonly from: 'agent' | 'suite'
  /** Bytes, or the end of this direction. */
  readonly type: 'bytes' | 'end' | 'reset'
  /** The number of bytes. */
  readonly size: number
  /** The first of them (at most 256, or 4096 of a head) in hexadecimal. */
  readonly hex: string
  /** What they are, a line each: heads as text, frames in words. */
  readonly notes: readonly string[]
}

/** The result of one case. */
export interface CaseResult {
  /** The slug of the case. */
  readonly id: string
  /** What was done, in a few words. */
  readonly title: string
  /** What goes wrong where an agent fails. Empty: the title says it all. */
  readonly why: string
  /** How binding the rule is. */
  readonly level: Level
  /** What carried the WebSocket. */
  readonly carrier: Carrier
  /** The rules of the case. */
  readonly references: readonly Reference[]
  /** `'error'`: the suite itself could not run the case, for example because nothing listens. */
  readonly verdict: Verdict | 'error'
  /** What it means, or what came in place of what was expected. */
  readonly reason: string
  /** The outcomes that the case allows, a sentence each. */
  readonly expected: readonly string[]
  /** `undefined`: there was no connection. */
  readonly ending: Ending | undefined
  /** The bytes both ways. */
  readonly transcript: readonly TranscriptEntry[]
  /** Milliseconds. */
  readonly duration: number
}

/** The results of one agent. */
export interface Report {
  /** The version of the format. */
  readonly format: 1
  /** The version of the package whose cases were run. */
  readonly suite: string
  /** The end that was tested. */
  readonly side: Side
  /** What was tested. */
  readonly agent: {
    /** For example `'ws'`. */
    readonly name: string
    /** For example `'8.23.0'`. */
    readonly version?: string
  }
  /** The seed of keys and chunks. */
  readonly seed: number
  /** Milliseconds. */
  readonly duration: number
  /** In the order of the cases. */
  readonly results: readonly CaseResult[]
}
