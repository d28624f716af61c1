/**
 * The outcomes of two implementations for one handshake, their differences, and the classes that explain these. All of it is data: this
 * file neither runs a peer nor creates handshakes.
 */

export type PeerName = 'ws' | 'wsproto'

export type Outcome =
  /** The handshake opens a WebSocket. */
  | {
      readonly state: 'accepted'
      /** The server's accept for the key. */
      readonly accept?: string | undefined
      readonly subprotocol: string | undefined
      /** The parameters of permessage-deflate, in the form of `describeDeflate`. */
      readonly deflate: string | undefined
    }
  /** The handshake is refused. Lists every error found, the most serious first, and for servers the status of each. */
  | { readonly state: 'refused'; readonly whys: readonly string[]; readonly statuses?: readonly number[] }
  /** The head is incomplete. */
  | { readonly state: 'waiting' }

/** Another implementation, which judges handshakes in order. Each character of a handshake is a byte. */
export interface Peer {
  readonly name: PeerName
  judge(texts: readonly string[]): Promise<Outcome[]>
  stop(): void
}

/** The respect in which two outcomes differ. */
type Kind = 'we refuse' | 'peer refuses' | 'status' | 'accept' | 'subprotocol' | 'deflate'

export interface Difference {
  readonly peer: PeerName
  readonly kind: Kind
  readonly text: string
  /**
   * One error of our refusal, as `code (reference): message`, or the message of the peer's refusal. Otherwise the agreement, or
   * `waiting`.
   */
  readonly ours: string
  readonly theirs: string
}

/** The conditions on a difference. A missing member is no condition. */
export interface Pattern {
  readonly kind: Kind
  readonly ours?: RegExp
  readonly theirs?: RegExp
  readonly text?: RegExp
  matches?(text: string): boolean
  /** The last version of llhttp, Node's parser of heads, that shows this difference, if later ones do not. */
  readonly lastSeen?: string
}

interface DifferenceClass {
  /** Which implementation follows the RFC; `'both'` if the RFC leaves the choice. */
  readonly right: 'ours' | 'peer' | 'both'
  readonly reason: string
  readonly reference: string
  /** A handshake that shows the difference. */
  readonly example: string
  /** The pattern of the difference for each peer that shows it. */
  readonly ws?: Pattern
  readonly wsproto?: Pattern
}

export type DifferenceClasses = Readonly<Record<string, DifferenceClass>>

/**
 * Returns all differences of two outcomes, none if they agree. The reasons of two refusals may differ if the peer's status is the status
 * of an error that we found.
 */
export function compare(peer: PeerName, text: string, ours: Outcome, theirs: Outcome): Difference[] {
  const differ = (kind: Kind, our: string, their: string): Difference => ({
    peer,
    kind,
    text,
    ours: our,
    theirs: their,
  })
  if (ours.state === 'refused') {
    if (theirs.state === 'refused') {
      const agree = !ours.statuses || !theirs.statuses || theirs.statuses.some((each) => ours.statuses?.includes(each))
      return agree ? [] : [differ('status', ours.whys[0] as string, theirs.whys[0] as string)]
    }
    // The peer ignored each of our errors, so each needs an explanation.
    return ours.whys.map((why) => differ('we refuse', why, describe(theirs)))
  }
  if (theirs.state === 'refused') return theirs.whys.map((why) => differ('peer refuses', describe(ours), why))
  if (ours.state === 'waiting' || theirs.state === 'waiting')
    return ours.state === theirs.state ? [] : [differ('we refuse', describe(ours), describe(theirs))]
  const members = ['accept', 'subprotocol', 'deflate'] as const
  return members
    .filter((member) => ours[member] !== theirs[member])
    .map((member) => differ(member, ours[member] ?? 'none', theirs[member] ?? 'none'))
}

function describe(outcome: Outcome): string {
  if (outcome.state === 'accepted') return `accepted ${outcome.subprotocol ?? 'no subprotocol'}`
  return outcome.state
}

/**
 * Returns the names of the classes of a difference. An implementation that refuses an error that the other accepts sends a different
 * status, so each of the two refusals may explain different statuses.
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
  const { ours: our = all, theirs: their = all, text: whole = all, matches } = pattern
  return kind === pattern.kind && our.test(ours) && their.test(theirs) && whole.test(text) && (matches?.(text) ?? true)
}

/** Whether a peer shows a difference on this Node. */
export function isExpected(pattern: Pattern | undefined): boolean {
  if (pattern?.lastSeen === undefined) return pattern !== undefined
  const here = process.versions.llhttp as string
  return here.localeCompare(pattern.lastSeen, 'en', { numeric: true }) <= 0
}
