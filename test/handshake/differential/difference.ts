/**
 * What two judges of one handshake say, where they part, and what explains it. Knows verdicts and classes of differences as
 * data; neither who judges nor how handshakes come about.
 */

export type PeerName = 'ws' | 'wsproto'

export type Verdict =
  /** A WebSocket is open. */
  | {
      readonly state: 'accepted'
      /** What a server answers to the key. */
      readonly accept?: string | undefined
      readonly subprotocol: string | undefined
      /** The parameters of permessage-deflate, as `describeDeflate` spells them. */
      readonly deflate: string | undefined
    }
  /** There is none. Lists every error found, the most serious first, and for servers the status of each. */
  | { readonly state: 'refused'; readonly whys: readonly string[]; readonly statuses?: readonly number[] }
  /** The head is not whole yet. */
  | { readonly state: 'waiting' }

/** Judges handshakes, whose characters are bytes, in order. */
export interface Peer {
  readonly name: PeerName
  judge(texts: readonly string[]): Promise<Verdict[]>
  stop(): void
}

/** In which respect two verdicts part. */
type Kind = 'we refuse' | 'peer refuses' | 'status' | 'accept' | 'subprotocol' | 'deflate'

export interface Difference {
  readonly peer: PeerName
  readonly kind: Kind
  readonly text: string
  /**
   * Of a refusal of ours one error, as `code (reference): message`, of the peer's its words; else what was agreed on, or `waiting`.
   */
  readonly ours: string
  readonly theirs: string
}

/** All that must be true of a difference; what is left out may be anything. */
export interface Pattern {
  readonly kind: Kind
  readonly ours?: RegExp
  readonly theirs?: RegExp
  readonly text?: RegExp
  holds?(text: string): boolean
  /** The last version of llhttp, which Node reads heads with, that was seen to differ so, if later ones do not. */
  readonly lastSeen?: string
}

interface DifferenceClass {
  /** Who keeps to the RFC; `'both'` where it leaves the choice. */
  readonly right: 'ours' | 'peer' | 'both'
  readonly reason: string
  readonly reference: string
  /** A handshake that brings it up. */
  readonly example: string
  /** How it looks beside each peer that does it. */
  readonly ws?: Pattern
  readonly wsproto?: Pattern
}

export type DifferenceClasses = Readonly<Record<string, DifferenceClass>>

/**
 * All respects in which two verdicts part: none if they agree. Why either refuses is its own affair, as long as the status
 * is also the status of some error that we found.
 */
export function compare(peer: PeerName, text: string, ours: Verdict, theirs: Verdict): Difference[] {
  const part = (kind: Kind, our: string, their: string): Difference => ({ peer, kind, text, ours: our, theirs: their })
  if (ours.state === 'refused') {
    if (theirs.state === 'refused') {
      const agree = !ours.statuses || !theirs.statuses || theirs.statuses.some((each) => ours.statuses?.includes(each))
      return agree ? [] : [part('status', ours.whys[0] as string, theirs.whys[0] as string)]
    }
    // Each of our errors is one that the peer did not mind, so each has to be explained.
    return ours.whys.map((why) => part('we refuse', why, describe(theirs)))
  }
  if (theirs.state === 'refused') return theirs.whys.map((why) => part('peer refuses', describe(ours), why))
  if (ours.state === 'waiting' || theirs.state === 'waiting')
    return ours.state === theirs.state ? [] : [part('we refuse', describe(ours), describe(theirs))]
  const members = ['accept', 'subprotocol', 'deflate'] as const
  return members
    .filter((member) => ours[member] !== theirs[member])
    .map((member) => part(member, ours[member] ?? 'none', theirs[member] ?? 'none'))
}

function describe(verdict: Verdict): string {
  if (verdict.state === 'accepted') return `accepted ${verdict.subprotocol ?? 'no subprotocol'}`
  return verdict.state
}

/**
 * The names of the classes that hold a difference. Whoever refuses for what the other would not mind has a status of its own,
 * so each of the two refusals may explain why the statuses differ.
 */
export function explain(difference: Difference, classes: DifferenceClasses): string[] {
  const readings = [difference]
  if (difference.kind === 'status')
    readings.push(
      { ...difference, kind: 'we refuse', theirs: 'accepted' },
      { ...difference, kind: 'peer refuses', ours: 'accepted' },
    )
  return Object.keys(classes).filter((name) => {
    const pattern = classes[name]?.[difference.peer]
    return pattern !== undefined && readings.some((reading) => fits(reading, pattern))
  })
}

function fits({ kind, ours, theirs, text }: Difference, pattern: Pattern): boolean {
  const all = /^/
  const { ours: our = all, theirs: their = all, text: whole = all, holds } = pattern
  return kind === pattern.kind && our.test(ours) && their.test(theirs) && whole.test(text) && (holds?.(text) ?? true)
}

/** Whether a peer does so on this Node. */
export function isExpected(pattern: Pattern | undefined): boolean {
  if (pattern?.lastSeen === undefined) return pattern !== undefined
  const here = process.versions.llhttp as string
  return here.localeCompare(pattern.lastSeen, 'en', { numeric: true }) <= 0
}
