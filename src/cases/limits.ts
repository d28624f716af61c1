/**
 * Sizes and numbers that an endpoint decides itself. None of these cases fails.
 *
 * @module
 */

import type { Case, Data, ExpectedMessage, Outcome, Piece, Reference, Side, Step } from '../testing/case.ts'
import {
  anyCarrier,
  binary,
  type CaseInit,
  closeFrame,
  closing,
  continuation,
  echoes,
  exchange,
  messages,
  open,
  piece,
  ping,
  section,
  text,
  thenCloses,
} from './build.ts'

/** The cases of limits. */
export function limits(side: Side): readonly Case[] {
  return [...sizes(side), ...fragments(side), ...numbers(side), ...promises(side)]
}

const ownLimits: Reference = {
  section: 'RFC 6455 §10.4',
  quote:
    'Implementations that have implementation- and/or platform-specific limitations regarding the frame size or total message size after reassembly from multiple frames MUST protect themselves against exceeding those limits.',
}

const defaults = {
  level: 'policy',
  references: [ownLimits],
  carriers: anyCarrier,
  needs: ['echo'],
  why: 'Programs that exchange large messages need to know what the other side accepts.',
} as const

function echoesOrRefuses(expected: ExpectedMessage): readonly Outcome[] {
  return [
    ...echoes(expected),
    { verdict: 'info', reason: 'It refused the size with 1009.', when: { close: 1009 } },
    { verdict: 'info', reason: 'It refused the size, but with another code than 1009.', when: { close: 'any' } },
    { verdict: 'info', reason: 'It ended the connection without a Close.', when: { close: 'none', end: 'any' } },
  ]
}

// Messages

const kib = 1024
const mib = 1024 * kib

function sizes(side: Side): readonly Case[] {
  const rows: readonly (readonly [size: number, name: string, title: string, autobahn: number])[] = [
    [256 * kib, '256-kib', '256 KiB', 2],
    [mib, '1-mib', '1 MiB', 3],
    [4 * mib, '4-mib', '4 MiB', 4],
    [16 * mib, '16-mib', '16 MiB', 6],
  ]
  const cases = rows.flatMap(([size, name, title, autobahn]): readonly CaseInit[] => {
    const stars = { text: '*', repeat: size }
    const zeros = { hex: 'fe', repeat: size }
    return [
      {
        name: `text-of-${name}`,
        title: `A text of ${title} comes back`,
        autobahn: [`9.1.${autobahn}`],
        steps: exchange([text(stars)]),
        outcomes: echoesOrRefuses({ text: stars }),
      },
      {
        name: `binary-of-${name}`,
        title: `A binary message of ${title} comes back`,
        autobahn: [`9.2.${autobahn}`],
        steps: exchange([binary(zeros)]),
        outcomes: echoesOrRefuses({ binary: zeros }),
      },
    ]
  })
  return section(side, 'limits', defaults, cases)
}

// Fragments

function fragments(side: Side): readonly Case[] {
  const rows: readonly (readonly [count: number, size: number, opcode: 1 | 2, autobahn?: string])[] = [
    [65_537, 64, 1, '9.3.1'],
    [65_537, 64, 2, '9.4.1'],
    [4096, 1024, 1, '9.3.3'],
    [64, 64 * kib, 1, '9.3.6'],
    [4, mib, 2, '9.4.8'],
    [10_000, 0, 1],
  ]
  const cases = rows.map(([count, size, opcode, autobahn]): CaseInit => {
    const payload: Data = { text: '*', repeat: size }
    const all: Data = { text: '*', repeat: size * count }
    const pieces: readonly Piece[] = [
      { frame: { opcode, payload, fin: false } },
      { frame: continuation(payload, { fin: false }), repeat: count - 2 },
      { frame: continuation(payload) },
    ]
    const kind = opcode === 1 ? 'text' : 'binary'
    return {
      name: `${kind}-in-${count}-fragments-of-${size}-bytes`,
      title: `A ${opcode === 1 ? 'text' : 'binary message'} in ${count} fragments of ${size} bytes comes back`,
      ...(autobahn !== undefined && { autobahn: [autobahn] }),
      steps: [open(), { do: 'send', pieces }, messages(), ...closing()],
      outcomes: echoesOrRefuses(opcode === 1 ? { text: all } : { binary: all }),
    }
  })
  return section(side, 'limits', defaults, cases)
}

