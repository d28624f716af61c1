/**
 * How bytes arrive: headers cut at each position, many frames in one write. A transport does not keep the boundaries of writes, so none
 * of this may make a difference.
 *
 * @module
 */

import type { Case, CaseFrame, Chunks, Outcome, Reference, Side, Step } from '../testing/case.ts'
import {
  anyCarrier,
  binary,
  type CaseInit,
  closing,
  continuation,
  echoes,
  messages,
  open,
  piece,
  ping,
  pong,
  pongs,
  section,
  send,
  text,
  thenCloses,
} from './build.ts'

/** The cases of chunks and their timing. */
export function timing(side: Side): readonly Case[] {
  return [...tornHeaders(side), ...chunkedMessages(side), ...conversations(side), ...manyFrames(side)]
}

const noBorders: Reference = {
  section: 'RFC 6455 §5.4',
  quote:
    'One implication of this is that in absence of extensions, senders and receivers must not depend on the presence of specific frame boundaries.',
}

const asFrames: Reference = {
  section: 'RFC 6455 §6.2',
  quote: 'Incoming data MUST be parsed as WebSocket frames as defined in Section 5.2.',
}

const withEcho = {
  references: [asFrames],
  carriers: anyCarrier,
  needs: ['echo'],
  why: 'TCP cuts a stream anywhere, especially under load. Code that expects a header in one chunk fails only then, and never in a test.',
} as const

// Headers

function tornHeaders(side: Side): readonly Case[] {
  const key = side === 'server' ? 4 : 0
  const forms: readonly (readonly [bits: number, size: number, header: number])[] = [
    [7, 5, 2 + key],
    [16, 200, 4 + key],
    [64, 65_536, 10 + key],
  ]
  const cases = forms.flatMap(([bits, size, header]) => {
    const noise = { random: size, seed: bits }
    return Array.from(
      { length: header },
      (_, i): CaseInit => ({
        name: `header-of-${bits}-bits-torn-after-${i + 1}`,
        title: `A header with a length of ${bits} bits, torn after byte ${i + 1} of ${header}`,
        steps: [
          open(),
          { do: 'send', pieces: [piece(binary(noise))], chunks: { sizes: [i + 1, 1_000_000] } },
          messages(),
          ...closing(),
        ],
        outcomes: echoes({ binary: noise }),
      }),
    )
  })
  const pingSize = 2 + key + 4
  return section(side, 'timing', withEcho, [
    ...cases,
    {
      name: 'second-header-torn',
      title: 'A ping, and a text whose header is torn after its first byte',
      steps: [
        open(),
        { do: 'send', pieces: [ping('ping'), text('Hello')].map(piece), chunks: { sizes: [pingSize + 1, 1000] } },
        messages(),
        pongs(),
        ...closing(),
      ],
      outcomes: thenCloses('It answered both.', { messages: [{ text: 'Hello' }], pongs: ['ping'] }),
    },
  ])
}

// Messages

function chunkedMessages(side: Side): readonly Case[] {
  const stars = { text: '*', repeat: 65_536 }
  const noise = { random: 65_536, seed: 9 }
  const large = { text: '*', repeat: 1_048_576 }
  const one = (
    name: string,
    title: string,
    frame: CaseFrame,
    chunks: Chunks,
    outcomes: readonly Outcome[],
    ...autobahn: readonly string[]
  ): CaseInit => ({
    name,
    title,
    ...(autobahn.length > 0 && { autobahn }),
    steps: [open(), { do: 'send', pieces: [piece(frame)], chunks }, messages(), ...closing()],
    outcomes,
  })
  const hello = text('Hello, world!')
  const short = { random: 200, seed: 8 }
  return section(side, 'timing', withEcho, [
    one('text-bytewise', 'A text, byte by byte', hello, 'bytes', echoes({ text: 'Hello, world!' })),
    one(
      'binary-of-200-bytes-bytewise',
      'A binary message of 200 bytes, byte by byte',
      binary(short),
      'bytes',
      echoes({ binary: short }),
    ),
    one('empty-text-bytewise', 'An empty text, byte by byte', text(''), 'bytes', echoes({ text: '' })),
    one(
      'text-of-65536-bytes-in-chunks-of-997',
      'A text of 65 536 bytes in chunks of 997',
      text(stars),
      { sizes: [997] },
      echoes({ text: stars }),
      '1.1.8',
    ),
    one(
      'binary-of-65536-bytes-in-chunks-of-997',
      'A binary message of 65 536 bytes in chunks of 997',
      binary(noise),
      { sizes: [997] },
      echoes({ binary: noise }),
      '1.2.8',
    ),
    one(
      'text-of-1-mib-in-chunks-of-2048',
      'A text of 1 MiB in chunks of 2048',
      text(large),
      { sizes: [2048] },
      [
        ...echoes({ text: large }),
        {
          verdict: 'info',
          reason: 'It has a limit below 1 MiB, so the case tests nothing.',
          when: { close: 1009 },
        },
      ],
      '9.5.6',
    ),
  ])
}

