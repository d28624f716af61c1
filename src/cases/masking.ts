/**
 * Masking: a client masks every frame, a server masks none.
 *
 * @module
 */

import type { Case, CaseFrame, Chunks, Outcome, Reference, Side } from '../testing/case.ts'
import {
  anyCarrier,
  binary,
  byItself,
  type CaseInit,
  closeWith,
  closing,
  continuation,
  crossedFence,
  echoes,
  exchange,
  messages,
  open,
  piece,
  ping,
  pong,
  pongs,
  refused,
  section,
  text,
  thenCloses,
} from './build.ts'

/** The cases of masking: what a server must unmask and refuse, and what a client must refuse and send. */
export function masking(side: Side): readonly Case[] {
  return side === 'server' ? [...unmasked(), ...keys(), ...alignment(), ...torn()] : [...masked(), ...freshKeys()]
}

/** One frame of each kind, and one with each form of the length. */
const kinds: readonly (readonly [name: string, what: string, frame: CaseFrame])[] = [
  ['text', 'text', text('Hello')],
  ['empty-text', 'empty text', text('')],
  ['binary', 'binary message', binary('Hello')],
  ['ping', 'ping', ping('Hello')],
  ['pong', 'pong', pong('Hello')],
  ['close', 'Close', closeWith(1000)],
  ['empty-close', 'Close without a code', { opcode: 8 }],
  ['text-of-126-bytes', 'text of 126 bytes', text({ text: '*', repeat: 126 })],
  ['text-of-65536-bytes', 'text of 65 536 bytes', text({ text: '*', repeat: 65_536 })],
]

/** For this error, a Close before the end is optional. If the Close itself is the fault, its answer shows that it was accepted. */
function failsForMask(what: string, isClose = false): readonly Outcome[] {
  const orderly = { close: [1000, 1001, 'empty'] } as const
  return [
    { verdict: 'pass', reason: 'It closed the connection with 1002.', when: { close: 1002 } },
    ...(isClose
      ? [{ verdict: 'fail', reason: `It answered the Close, so it accepted ${what}.`, when: orderly } as const]
      : []),
    {
      verdict: 'warn',
      reason: 'It closed the connection, but with another code than 1002.',
      when: byItself({ close: 'any' }),
    },
    {
      verdict: 'pass',
      reason: 'It ended the connection without a Close frame, which is optional here (RFC 6455 §5.1).',
      when: byItself({ close: 'none', end: 'any' }),
    },
    { verdict: 'fail', reason: `It answered the ping that followed, so it accepted ${what}.`, when: crossedFence },
  ]
}

// A server

const mustMask: Reference = {
  section: 'RFC 6455 §5.1',
  quote: 'The server MUST close the connection upon receiving a frame that is not masked.',
}

function unmasked(): readonly Case[] {
  const defaults = {
    references: [mustMask],
    carriers: anyCarrier,
    why: 'Masks prevent a script in a browser from choosing the bytes on the wire. They protect only if servers require them.',
  }
  const outcomes = failsForMask('a frame without a mask')
  const cases = kinds.map(
    ([name, what, frame]): CaseInit => ({
      name: `unmasked-${name}`,
      title: `A frame that is not masked: ${what}`,
      steps: refused({ ...frame, mask: false }),
      outcomes: frame.opcode === 8 ? failsForMask('a frame without a mask', true) : outcomes,
    }),
  )
  return section('server', 'masking', defaults, [
    ...cases,
    {
      name: 'unmasked-continuation',
      title: 'A masked fragment, and one that is not masked',
      steps: refused(text('Hel', { fin: false }), continuation('lo', { mask: false })),
      outcomes,
    },
    {
      name: 'unmasked-ping-inside-message',
      title: 'A ping that is not masked, between two masked fragments',
      steps: refused(text('Hel', { fin: false }), ping('-', { mask: false }), continuation('lo')),
      outcomes,
    },
    {
      name: 'unmasked-text-after-masked-ping',
      title: 'A masked ping, and a text that is not masked',
      steps: refused(ping('first'), text('Hello', { mask: false })),
      outcomes,
    },
  ])
}

const unmasking: Reference = {
  section: 'RFC 6455 §5.3',
  quote:
    'Octet i of the transformed data ("transformed-octet-i") is the XOR of octet i of the original data ("original-octet-i") with octet at index i modulo 4 of the masking key ("masking-key-octet-j")',
}

