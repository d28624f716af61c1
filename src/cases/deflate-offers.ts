/**
 * Cases for servers: their answers to offers of permessage-deflate, and whether they keep to them (RFC 7692 §7.1).
 *
 * @module
 */

import type { Case, Conditions, Outcome, Reference } from '../testing/case.ts'
import { type CaseInit, closing, open, section } from './build.ts'
import { badFlagValues, badWindowValues, FLAGS, MAX, repeated, WINDOWS } from './deflate-parameters.ts'
import { agreed, beyond, type Echo, FIELD, NAME, none, notAgreed, openWith, twice } from './deflate-parts.ts'
import { rules } from './deflate-rules.ts'

/** A possible answer to an offer. Without a verdict it passes if the agent echoes the messages. */
interface Answer {
  readonly verdict?: 'fail'
  readonly reason: string
  readonly when: Conditions
}

/** No rule forbids refusing a handshake, so this is not a fault. */
const refused: Outcome = {
  verdict: 'warn',
  reason:
    'It refused the handshake. A server declines an offer by an answer without the extension, so that the client can continue.',
  when: { status: ['4xx', '5xx'] },
}

/** An offer that a server can accept, or decline because it does not support it. */
function accepted(
  name: string,
  title: string,
  value: string | readonly string[],
  reference: Reference,
  answers: readonly Answer[],
  { steps, expected }: Echo = twice,
): CaseInit {
  return {
    name,
    title,
    references: [reference],
    needs: ['deflate', 'echo'],
    steps: [openWith(...(typeof value === 'string' ? [value] : value)), ...steps],
    outcomes: [
      ...answers.map(({ verdict, reason, when }): Outcome => {
        if (verdict !== undefined) return { verdict, reason, when: { status: 101, ...when } }
        return { verdict: 'pass', reason, when: { status: 101, ...when, messages: expected, close: [1000, 'empty'] } }
      }),
      notAgreed,
      refused,
    ],
  }
}

/** An offer that must be declined. */
function declined(name: string, title: string, value: string, reference: Reference): CaseInit {
  return {
    name,
    title,
    references: [reference],
    steps: [openWith(value), ...closing()],
    outcomes: [
      { verdict: 'pass', reason: 'It declined the offer.', when: { status: 101, ...none } },
      refused,
      {
        verdict: 'fail',
        reason: 'It agreed on an offer that it must decline.',
        when: { status: 101, fields: { [FIELD]: { present: true } } },
      },
    ],
  }
}

const takesIt = 'It agreed and sent each message back.'