// Many messages and pings

function numbers(side: Side): readonly Case[] {
  const noise = { random: 64 * kib, seed: 64 }
  const half = { random: 32 * kib, seed: 32 }
  const counted: readonly Step[] = [
    open(),
    { do: 'send', pieces: [piece(binary(noise))] },
    messages(),
    { do: 'send', pieces: [{ frame: binary(noise), repeat: 31 }] },
    messages(32),
    ...closing(),
  ]
  const inTwo: readonly Piece[] = [piece(binary(half, { fin: false })), piece(continuation(half))]
  return section(side, 'limits', defaults, [
    {
      name: 'size-counter-starts-again',
      title: 'Thirty-two messages of 64 KiB come back: their sizes are not added up',
      why: 'A limit on one message that is never reset ends each long connection.',
      steps: counted,
      outcomes: echoes(...Array.from({ length: 32 }, () => ({ binary: noise }))),
    },
    {
      name: 'size-counter-of-fragments-starts-again',
      title: 'Thirty-two messages of 64 KiB in two fragments come back: their sizes are not added up',
      why: 'A limit on one message that is never reset ends each long connection.',
      steps: [
        open(),
        { do: 'send', pieces: Array.from({ length: 32 }, () => inTwo).flat() },
        messages(32),
        ...closing(),
      ],
      outcomes: echoes(...Array.from({ length: 32 }, () => ({ binary: [half, half] }))),
    },
    {
      name: '1000-pings',
      title: 'A thousand pings and a text in one write',
      why: 'Pings are cheap to send and expensive to answer, so many endpoints count them.',
      references: [
        {
          section: 'RFC 6455 §5.5.3',
          quote:
            'If an endpoint receives a Ping frame and has not yet sent Pong frame(s) in response to previous Ping frame(s), the endpoint MAY elect to send a Pong frame for only the most recently processed Ping frame.',
        },
      ],
      steps: [
        open(),
        // The text after them shows when all have been processed, because not all need an answer.
        { do: 'send', pieces: [{ frame: ping('many'), repeat: 999 }, piece(ping('last')), piece(text('Hello'))] },
        messages(),
        ...closing(),
      ],
      outcomes: [
        ...thenCloses('It answered the last ping.', { lastPong: 'last' }),
        { verdict: 'info', reason: 'It refused this number of pings.', when: { close: 'any' } },
      ],
    },
  ])
}

// Sizes that are only announced

function promises(side: Side): readonly Case[] {
  const early: readonly Outcome[] = [
    { verdict: 'pass', reason: 'It refused the size with 1009 at once.', when: { close: 1009 } },
    { verdict: 'info', reason: 'It refused the size at once, with another code than 1009.', when: { close: 'any' } },
    {
      verdict: 'info',
      reason: 'It refused the size at once, by ending the connection.',
      when: { close: 'none', end: 'any' },
    },
    { verdict: 'info', reason: 'It waits for the payload.', when: { close: 'none', end: 'none' } },
  ]
  const mask = side === 'server' ? ' 37 fa 21 3d' : ''
  const header = (first: string, length: string): Piece => ({
    bytes: { hex: `${first} ${side === 'server' ? 'ff' : '7f'} ${length}${mask}` },
  })
  const one = (name: string, title: string, ...pieces: readonly Piece[]): CaseInit => ({
    name,
    title,
    needs: [],
    why: 'The header announces the size of the payload. Refusing it there saves the whole transfer.',
    steps: [open(), { do: 'send', pieces }, closeFrame(true)],
    outcomes: early,
  })
  return section(side, 'limits', defaults, [
    one(
      'header-of-1-gib',
      'The header of a binary frame of 1 GiB: the size is refused before the payload',
      header('82', '00 00 00 00 40 00 00 00'),
    ),
    one(
      'header-of-2-to-63-minus-1',
      'The header of a text frame of 2^63 − 1 bytes, the largest possible',
      header('81', '7f ff ff ff ff ff ff ff'),
    ),
    one(
      'header-of-1-gib-after-fragment',
      'A fragment, and the header of a continuation of 1 GiB',
      piece(binary('Hello', { fin: false })),
      header('00', '00 00 00 00 40 00 00 00'),
    ),
  ])
}
