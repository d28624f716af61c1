/**
 * Cases for clients: which answers to their offers of permessage-deflate they accept, and whether they keep to them (RFC 7692 §7.1).
 *
 * @module
 */

import type { Case, Conditions, Outcome, Reference } from '../testing/case.ts'
import { byItself, type CaseInit, crossedFence, fenced, section } from './build.ts'
import { badFlagValues, badWindowValues, FLAGS, MAX, repeated, WINDOWS } from './deflate-parameters.ts'
import {
  beyond,
  doesNotSupport,
  type Echo,
  FIELD,
  NAME,
  offersNothing,
  openWith,
  PLAIN_OFFER,
  skipUnlessOffered,
  twice,
  WINDOW_OFFER,
} from './deflate-parts.ts'
import { rules } from './deflate-rules.ts'

const plain = skipUnlessOffered(PLAIN_OFFER, 'without demands')
const window = skipUnlessOffered(WINDOW_OFFER, 'with client_max_window_bits and without demands')

/** A valid answer to the offers. */
function accepted(
  name: string,
  title: string,
  answer: string | readonly string[],
  reference: Reference,
  applies: readonly Outcome[],
  { steps, expected }: Echo = twice,
): CaseInit {
  return {
    name,
    title,
    references: [reference],
    needs: ['deflate', 'echo'],
    steps: [openWith(...(typeof answer === 'string' ? [answer] : answer)), ...steps],
    outcomes: [
      ...applies,
      {
        verdict: 'pass',
        reason: 'It sent each message back and kept to the answer.',
        when: { messages: expected, close: [1000, 'empty'] },
      },
      doesNotSupport,
    ],
  }
}

/** An answer for which the client must fail the connection. */
function refused(
  name: string,
  title: string,
  answer: string | readonly string[],
  reference: Reference,
  ...applies: readonly Outcome[]
): CaseInit {
  // The conditions on offers also hold for clients without offers.
  const scope = applies.length > 0 ? [offersNothing, ...applies.filter((one) => one !== offersNothing)] : []
  return {
    name,
    title,
    references: [reference],
    needs: ['deflate'],
    steps: [openWith(...(typeof answer === 'string' ? [answer] : answer)), ...fenced()],
    outcomes: [...scope, ...failsOpening],
  }
}

/** The client fails the connection before it is open, so it need not send a Close. */
const failsOpening: readonly Outcome[] = [
  {
    verdict: 'pass',
    reason: 'It ended the connection.',
    when: byItself({ close: 'none', end: 'any', messages: [] }),
  },
  { verdict: 'pass', reason: 'It closed the connection with a Close.', when: { close: [1002, 1010], messages: [] } },
  {
    verdict: 'warn',
    reason: 'It closed the connection, but with another code than 1010 or 1002.',
    when: byItself({ close: 'any', messages: [] }),
  },
  { verdict: 'fail', reason: 'It opened the connection: it answered the ping that followed.', when: crossedFence },
  {
    verdict: 'warn',
    reason: 'It opened no WebSocket, but kept the connection open, as if it expected more.',
    when: { close: 'none', end: 'none', messages: [] },
  },
]

