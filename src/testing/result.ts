/**
 * The results of the suite as plain data: a result for each case, and the report of a whole run.
 *
 * @module
 */

import type { Carrier, Level, Reference, Side, Verdict } from './case.ts'

/** How a connection ended: the second part of a result, next to its verdict. */
export interface Ending {
  /**
   * `'closed'`: the agent sent a Close, and the transport ended. `'kept'`: it sent a Close, but kept the transport open. `'dropped'`:
   * it ended the transport without a Close. `'reset'`: it reset the transport without a Close. `'refused'`: no WebSocket was opened,
   * because the agent refused or gave up. `'open'`: it did none of these, and the suite ended the transport.
   */
  readonly how: 'closed' | 'kept' | 'dropped' | 'reset' | 'refused' | 'open'
  /** The side that ended the transport first. */
  readonly by: 'agent' | 'suite'
  /** The code of the agent's Close, if it has one. */
  readonly code?: number
  /** The reason of the agent's Close, if it has one. */
  readonly reason?: string
}

/** An event of the transport: bytes, the end of a direction, or a reset. */
export interface TranscriptEntry {
  /** Milliseconds since the case began. */
  readonly at: number
  /** The side that sent it. */
  readonly from: 'agent' | 'suite'
  /** Bytes, or the end of this direction. */
  readonly type: 'bytes' | 'end' | 'reset'
  /** The number of bytes. */
  readonly size: number
  /** The first bytes (at most 256, or 4096 of a head) in hexadecimal. */
  readonly hex: string
  /** The bytes explained, one string per line: heads as text, frames in words. */
  readonly notes: readonly string[]
}

/** The result of one case. */
export interface CaseResult {
  /** The slug of the case. */
  readonly id: string
  /** What the case does, in a few words. */
  readonly title: string
  /** What goes wrong if an agent fails. Empty if the title is enough. */
  readonly why: string
  /** How binding the rule is. */
  readonly level: Level
  /** The version of HTTP that carried the WebSocket. */
  readonly carrier: Carrier
  /** The rules of the case. */
  readonly references: readonly Reference[]
  /** `'error'`: the suite itself could not run the case, for example because nothing listens. */
  readonly verdict: Verdict | 'error'
  /** What the agent did, and what that means. */
  readonly reason: string
  /** The outcomes that the case allows, one sentence each. */
  readonly expected: readonly string[]
  /** How the connection ended. `undefined` if there was none. */
  readonly ending: Ending | undefined
  /** The bytes in both directions. */
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
  /** The side that was tested. */
  readonly side: Side
  /** The agent that was tested. */
  readonly agent: {
    /** For example `'ws'`. */
    readonly name: string
    /** For example `'8.23.0'`. */
    readonly version?: string
  }
  /** The seed for keys and chunks. */
  readonly seed: number
  /** Milliseconds. */
  readonly duration: number
  /** In the order of the cases. */
  readonly results: readonly CaseResult[]
}