const withEcho = {
  references: [unmasking],
  carriers: anyCarrier,
  needs: ['echo'],
  why: 'A server that loses its position in the key delivers garbage.',
} as const

function keys(): readonly Case[] {
  const noise = { random: 40, seed: 7 }
  const single = (name: string, title: string, mask: string): CaseInit => ({
    name,
    title,
    steps: exchange([binary(noise, { mask })]),
    outcomes: echoes({ binary: noise }),
  })
  return section('server', 'masking', withEcho, [
    single('key-of-zeros', 'A mask of four zero bytes', '00000000'),
    single('key-of-ones', 'A mask of four 0xff bytes, which signed arithmetic gets wrong', 'ffffffff'),
    single('key-in-order', 'A mask of four different bytes, in their order', '01020304'),
    single('key-with-top-bit', 'A mask whose first byte is 0x80', '80000001'),
    {
      name: 'text-that-masks-to-zeros',
      title: 'A text that consists of zero bytes when masked',
      steps: exchange([text('abcdabcd', { mask: '61626364' })]),
      outcomes: echoes({ text: 'abcdabcd' }),
    },
    {
      name: 'another-key-for-each-message',
      title: 'Four messages with four keys, in one write',
      steps: exchange(
        [
          text('one', { mask: '01020304' }),
          text('two', { mask: '11121314' }),
          binary('three', { mask: 'f1f2f3f4' }),
          text('four', { mask: '00ff00ff' }),
        ],
        4,
      ),
      outcomes: echoes({ text: 'one' }, { text: 'two' }, { binary: 'three' }, { text: 'four' }),
    },
    {
      name: 'another-key-for-each-fragment',
      title: 'Four fragments with four keys, of 1, 2, 3 and 5 bytes',
      steps: exchange([
        text('a', { fin: false, mask: '01020304' }),
        continuation('bc', { fin: false, mask: '11121314' }),
        continuation('def', { fin: false, mask: 'f1f2f3f4' }),
        continuation('ghijk', { mask: '00ff00ff' }),
      ]),
      outcomes: echoes({ text: 'abcdefghijk' }),
    },
    {
      name: 'key-starts-again-in-each-fragment',
      title: 'Fragments of 1, 2, 3 and 5 bytes with the same key, which starts again in each',
      steps: exchange([
        text('a', { fin: false }),
        continuation('bc', { fin: false }),
        continuation('def', { fin: false }),
        continuation('ghijk'),
      ]),
      outcomes: echoes({ text: 'abcdefghijk' }),
    },
    {
      name: 'another-key-for-ping-inside-message',
      title: 'A ping with its own key between two fragments',
      steps: [
        open(),
        {
          do: 'send',
          pieces: [
            text('Hel', { fin: false, mask: '01020304' }),
            ping('ping', { mask: 'f1f2f3f4' }),
            continuation('lo', { mask: '11121314' }),
          ].map(piece),
        },
        messages(),
        pongs(),
        ...closing(),
      ],
      outcomes: thenCloses('It unmasked each frame with its own key.', {
        messages: [{ text: 'Hello' }],
        pongs: ['ping'],
      }),
    },
  ])
}

/** Sizes around those of words and vectors, for loops with a remainder. */
const payloadSizes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 33, 63, 65]

function alignment(): readonly Case[] {
  const cases = payloadSizes.map((size): CaseInit => {
    const noise = { random: size, seed: size }
    return {
      name: `payload-of-${size}-bytes`,
      title: `A masked payload of ${size} bytes comes back`,
      steps: exchange([binary(noise, { mask: '9a3bc75d' })]),
      outcomes: echoes({ binary: noise }),
    }
  })
  return section('server', 'masking', withEcho, cases)
}

