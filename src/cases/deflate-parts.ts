/**
 * What the cases of permessage-deflate share: conditions on the field, and messages that provoke references.
 *
 * @module
 */

import type {
  CaseFrame,
  Conditions,
  Data,
  ExpectedMessage,
  FieldCondition,
  OpenStep,
  Outcome,
  Side,
  Step,
} from '../testing/case.ts'
import { binary, closing, continuation, messages, open, send, text } from './build.ts'

/** The field's name in conditions. */
export const FIELD = 'sec-websocket-extensions'

export const NAME = 'permessage-deflate'

/** The extension is in the list, with these parameters. */
export function agreed(more: Omit<Extract<FieldCondition, { extension: string }>, 'extension'> = {}): Conditions {
  return { fields: { [FIELD]: { extension: NAME, ...more } } }
}

/** The list has no extension. */
export const none: Conditions = { fields: { [FIELD]: null } }

/** The extension was not agreed on, so the case does not apply. */
export const notAgreed: Outcome = {
  verdict: 'skip',
  reason: 'It does not agree on permessage-deflate.',
  when: { status: 101, ...none },
}

/** A client without extensions. */
export const offersNothing: Outcome = { verdict: 'skip', reason: 'It offers no extension.', when: none }

/** A client without an offer that fits this pattern, so that the answer of the case would have another meaning. */
export function skipUnlessOffered(pattern: string, what: string): readonly Outcome[] {
  return [
    offersNothing,
    {
      verdict: 'skip',
      reason: `It makes no offer ${what}.`,
      when: { fields: { [FIELD]: { pattern: `^(?!.*(?:${pattern}))` } } },
    },
  ]
}

/** A client that does not continue after a valid answer. */
export const doesNotSupport: Outcome = {
  verdict: 'warn',
  reason: 'It closed the connection: it does not support these parameters.',
  when: { messages: [], close: 'none', end: 'any' },
}

/** An offer without demands on the server. It may restrict the client. */
export const PLAIN_OFFER: string =
  '(?:^|,)[ \\t]*permessage-deflate(?:[ \\t]*;[ \\t]*client_[a-z_]+(?:[ \\t]*=[ \\t]*"?[0-9]+"?)?)*[ \\t]*(?:,|$)'

/** An offer without demands on the server that lets it choose the client's window. */
export const WINDOW_OFFER: string =
  '(?:^|,)[ \\t]*permessage-deflate(?:[ \\t]*;[ \\t]*client_no_context_takeover)?[ \\t]*;[ \\t]*client_max_window_bits[ \\t]*(?:;[ \\t]*client_no_context_takeover[ \\t]*)?(?:,|$)'

// Messages, which the agent echoes. The suite inflates them by the agreement: a reference that the agreement does not allow, beyond
// the window or into the last message, is an error.

/** Steps after the opening handshake, and the expected messages. */
export interface Echo {
  readonly steps: readonly Step[]
  readonly expected: readonly ExpectedMessage[]
}

/** Long enough for agents that leave short messages uncompressed. */
const PHRASE: Data = { text: 'A message that is sent more than once. ', repeat: 40 }

/** Two messages, the second of which repeats the first. */
export const twice: Echo = {
  steps: [send(text(PHRASE), text(PHRASE)), messages(2), ...closing()],
  expected: [{ text: PHRASE }, { text: PHRASE }],
}

/** A message that repeats itself at a distance just beyond a window of 2^bits bytes. */
export function beyond(bits: number): Echo {
  const part: Data = { random: 2 ** bits + 60, seed: bits }
  const data = bits > 9 ? [part, part] : [part, part, part, part]
  return { steps: [send(binary(data)), messages(), ...closing()], expected: [{ binary: data }] }
}

// Compressed messages. They need no window larger than 2^8 bytes and refer to no earlier message, unless the case is about that.

/** The opening handshake. A server gets this as an offer, a client as an answer. */
export const opening: OpenStep = openWith(NAME)

/** The same with other parameters. */
export function openWith(...values: readonly string[]): OpenStep {
  return open({ fields: { 'Sec-WebSocket-Extensions': values } })
}

/** The outcomes in which a case does not apply. `takeover`: the suite's messages refer to earlier ones. */
export function applies(side: Side, takeover = false): readonly Outcome[] {
  if (side === 'client') return skipUnlessOffered(PLAIN_OFFER, 'without demands')
  const forbidden: Outcome = {
    verdict: 'skip',
    reason: 'It answers client_no_context_takeover, so messages must not refer to earlier ones.',
    when: { status: 101, ...agreed({ with: ['client_no_context_takeover'] }) },
  }
  return takeover ? [notAgreed, forbidden] : [notAgreed]
}

/** A compressed text. Strings are hexadecimal. */
export function compressedText(...parts: readonly (string | Data)[]): CaseFrame {
  return text(inHex(parts), { rsv: 4 })
}

/** A compressed binary message. Strings are hexadecimal. */
export function compressedBinary(...parts: readonly (string | Data)[]): CaseFrame {
  return binary(inHex(parts), { rsv: 4 })
}

function inHex(parts: readonly (string | Data)[]): Data {
  const data = parts.map((part): Data => (typeof part === 'string' ? { hex: part } : part))
  return data.length === 1 && data[0] !== undefined ? data[0] : data
}

/** A compressed text in frames of these sizes; the last one gets the rest. */
export function compressedFragments(hex: string, ...sizes: readonly number[]): readonly CaseFrame[] {
  let from = 0
  return [...sizes, hex.length / 2 - sizes.reduce((sum, size) => sum + size, 0)].map((size, index) => {
    const payload = { hex: hex.slice(2 * from, 2 * (from + size)) }
    from += size
    const fin = index === sizes.length
    return index === 0 ? text(payload, { rsv: 4, fin }) : continuation(payload, { fin })
  })
}

/** A stored block without BFINAL that contains so many random bytes. */
export function stored(size: number, seed: number): Data {
  const [low, high] = [size % 256, Math.floor(size / 256)]
  const header = [0, low, high, 255 - low, 255 - high].map((byte) => byte.toString(16).padStart(2, '0'))
  return [{ hex: header.join('') }, { random: size, seed }]
}

/** Blocks with fixed codes that contain one reference to 258 bytes at this distance. */
export const references = {
  256: '1af53f00',
  512: '1a8d7f0000',
  600: '1a4d570000',
  1024: '1acdff0000',
  2048: '1aadff0100',
  4096: '1aedff0300',
  8192: '1a9dff0700',
  16384: '1addff0f00',
  32768: '1abdff1f00',
} as const