const acceptable: readonly CaseInit[] = [
  accepted('plain', 'the extension without parameters', NAME, rules.clientWindowNotOffered, plain),
  {
    name: 'no-answer',
    title: 'no extension in the answer',
    references: [rules.inUse],
    why: 'A server need not support the extension. Without it, no message is compressed.',
    needs: ['deflate', 'echo'],
    steps: [openWith(), ...twice.steps],
    outcomes: [
      {
        verdict: 'pass',
        reason: 'It sent each message back, uncompressed.',
        when: { messages: twice.expected, close: [1000, 'empty'] },
      },
      {
        verdict: 'warn',
        reason: 'It closed the connection: it requires the extension.',
        when: { messages: [], end: 'any' },
      },
    ],
  },
  accepted(
    'server-no-context-takeover',
    'server_no_context_takeover',
    `${NAME}; server_no_context_takeover`,
    rules.serverNoContextTakeoverUnasked,
    plain,
  ),
  accepted(
    'client-no-context-takeover',
    'client_no_context_takeover',
    `${NAME}; client_no_context_takeover`,
    rules.clientNoContextTakeover,
    plain,
  ),
  accepted(
    'both-no-context-takeover',
    'both parameters of takeover',
    `${NAME}; server_no_context_takeover; client_no_context_takeover`,
    rules.clientNoContextTakeover,
    plain,
  ),
  ...WINDOWS.map((bits) =>
    accepted(
      `server-max-window-bits-${bits}`,
      `server_max_window_bits=${bits}`,
      `${NAME}; server_max_window_bits=${bits}`,
      rules.serverWindowUnasked,
      plain,
    ),
  ),
  ...WINDOWS.map((bits) =>
    accepted(
      `client-max-window-bits-${bits}`,
      `client_max_window_bits=${bits}`,
      `${NAME}; client_max_window_bits=${bits}`,
      rules.clientWindow,
      window,
      bits < MAX ? beyond(bits) : twice,
    ),
  ),
  accepted(
    'all-parameters',
    'all four parameters',
    `${NAME}; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; client_max_window_bits=10`,
    rules.clientWindow,
    window,
    beyond(10),
  ),
  accepted(
    'parameters-in-another-order',
    'parameters in another order than the RFC lists them',
    `${NAME}; client_max_window_bits=11; server_max_window_bits=12; client_no_context_takeover`,
    rules.clientWindow,
    window,
    beyond(11),
  ),
  accepted(
    'server-window-quoted',
    'server_max_window_bits="10"',
    `${NAME}; server_max_window_bits="10"`,
    rules.quoted,
    plain,
  ),
  accepted(
    'client-window-quoted',
    'client_max_window_bits="10"',
    `${NAME}; client_max_window_bits="10"`,
    rules.quoted,
    window,
    beyond(10),
  ),
  accepted(
    'client-window-quoted-escape',
    'client_max_window_bits="1\\0", which is 10',
    `${NAME}; client_max_window_bits="1\\0"`,
    rules.quoted,
    window,
    beyond(10),
  ),
  accepted(
    'no-spaces',
    'parameters without spaces',
    `${NAME};server_no_context_takeover;client_no_context_takeover`,
    rules.grammar,
    plain,
  ),
  {
    ...accepted(
      'spaces-around-semicolons',
      'spaces and tabs around semicolons',
      `${NAME} \t; \t client_no_context_takeover \t;server_max_window_bits=12`,
      rules.grammar,
      plain,
    ),
    level: 'should',
  },
]

const badValue = rules.failAnswer('The negotiation response contains an extension parameter with an invalid value.')
const sameName = rules.failAnswer('The negotiation response contains multiple extension parameters with the same name.')
const undefinedHere = rules.failAnswer(
  'The negotiation response contains an extension parameter not defined for use in a response.',
)

/** An answer for clients whose offers fit this pattern. */
function skipIf(reason: string, pattern: string): Outcome {
  const when: Conditions = { fields: { [FIELD]: { pattern } } }
  return { verdict: 'skip', reason, when }
}