// A whole conversation in several chunkings

function conversations(side: Side): readonly Case[] {
  const frames: readonly CaseFrame[] = [
    text('Hello'),
    ping('one'),
    binary({ random: 130, seed: 1 }, { fin: false }),
    pong('two'),
    continuation({ random: 3, seed: 2 }, { fin: false }),
    ping('three'),
    continuation(''),
    text('κόσμε 👋'),
    text(''),
  ]
  const came = thenCloses('It answered all of it.', {
    messages: [
      { text: 'Hello' },
      {
        binary: [
          { random: 130, seed: 1 },
          { random: 3, seed: 2 },
        ],
      },
      { text: 'κόσμε 👋' },
      { text: '' },
    ],
    lastPong: 'three',
  })
  const chunkings: readonly (readonly [name: string, title: string, chunks: Chunks])[] = [
    ['conversation-whole', 'in one write', 'whole'],
    ['conversation-bytewise', 'byte by byte', 'bytes'],
    ['conversation-in-chunks-of-2', 'in chunks of 2 bytes', { sizes: [2] }],
    ['conversation-in-chunks-of-7', 'in chunks of 7 bytes', { sizes: [7] }],
    ['conversation-in-chunks-of-64', 'in chunks of 64 bytes', { sizes: [64] }],
    ['conversation-in-random-chunks-1', 'in chunks of random sizes', { seed: 1 }],
    ['conversation-in-random-chunks-2', 'in other chunks of random sizes', { seed: 2 }],
  ]
  const cases = chunkings.map(
    ([name, title, chunks]): CaseInit => ({
      name,
      title: `Texts, pings and a fragmented binary message ${title}`,
      steps: [open(), { do: 'send', pieces: frames.map(piece), chunks }, messages(4), pongs(1), ...closing()],
      outcomes: came,
    }),
  )
  return section(side, 'timing', { ...withEcho, references: [noBorders, asFrames] }, cases)
}

// Many frames in a write

function manyFrames(side: Side): readonly Case[] {
  const hundred = Array.from({ length: 100 }, () => ({ text: 'Hello' }))
  return section(side, 'timing', withEcho, [
    {
      name: '100-texts-in-one-write',
      title: 'A hundred texts in one write come back',
      steps: [open(), { do: 'send', pieces: [{ frame: text('Hello'), repeat: 100 }] }, messages(100), ...closing()],
      outcomes: echoes(...hundred),
    },
    {
      name: '100-empty-texts-in-one-write',
      title: 'A hundred empty texts in one write come back',
      steps: [open(), { do: 'send', pieces: [{ frame: text(''), repeat: 100 }] }, messages(100), ...closing()],
      outcomes: echoes(...Array.from({ length: 100 }, () => ({ text: '' }))),
    },
    {
      name: 'kinds-keep-their-order',
      title: 'Alternating texts and binary messages come back in order',
      steps: [
        open(),
        send(text('1'), binary('2'), text('3'), text('4'), binary('5'), binary('6'), text('7')),
        messages(7),
        ...closing(),
      ],
      outcomes: echoes(
        { text: '1' },
        { binary: '2' },
        { text: '3' },
        { text: '4' },
        { binary: '5' },
        { binary: '6' },
        { text: '7' },
      ),
    },
    {
      name: 'large-and-small-keep-their-order',
      title: 'A message of 64 KiB before a small one: they come back in order',
      steps: [
        open(),
        send(binary({ random: 65_536, seed: 1 }), text('small'), binary({ random: 65_536, seed: 2 }), text('last')),
        messages(4),
        ...closing(),
      ],
      outcomes: echoes(
        { binary: { random: 65_536, seed: 1 } },
        { text: 'small' },
        { binary: { random: 65_536, seed: 2 } },
        { text: 'last' },
      ),
    },
    {
      name: 'answers-do-not-wait',
      title: 'Twenty texts, each sent when the previous one has come back',
      steps: [
        open(),
        ...Array.from({ length: 20 }, (_, i): readonly Step[] => [send(text(`${i}`)), messages(i + 1)]).flat(),
        ...closing(),
      ],
      outcomes: echoes(...Array.from({ length: 20 }, (_, i) => ({ text: `${i}` }))),
    },
  ])
}
