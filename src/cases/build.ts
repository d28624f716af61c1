/**
 * Short ways to write cases. Each function returns plain data. Nothing here runs a case.
 *
 * @module
 */

import type {
  Carrier,
  Case,
  CaseFrame,
  Conditions,
  Data,
  ExpectedMessage,
  Level,
  Need,
  OpenStep,
  Outcome,
  Piece,
  Reference,
  SendStep,
  Side,
  Step,
} from '../testing/case.ts'

/** The properties that the cases of a section share. Each case can change them. */
export interface SectionDefaults {
  readonly level?: Level
  readonly carriers?: readonly Carrier[]
  readonly needs?: readonly Need[]
  readonly references?: readonly Reference[]
  readonly why?: string
}

/** A case of a section, without the shared properties. */
export interface CaseInit extends SectionDefaults {
  /** The last part of the slug. Never changes once it is released. */
  readonly name: string
  readonly title: string
  readonly autobahn?: readonly string[]
  readonly passive?: true
  readonly steps: readonly Step[]
  readonly outcomes: readonly Outcome[]
}

/** Returns the cases of one section and one side, with their slugs. */
export function section(
  side: Side,
  name: string,
  defaults: SectionDefaults,
  cases: readonly CaseInit[],
): readonly Case[] {
  return cases.map((one) => ({
    id: `${side}/${name}/${one.name}`,
    since: '0.1.0',
    title: one.title,
    why: one.why ?? defaults.why ?? '',
    level: one.level ?? defaults.level ?? 'must',
    references: one.references ?? defaults.references ?? [],
    side,
    carriers: one.carriers ?? defaults.carriers ?? ['http/1.1'],
    needs: one.needs ?? defaults.needs ?? [],
    ...(one.autobahn && { autobahn: one.autobahn }),
    ...(one.passive && { passive: one.passive }),
    steps: one.steps,
    outcomes: one.outcomes,
  }))
}

// Steps

/** A valid opening handshake, or one with changes. */
export function open(changes: Omit<OpenStep, 'do'> = {}): OpenStep {
  return { do: 'open', ...changes }
}

/** Sends frames in one write. */
export function send(...frames: readonly CaseFrame[]): SendStep {
  return { do: 'send', pieces: frames.map(piece) }
}

/** A frame as a piece of a step. */
export function piece(frame: CaseFrame): Piece {
  return { frame }
}

/** Waits for so many messages in all. */
export function messages(count = 1): Step {
  return { do: 'await', for: 'message', count }
}

/** Waits for so many pongs in all. */
export function pongs(count = 1): Step {
  return { do: 'await', for: 'pong', count }
}

/** Waits for the agent's Close, `briefly` if it may be missing. */
export function closeFrame(briefly = false): Step {
  return briefly ? { do: 'await', for: 'close', briefly } : { do: 'await', for: 'close' }
}

/** Sends a clean Close and waits for the agent's. The answer of a lenient agent shows at once that it accepted the frames before. */
export function closing(code = 1000): readonly Step[] {
  return [send(closeWith(code)), closeFrame()]
}

/** Opens, sends the frames in one write, waits for so many messages, and closes. */
export function exchange(frames: readonly CaseFrame[], count = 1): readonly Step[] {
  return [open(), send(...frames), messages(count), ...closing()]
}

/** The payload of a ping that is sent after a fault. An agent that answers it has not noticed the fault. */
export const FENCE = 'fence'

/** The label of the clean Close after a fence. An agent that ended before it did not end because of this Close. */
const CLOSING = 'closing'

/**
 * Waits for the answer to the ping, or for the end of the connection, then sends a clean Close.
 *
 * @param inflates The ping may overtake a message that the agent inflates: the agent gets a moment to check the inflated data.
 */
export function afterFence(inflates = false): readonly Step[] {
  return [
    { do: 'await', for: 'pong', payload: FENCE },
    ...(inflates ? [closeFrame(true)] : []),
    { ...send(closeWith(1000)), label: CLOSING },
    closeFrame(),
  ]
}

/** Sends frames of which one must be refused, and a ping after them, which must not be processed (RFC 6455 §7.1.7). */
export function fenced(...frames: readonly CaseFrame[]): readonly Step[] {
  return [send(...frames, ping(FENCE)), ...afterFence()]
}

/** Opens the connection, and sends frames of which one must be refused. */
export function refused(...frames: readonly CaseFrame[]): readonly Step[] {
  return [open(), ...fenced(...frames)]
}

/** The carriers for cases about frames, which are the same over HTTP/1.1 and over HTTP/2 (RFC 8441 §5). */
export const anyCarrier: readonly Carrier[] = ['http/1.1', 'http/2']

// Frames