const unacceptable: readonly CaseInit[] = [
  ...badWindowValues.flatMap(({ slug, written, what }) =>
    (['server_max_window_bits', 'client_max_window_bits'] as const).map((param) =>
      refused(
        `${param.replaceAll('_', '-')}-${slug}`,
        `${param}=${written}: ${what}`,
        `${NAME}; ${param}=${written}`,
        badValue,
      ),
    ),
  ),
  ...(['server_max_window_bits', 'client_max_window_bits'] as const).map((param) =>
    refused(`${param.replaceAll('_', '-')}-without-value`, `${param} without its value`, `${NAME}; ${param}`, badValue),
  ),
  ...FLAGS.flatMap((param) =>
    badFlagValues.map(({ slug, written }) =>
      refused(
        `${param.replaceAll('_', '-')}-${slug}`,
        `${param}=${written}: it has no value`,
        `${NAME}; ${param}=${written}`,
        badValue,
      ),
    ),
  ),
  ...repeated.map(({ slug, written, what }) => refused(slug, what, `${NAME}; ${written}`, sameName)),
  ...['unknown', 'unknown=1', 'max_window_bits=15', 'server_max_windows_bits=10', 'no_context_takeover'].map((param) =>
    refused(
      `unknown-${param.replaceAll('_', '-').replace('=', '-')}`,
      `the unknown parameter ${param}`,
      `${NAME}; ${param}`,
      undefinedHere,
    ),
  ),
  refused(
    'unknown-after-known',
    'an unknown parameter after a known one',
    `${NAME}; server_no_context_takeover; unknown`,
    undefinedHere,
  ),
  refused(
    'client-window-not-offered',
    'client_max_window_bits=15, which was not offered',
    `${NAME}; client_max_window_bits=15`,
    rules.clientWindowNotOffered,
    skipIf('It offers client_max_window_bits.', 'client_max_window_bits'),
  ),
  refused(
    'client-window-larger-than-offered',
    'client_max_window_bits=15, although each offer has less',
    `${NAME}; client_max_window_bits=15`,
    rules.clientWindowHint,
    ...skipUnlessOffered(
      'client_max_window_bits[ \\t]*=[ \\t]*"?(?:[89]|1[0-4])\\b',
      'with a client_max_window_bits below 15',
    ),
    skipIf('It has an offer without a limit.', 'client_max_window_bits[ \\t]*(?:[,;]|$)'),
  ),
  refused(
    'server-window-larger-than-offered',
    'server_max_window_bits=15, although each offer has less',
    `${NAME}; server_max_window_bits=15`,
    rules.serverWindow,
    skipIf('It has an offer without a limit.', PLAIN_OFFER),
    ...skipUnlessOffered(
      'server_max_window_bits[ \\t]*=[ \\t]*"?(?:[89]|1[0-4])\\b',
      'with a server_max_window_bits below 15',
    ),
  ),
  refused(
    'demands-ignored',
    'no parameters, although each offer demands some',
    NAME,
    rules.serverNoContextTakeover,
    skipIf('It has an offer without demands.', PLAIN_OFFER),
  ),
  refused('twice', 'the extension twice', `${NAME}, ${NAME}`, rules.sameBit),
  refused('twice-on-two-lines', 'the extension twice, on two lines', [NAME, NAME], rules.sameBit),
  refused('with-another-extension', 'another extension after it', `${NAME}, x-unknown`, rules.notRequested),
  refused(
    'after-another-extension',
    'another extension before it, on a separate line',
    ['x-unknown', NAME],
    rules.notRequested,
  ),
  ...['x-webkit-deflate-frame', 'permessage-bzip2', 'permessage-deflate-x', 'xpermessage-deflate'].map((name) =>
    refused(
      `other-name-${name}`,
      `${name} instead`,
      name,
      rules.notRequested,
      skipIf('It offers this.', `(?:^|[, \\t])${name}(?:[,; \\t]|$)`),
    ),
  ),
]

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
  ([name = '', answer = '', title = '']): CaseInit => ({
    ...refused(`malformed-${name}`, title, answer, rules.grammar),
    level: 'should',
    why: 'A client that guesses the meaning of a malformed answer may agree on something else than the server meant.',
  }),
)

/** The cases of answers to permessage-deflate. */
export const deflateAnswers: readonly Case[] = section(
  'client',
  'deflate-answers',
  {
    why: 'Both sides must use the same parameters. Otherwise the first message that depends on the difference cannot be decompressed.',
  },
  [...acceptable, ...unacceptable, ...malformed],
)