const acceptable: readonly CaseInit[] = [
  accepted('plain', 'the extension without parameters', NAME, rules.clientWindowNotOffered, [
    { reason: takesIt, when: agreed({ without: ['client_max_window_bits'] }) },
    {
      verdict: 'fail',
      reason: 'It answers client_max_window_bits, which was not offered.',
      when: agreed({ with: ['client_max_window_bits'] }),
    },
  ]),
  accepted(
    'server-no-context-takeover',
    'server_no_context_takeover',
    `${NAME}; server_no_context_takeover`,
    rules.serverNoContextTakeover,
    [
      {
        reason: 'It agreed and compressed each message on its own.',
        when: agreed({ with: ['server_no_context_takeover'] }),
      },
      {
        verdict: 'fail',
        reason: 'It agreed without server_no_context_takeover, which the client requires.',
        when: agreed({ without: ['server_no_context_takeover'] }),
      },
    ],
  ),
  accepted(
    'client-no-context-takeover',
    'client_no_context_takeover',
    `${NAME}; client_no_context_takeover`,
    rules.clientNoContextTakeoverHint,
    [{ reason: takesIt, when: agreed() }],
  ),
  accepted(
    'both-no-context-takeover',
    'both parameters of takeover',
    `${NAME}; server_no_context_takeover; client_no_context_takeover`,
    rules.serverNoContextTakeover,
    [
      {
        reason: 'It agreed and compressed each message on its own.',
        when: agreed({ with: ['server_no_context_takeover'] }),
      },
      {
        verdict: 'fail',
        reason: 'It agreed without server_no_context_takeover, which the client requires.',
        when: agreed({ without: ['server_no_context_takeover'] }),
      },
    ],
  ),
  ...WINDOWS.map((bits) =>
    accepted(
      `server-max-window-bits-${bits}`,
      `server_max_window_bits=${bits}`,
      `${NAME}; server_max_window_bits=${bits}`,
      rules.serverWindow,
      [
        {
          reason: `It agreed on a window of at most ${bits} bits and kept to it.`,
          when: agreed({ with: ['server_max_window_bits'], max: { server_max_window_bits: bits } }),
        },
        {
          verdict: 'fail',
          reason: 'It agreed without server_max_window_bits, which the client requires.',
          when: agreed({ without: ['server_max_window_bits'] }),
        },
      ],
      bits < MAX ? beyond(bits) : twice,
    ),
  ),
  accepted(
    'client-max-window-bits',
    'client_max_window_bits without a value',
    `${NAME}; client_max_window_bits`,
    rules.clientWindowValue,
    [
      { reason: takesIt, when: agreed({ with: ['client_max_window_bits'], max: { client_max_window_bits: MAX } }) },
      { reason: takesIt, when: agreed({ without: ['client_max_window_bits'] }) },
    ],
  ),
  ...WINDOWS.map((bits) =>
    accepted(
      `client-max-window-bits-${bits}`,
      `client_max_window_bits=${bits}`,
      `${NAME}; client_max_window_bits=${bits}`,
      rules.clientWindowHint,
      [
        { reason: takesIt, when: agreed({ without: ['client_max_window_bits'] }) },
        { reason: takesIt, when: agreed({ with: ['client_max_window_bits'], max: { client_max_window_bits: bits } }) },
      ],
    ),
  ),
  accepted(
    'all-parameters',
    'all four parameters',
    `${NAME}; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; client_max_window_bits=10`,
    rules.serverWindow,
    [
      {
        reason: 'It agreed on what the client requires and kept to it.',
        when: agreed({
          with: ['server_no_context_takeover', 'server_max_window_bits'],
          max: { server_max_window_bits: 10, client_max_window_bits: 10 },
        }),
      },
    ],
    beyond(10),
  ),
  accepted(
    'parameters-in-another-order',
    'parameters in another order than the RFC lists them',
    `${NAME}; client_max_window_bits; server_max_window_bits=11; server_no_context_takeover`,
    rules.serverWindow,
    [
      {
        reason: 'It agreed on what the client requires and kept to it.',
        when: agreed({
          with: ['server_no_context_takeover', 'server_max_window_bits'],
          max: { server_max_window_bits: 11 },
        }),
      },
    ],
    beyond(11),
  ),
  accepted(
    'server-window-quoted',
    'server_max_window_bits="10"',
    `${NAME}; server_max_window_bits="10"`,
    rules.quoted,
    [
      {
        reason: 'It read the quoted value and kept to it.',
        when: agreed({ with: ['server_max_window_bits'], max: { server_max_window_bits: 10 } }),
      },
      { verdict: 'fail', reason: 'It agreed, but not on the window that the client requires.', when: agreed() },
    ],
    beyond(10),
  ),
  accepted(
    'server-window-quoted-escape',
    'server_max_window_bits="1\\0", which is 10',
    `${NAME}; server_max_window_bits="1\\0"`,
    rules.quoted,
    [
      {
        reason: 'It read the quoted value and kept to it.',
        when: agreed({ with: ['server_max_window_bits'], max: { server_max_window_bits: 10 } }),
      },
      { verdict: 'fail', reason: 'It agreed, but not on the window that the client requires.', when: agreed() },
    ],
    beyond(10),
  ),
  accepted(
    'client-window-quoted',
    'client_max_window_bits="12"',
    `${NAME}; client_max_window_bits="12"`,
    rules.quoted,
    [
      { reason: takesIt, when: agreed({ without: ['client_max_window_bits'] }) },
      { reason: takesIt, when: agreed({ with: ['client_max_window_bits'], max: { client_max_window_bits: 12 } }) },
    ],
  ),
  accepted(
    'no-spaces',
    'parameters without spaces',
    `${NAME};server_no_context_takeover;server_max_window_bits=12`,
    rules.grammar,
    [
      {
        reason: 'It agreed on what the client requires and kept to it.',
        when: agreed({
          with: ['server_no_context_takeover', 'server_max_window_bits'],
          max: { server_max_window_bits: 12 },
        }),
      },
      { verdict: 'fail', reason: 'It agreed, but not on what the client requires.', when: agreed() },
    ],
    beyond(12),
  ),
  {
    ...accepted(
      'spaces-around-semicolons',
      'spaces and tabs around semicolons',
      `${NAME} \t; \t server_no_context_takeover \t;client_max_window_bits`,
      rules.grammar,
      [
        { reason: takesIt, when: agreed({ with: ['server_no_context_takeover'] }) },
        { verdict: 'fail', reason: 'It agreed, but not on what the client requires.', when: agreed() },
      ],
    ),
    level: 'should',
  },
  accepted('after-unknown-extension', 'after an unknown extension', `x-unknown; a=1, ${NAME}`, rules.severalOffers, [
    { reason: takesIt, when: agreed() },
  ]),
  accepted('on-second-line', 'on a second line of the field', ['x-unknown', NAME], rules.severalLines, [
    { reason: takesIt, when: agreed() },
  ]),
  {
    ...accepted(
      'window-with-fallback',
      'a window of 8 bits, else any',
      `${NAME}; server_max_window_bits=8, ${NAME}`,
      rules.severalOffers,
      [
        {
          reason: 'It accepted the first offer and kept to it.',
          when: agreed({ with: ['server_max_window_bits'], max: { server_max_window_bits: 8 } }),
        },
        { reason: 'It accepted the second offer.', when: agreed() },
      ],
      beyond(8),
    ),
    level: 'should',
  },
  accepted('offered-twice', 'the same offer twice', `${NAME}, ${NAME}`, rules.sameBit, [
    { reason: 'It accepted one of the offers.', when: { fields: { [FIELD]: { pattern: '^[^,]*$' } } } },
    {
      verdict: 'fail',
      reason: 'It lists the extension twice.',
      when: { fields: { [FIELD]: { pattern: ',' } } },
    },
  ]),
  {
    name: 'not-offered',
    title: 'no offer at all',
    references: [rules.onlyRequested],
    steps: [open(), ...closing()],
    outcomes: [
      { verdict: 'pass', reason: 'It agrees on nothing.', when: { status: 101, ...none } },
      {
        verdict: 'fail',
        reason: 'It answers an extension that was not offered.',
        when: { status: 101, fields: { [FIELD]: { present: true } } },
      },
    ],
  },
  ...['x-webkit-deflate-frame', 'permessage-bzip2', 'permessage-deflate-x', 'xpermessage-deflate'].map((name) =>
    declined(`other-name-${name}`, `only ${name}, which is another extension`, name, rules.onlyRequested),
  ),
]