function torn(): readonly Case[] {
  const noise = { random: 100, seed: 11 }
  // A header of 2 bytes, a key of 4, then the payload.
  const chunkings: readonly (readonly [name: string, title: string, chunks: Chunks])[] = [
    ['torn-after-1-byte', 'A masked payload torn after its first byte', { sizes: [7, 1000] }],
    ['torn-after-2-bytes', 'A masked payload torn after two bytes', { sizes: [8, 1000] }],
    ['torn-after-3-bytes', 'A masked payload torn after three bytes', { sizes: [9, 1000] }],
    ['torn-after-5-bytes', 'A masked payload torn after five bytes', { sizes: [11, 1000] }],
    ['torn-in-key', 'A frame torn inside its masking key', { sizes: [4, 1000] }],
    ['torn-after-key', 'A frame torn after its masking key', { sizes: [6, 1000] }],
    ['torn-in-chunks-of-3', 'A masked payload in chunks of 3 bytes', { sizes: [3] }],
    ['torn-in-chunks-of-7', 'A masked payload in chunks of 7 bytes', { sizes: [7] }],
  ]
  const cases = chunkings.map(
    ([name, title, chunks]): CaseInit => ({
      name,
      title,
      steps: [
        open(),
        { do: 'send', pieces: [piece(binary(noise, { mask: '9a3bc75d' }))], chunks },
        messages(),
        ...closing(),
      ],
      outcomes: echoes({ binary: noise }),
    }),
  )
  return section('server', 'masking', withEcho, cases)
}

// A client

const mustNotMask: Reference = {
  section: 'RFC 6455 §5.1',
  quote: 'A client MUST close a connection if it detects a masked frame.',
}

const key = '37fa213d'

function masked(): readonly Case[] {
  const defaults = {
    references: [mustNotMask],
    carriers: anyCarrier,
    why: 'A masked frame from a server is probably a frame of a client that an intermediary sent back.',
  }
  const outcomes = failsForMask('a masked frame')
  const cases = kinds.map(
    ([name, what, frame]): CaseInit => ({
      name: `masked-${name}`,
      title: `A masked frame: ${what}`,
      steps: refused({ ...frame, mask: key }),
      outcomes: frame.opcode === 8 ? failsForMask('a masked frame', true) : outcomes,
    }),
  )
  return section('client', 'masking', defaults, [
    ...cases,
    {
      name: 'masked-continuation',
      title: 'A fragment that is not masked, and a masked one',
      steps: refused(text('Hel', { fin: false }), continuation('lo', { mask: key })),
      outcomes,
    },
    {
      name: 'masked-ping-inside-message',
      title: 'A masked ping between two fragments that are not masked',
      steps: refused(text('Hel', { fin: false }), ping('-', { mask: key }), continuation('lo')),
      outcomes,
    },
    {
      name: 'masked-text-after-ping',
      title: 'A ping that is not masked, and a masked text',
      steps: refused(ping('first'), text('Hello', { mask: key })),
      outcomes,
    },
    {
      name: 'masked-with-key-of-zeros',
      title: 'A text masked with four zero bytes, which change nothing',
      steps: refused(text('Hello', { mask: '00000000' })),
      outcomes,
    },
  ])
}

function freshKeys(): readonly Case[] {
  const fresh: Reference = {
    section: 'RFC 6455 §5.3',
    quote:
      'When preparing a masked frame, the client MUST pick a fresh masking key from the set of allowed 32-bit values.',
  }
  const defaults = {
    references: [fresh],
    carriers: anyCarrier,
    why: 'A script that knows the next masking key chooses the bytes on the wire, and can make a proxy see an HTTP request.',
  }
  return section('client', 'masking', defaults, [
    {
      name: 'fresh-key-for-each-message',
      title: 'Four equal texts come back with four masking keys',
      needs: ['echo'],
      steps: exchange([text('Hello'), text('Hello'), text('Hello'), text('Hello')], 4),
      outcomes: thenCloses('It masked each frame with another key.', {
        freshMasks: true,
        messages: [{ text: 'Hello' }, { text: 'Hello' }, { text: 'Hello' }, { text: 'Hello' }],
      }),
    },
    {
      name: 'fresh-key-for-each-pong',
      title: 'Four pings in turn are answered with four masking keys',
      steps: [
        open(),
        ...[1, 2, 3, 4].flatMap((count) => [{ do: 'send', pieces: [piece(ping('Hello'))] } as const, pongs(count)]),
        ...closing(),
      ],
      outcomes: thenCloses('It masked each frame with another key.', {
        freshMasks: true,
        pongs: ['Hello', 'Hello', 'Hello', 'Hello'],
      }),
    },
  ])
}