export function text(payload: Data, more: Omit<CaseFrame, 'opcode' | 'payload'> = {}): CaseFrame {
  return { opcode: 1, payload, ...more }
}

export function binary(payload: Data, more: Omit<CaseFrame, 'opcode' | 'payload'> = {}): CaseFrame {
  return { opcode: 2, payload, ...more }
}

export function continuation(payload: Data, more: Omit<CaseFrame, 'opcode' | 'payload'> = {}): CaseFrame {
  return { opcode: 0, payload, ...more }
}

export function ping(payload: Data = '', more: Omit<CaseFrame, 'opcode' | 'payload'> = {}): CaseFrame {
  return { opcode: 9, payload, ...more }
}

export function pong(payload: Data = '', more: Omit<CaseFrame, 'opcode' | 'payload'> = {}): CaseFrame {
  return { opcode: 10, payload, ...more }
}

/** A Close with a code and, as text or bytes, its reason. */
export function closeWith(
  code: number,
  reason: Data = '',
  more: Omit<CaseFrame, 'opcode' | 'payload'> = {},
): CaseFrame {
  const hex = code.toString(16).padStart(4, '0')
  return { opcode: 8, payload: reason === '' ? { hex } : [{ hex }, reason], ...more }
}

// Outcomes

/**
 * The expected answer arrives, and the agent answers the Close after it. If it does only the first, it gets a warning and does not
 * fail: the cases of the closing handshake cover the rest.
 */
export function thenCloses(reason: string, when: Conditions): readonly Outcome[] {
  return [
    { verdict: 'pass', reason, when: { ...when, close: [1000, 'empty'] } },
    {
      verdict: 'warn',
      reason: `${reason} But it answered Close 1000 with another code.`,
      when: { ...when, close: 'any' },
    },
    {
      verdict: 'warn',
      reason: `${reason} But it ended the connection without answering the Close (RFC 6455 §5.5.1).`,
      when: { ...when, close: 'none', end: 'any' },
    },
  ]
}

/** The messages come back, and the Close is answered. */
export function echoes(...expected: readonly ExpectedMessage[]): readonly Outcome[] {
  return thenCloses('It sent each message back.', { messages: expected })
}

/** A code for errors (RFC 6455 §7.4.1). */
type ErrorCode = 1002 | 1003 | 1007 | 1009 | 1010

const errorCodes = [1002, 1003, 1007, 1008, 1009, 1010, 1011]

/** The agent fails the connection with this code (RFC 6455 §7.1.7), or in a way that {@link otherThan} covers. */
export function failsWith(code: ErrorCode): readonly Outcome[] {
  return [
    { verdict: 'pass', reason: `It closed the connection with ${code}.`, when: { close: code } },
    ...otherThan(code),
  ]
}

/** The agent ended or closed the connection itself, not because of the suite's Close after the fence. */
export function byItself(when: Conditions): Conditions {
  return { ...when, before: CLOSING }
}

/** An agent answered the ping after a fault. */
export const crossedFence: Conditions = { pongs: [FENCE] }

/**
 * The outcomes other than this code: another code is a warning, and so is an end without a Close. An agent that answers the ping of
 * {@link fenced} has accepted the fault.
 */
export function otherThan(
  code: ErrorCode,
  accepted = 'It answered the ping that followed, so it accepted what it must refuse.',
): readonly Outcome[] {
  return [
    otherCode(code),
    {
      verdict: 'warn',
      reason: `It closed the connection with a code that reports no error, not with ${code} (RFC 6455 §7.4.1).`,
      when: byItself({ close: [1000, 1001, 'empty'] }),
    },
    { ...endedWithoutClose, when: byItself(endedWithoutClose.when) },
    { verdict: 'fail', reason: accepted, when: crossedFence },
  ]
}

/** For a Close frame that is itself wrong: an agent that answers it has accepted it. */
export function refusesClose(code: ErrorCode): readonly Outcome[] {
  return [
    { verdict: 'pass', reason: `It closed the connection with ${code}.`, when: { close: code } },
    otherCode(code),
    {
      verdict: 'fail',
      reason: 'It answered the Close as if it were valid.',
      when: { close: [1000, 1001, 'empty'] },
    },
    { verdict: 'fail', reason: 'It answered the ping after the Close.', when: crossedFence },
    endedWithoutClose,
  ]
}

function otherCode(code: ErrorCode): Outcome {
  return {
    verdict: 'warn',
    reason: `It closed the connection, but with another code than ${code} (RFC 6455 §7.4.1).`,
    when: { close: errorCodes.filter((other) => other !== code) },
  }
}

const endedWithoutClose: Outcome = {
  verdict: 'warn',
  reason: 'It ended the connection without a Close frame, which it should send first (RFC 6455 §7.1.7).',
  when: { close: 'none', end: 'any' },
}