/** All wrong values of all parameters, and all other reasons to decline. */
const unacceptable: readonly CaseInit[] = [
  ...badWindowValues.flatMap(({ slug, written, what }) =>
    (['server_max_window_bits', 'client_max_window_bits'] as const).map((param) =>
      declined(
        `${param.replaceAll('_', '-')}-${slug}`,
        `${param}=${written}: ${what}`,
        `${NAME}; ${param}=${written}`,
        rules.decline('The negotiation offer contains an extension parameter with an invalid value.'),
      ),
    ),
  ),
  declined(
    'server-max-window-bits-without-value',
    'server_max_window_bits without its value',
    `${NAME}; server_max_window_bits`,
    rules.serverWindowValue,
  ),
  ...FLAGS.flatMap((param) =>
    badFlagValues.map(({ slug, written }) =>
      declined(
        `${param.replaceAll('_', '-')}-${slug}`,
        `${param}=${written}: it has no value`,
        `${NAME}; ${param}=${written}`,
        rules.decline('The negotiation offer contains an extension parameter with an invalid value.'),
      ),
    ),
  ),
  ...repeated.map(({ slug, written, what }) =>
    declined(
      slug,
      what,
      `${NAME}; ${written}`,
      rules.decline('The negotiation offer contains multiple extension parameters with the same name.'),
    ),
  ),
  declined(
    'client-max-window-bits-twice-without-value',
    'client_max_window_bits twice, once without a value',
    `${NAME}; client_max_window_bits; client_max_window_bits=10`,
    rules.decline('The negotiation offer contains multiple extension parameters with the same name.'),
  ),
  ...['unknown', 'unknown=1', 'max_window_bits=15', 'server_max_windows_bits=10', 'no_context_takeover'].map((param) =>
    declined(
      `unknown-${param.replaceAll('_', '-').replace('=', '-')}`,
      `the unknown parameter ${param}`,
      `${NAME}; ${param}`,
      rules.decline('The negotiation offer contains an extension parameter not defined for use in an offer.'),
    ),
  ),
  declined(
    'unknown-after-known',
    'an unknown parameter after a known one',
    `${NAME}; client_max_window_bits; unknown`,
    rules.decline('The negotiation offer contains an extension parameter not defined for use in an offer.'),
  ),
]

/** A bad offer, followed by a good one. */
const fallbacks: readonly CaseInit[] = [
  ['unknown-parameter', 'unknown'],
  ['window-of-16', 'server_max_window_bits=16'],
  ['window-without-value', 'server_max_window_bits'],
  ['value-of-flag', 'server_no_context_takeover=1'],
  ['repeated-parameter', 'server_no_context_takeover; server_no_context_takeover'],
].map(
  ([slug, bad]): CaseInit => ({
    name: `fallback-after-${slug}`,
    title: `${bad}, then a valid offer`,
    level: 'should',
    why: 'A client lists a fallback so that the connection is compressed in any case. The answer must not contain anything from the declined offer.',
    references: [rules.severalOffers],
    needs: ['deflate', 'echo'],
    steps: [openWith(`${NAME}; ${bad}, ${NAME}; client_no_context_takeover`), ...twice.steps],
    outcomes: [
      {
        verdict: 'pass',
        reason: 'It accepted the second offer.',
        when: {
          status: 101,
          fields: { [FIELD]: { extension: NAME, without: ['client_max_window_bits', 'unknown'] } },
          messages: twice.expected,
          close: [1000, 'empty'],
        },
      },
      {
        verdict: 'info',
        reason: 'It accepted none of the offers: it does not support the extension, or ignores the second offer.',
        when: { status: 101, ...none },
      },
      refused,
    ],
  }),
)

/** Malformed lists of extensions. It is common to refuse the request and to ignore the field. */
const malformed: readonly CaseInit[] = [
  ['empty-value', `${NAME}; server_max_window_bits=`, 'an equals sign without a value'],
  ['empty-quoted-value', `${NAME}; server_max_window_bits=""`, 'an empty quoted value'],
  ['space-in-quoted-value', `${NAME}; server_max_window_bits=" 10"`, 'a quoted value that is not a token'],
  ['open-quote', `${NAME}; server_max_window_bits="10`, 'a quote that does not end'],
  ['empty-parameter', `${NAME};`, 'a semicolon without a parameter'],
  ['no-parameter-name', `${NAME}; =10`, 'a value without a name'],
  ['no-semicolon', `${NAME} server_no_context_takeover`, 'no semicolon before the parameter'],
  ['quoted-name', `"${NAME}"`, 'the name in quotes'],
].map(
  ([name = '', value = '', title = '']): CaseInit => ({
    name: `malformed-${name}`,
    title,
    level: 'should',
    why: 'A server that guesses the meaning of a malformed offer may agree on something else than the client meant.',
    references: [rules.grammar],
    steps: [openWith(value), ...closing()],
    outcomes: [
      { verdict: 'pass', reason: 'It refused the request.', when: { status: '4xx' } },
      refused,
      { verdict: 'pass', reason: 'It declined the offer.', when: { status: 101, ...none } },
      {
        verdict: 'warn',
        reason: 'It agreed on an offer that is not a valid extension (RFC 6455 §9.1).',
        when: { status: 101, fields: { [FIELD]: { present: true } } },
      },
    ],
  }),
)

/** The cases of offers of permessage-deflate. */
export const deflateOffers: readonly Case[] = section(
  'server',
  'deflate-offers',
  {
    why: 'Both sides must use the same parameters. Otherwise the first message that depends on the difference cannot be decompressed.',
  },
  [...acceptable, ...unacceptable, ...fallbacks, ...malformed],
)
