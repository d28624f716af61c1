/**
 * Messages in several frames: how many, how long, and in which order.
 *
 * @module
 */

import type { Case, CaseFrame, Chunks, Data, Reference, Side, Step } from '../testing/case.ts'
import {
  afterFence,
  anyCarrier,
  binary,
  type CaseInit,
  closing,
  continuation,
  echoes,
  exchange,
  FENCE,
  failsWith,
  fenced,
  messages,
  open,
  piece,
  ping,
  pongs,
  refused,
  section,
  text,
} from './build.ts'

/** The cases of fragmented messages. */
export function fragmentation(side: Side): readonly Case[] {
  return [...valid(side), ...afterAnother(side), ...withoutStart(side), ...startedTwice(side)]
}

/** A message in fragments of these payloads. */
function inFragments(opcode: 1 | 2, payloads: readonly Data[]): readonly CaseFrame[] {
  return payloads.map((payload, i) => ({
    opcode: i === 0 ? opcode : 0,
    payload,
    ...(i < payloads.length - 1 && { fin: false }),
  }))
}

// Valid messages

const bothForms: Reference = {
  section: 'RFC 6455 §5.4',
  quote: 'Clients and servers MUST support receiving both fragmented and unfragmented messages.',
}

const concatenation: Reference = {
  section: 'RFC 6455 §5.4',
  quote:
    'A fragmented message is conceptually equivalent to a single larger message whose payload is equal to the concatenation of the payloads of the fragments in order; however, in the presence of extensions, this may not hold true as the extension defines the interpretation of the "Extension data" present.',
}

const withEcho = {
  references: [bothForms, concatenation],
  carriers: anyCarrier,
  needs: ['echo'],
  why: 'Libraries and proxies fragment messages anywhere. The result must not depend on the fragments.',
} as const

function valid(side: Side): readonly Case[] {
  const one = (name: string, title: string, payloads: readonly string[], ...autobahn: readonly string[]): CaseInit => ({
    name,
    title,
    ...(autobahn.length > 0 && { autobahn }),
    steps: exchange(inFragments(1, payloads)),
    outcomes: echoes({ text: payloads.join('') }),
  })
  const two = ['fragment1', 'fragment2']
  const chunked = (name: string, title: string, autobahn: string, chunks: Chunks): CaseInit => ({
    name,
    title,
    autobahn: [autobahn],
    steps: [open(), { do: 'send', pieces: inFragments(1, two).map(piece), chunks }, messages(), ...closing()],
    outcomes: echoes({ text: two.join('') }),
  })
  const parts = [1, 2, 3, 4, 5].map((seed) => ({ random: seed * 7, seed }))
  const large = [1, 2, 3].map((seed) => ({ random: 30_000, seed }))
  const mixed = [
    { random: 125, seed: 1 },
    { random: 126, seed: 2 },
    { random: 65_535, seed: 3 },
    { random: 65_536, seed: 4 },
    { random: 1, seed: 5 },
  ]
  return section(side, 'fragmentation', withEcho, [
    one('two-fragments', 'A text in two fragments', two, '5.3'),
    {
      name: 'two-fragments-frame-by-frame',
      title: 'A text in two fragments, a write for each',
      autobahn: ['5.4'],
      steps: [
        open(),
        ...inFragments(1, two).map((frame): Step => ({ do: 'send', pieces: [piece(frame)] })),
        messages(),
        ...closing(),
      ],
      outcomes: echoes({ text: two.join('') }),
    },
    chunked('two-fragments-bytewise', 'A text in two fragments, byte by byte', '5.5', 'bytes'),
    one('three-fragments', 'A text in three fragments', ['Hel', 'lo, ', 'world!']),
    one('fragments-of-1-byte', 'A text in fragments of one byte', [...'Hello, world!']),
    one('empty-first-fragment', 'A text whose first fragment is empty', ['', 'Hello']),
    one('empty-last-fragment', 'A text whose last fragment is empty', ['Hello', '']),
    one('empty-fragment-between', 'A text with an empty fragment between two others', ['Hel', '', 'lo']),
    one('two-empty-fragments', 'An empty text in two fragments', ['', '']),
    one('three-empty-fragments', 'An empty text in three fragments', ['', '', ''], '6.1.2'),
    one(
      'empty-fragments-around',
      'A text in one fragment between two empty ones',
      ['', 'middle frame payload', ''],
      '6.1.3',
    ),
    {
      name: 'binary-in-five-fragments',
      title: 'A binary message in five fragments',
      steps: exchange(inFragments(2, parts)),
      outcomes: echoes({ binary: parts }),
    },
    {
      name: 'empty-binary-in-two-fragments',
      title: 'An empty binary message in two fragments',
      steps: exchange(inFragments(2, ['', ''])),
      outcomes: echoes({ binary: '' }),
    },
    {
      name: 'binary-larger-than-16-bits',
      title: 'Three fragments of 30 000 bytes, whose sum does not fit into 16 bits',
      steps: exchange(inFragments(2, large)),
      outcomes: echoes({ binary: large }),
    },
    {
      name: 'all-forms-of-length',
      title: 'Fragments with lengths of 7, 16 and 64 bits in one message',
      steps: exchange(inFragments(2, mixed)),
      outcomes: echoes({ binary: mixed }),
    },
    {
      name: 'text-of-65536-bytes-in-fragments-of-1300',
      title: 'A text of 65 536 bytes in fragments of 1300 bytes',
      autobahn: ['10.1.1'],
      steps: exchange(
        inFragments(1, [
          ...Array.from({ length: 50 }, () => ({ text: '*', repeat: 1300 })),
          { text: '*', repeat: 65_536 - 50 * 1300 },
        ]),
      ),
      outcomes: echoes({ text: { text: '*', repeat: 65_536 } }),
    },
    {
      name: '1000-fragments',
      title: 'A text in 1000 fragments of one byte',
      level: 'should',
      steps: [
        open(),
        {
          do: 'send',
          pieces: [
            piece(text('*', { fin: false })),
            { frame: continuation('*', { fin: false }), repeat: 998 },
            piece(continuation('*')),
          ],
        },
        messages(),
        ...closing(),
      ],
      outcomes: [
        ...echoes({ text: { text: '*', repeat: 1000 } }),
        { verdict: 'warn', reason: 'It has a lower limit on fragments.', when: { close: [1008, 1009] } },
      ],
    },
  ])
}

// One message after another

const newMessage: Reference = {
  section: 'RFC 6455 §6.2',
  quote: 'Subsequent data frames MUST be interpreted as belonging to a new WebSocket message.',
}

function afterAnother(side: Side): readonly Case[] {
  const defaults = {
    ...withEcho,
    references: [newMessage],
    why: 'The state of a message (its type, its parts, its counters) must be reset when the next one begins.',
  }
  const batch = [
    piece(text('*', { fin: false })),
    { frame: continuation('*', { fin: false }), repeat: 510 },
    piece(continuation('*')),
  ]
  const whole = { text: { text: '*', repeat: 512 } }
  return section(side, 'fragmentation', defaults, [
    {
      name: 'fragmented-then-whole',
      title: 'A text in two fragments, and a whole text',
      steps: exchange([...inFragments(1, ['Hel', 'lo']), text('world')], 2),
      outcomes: echoes({ text: 'Hello' }, { text: 'world' }),
    },
    {
      name: 'whole-then-fragmented',
      title: 'A whole text, and a text in two fragments',
      steps: exchange([text('Hello'), ...inFragments(1, ['wor', 'ld'])], 2),
      outcomes: echoes({ text: 'Hello' }, { text: 'world' }),
    },
    {
      name: 'fragmented-text-then-fragmented-binary',
      title: 'A text and a binary message, each in two fragments: both come back with their types',
      steps: exchange([...inFragments(1, ['Hel', 'lo']), ...inFragments(2, ['wor', 'ld'])], 2),
      outcomes: echoes({ text: 'Hello' }, { binary: 'world' }),
    },
    {
      name: 'fragmented-binary-then-fragmented-text',
      title: 'A binary message and a text, each in two fragments: both come back with their types',
      steps: exchange([...inFragments(2, ['Hel', 'lo']), ...inFragments(1, ['wor', 'ld'])], 2),
      outcomes: echoes({ binary: 'Hello' }, { text: 'world' }),
    },
    {
      name: 'empty-then-fragmented',
      title: 'An empty text in two fragments, and another text in two fragments',
      steps: exchange([...inFragments(1, ['', '']), ...inFragments(1, ['Hel', 'lo'])], 2),
      outcomes: echoes({ text: '' }, { text: 'Hello' }),
    },
    {
      name: 'fragment-counter-starts-again',
      title: 'Forty messages of 512 fragments each',
      steps: [
        open(),
        { do: 'send', pieces: batch },
        messages(),
        ...Array.from({ length: 39 }, (): Step => ({ do: 'send', pieces: batch })),
        messages(40),
        ...closing(),
      ],
      outcomes: [
        ...echoes(...Array.from({ length: 40 }, () => whole)),
        {
          verdict: 'info',
          reason: 'It has a limit below 512 fragments, so the case tests nothing.',
          when: { messages: [], close: [1008, 1009] },
        },
      ],
    },
  ])
}

// Continuations without a message

const firstOpcode: Reference = {
  section: 'RFC 6455 §5.4',
  quote:
    'A fragmented message consists of a single frame with the FIN bit clear and an opcode other than 0, followed by zero or more frames with the FIN bit clear and the opcode set to 0, and terminated by a single frame with the FIN bit set and an opcode of 0.',
}

function withoutStart(side: Side): readonly Case[] {
  const defaults = {
    references: [firstOpcode],
    carriers: anyCarrier,
    why: 'A continuation without a start has no type. An endpoint that accepts it has lost track of the frames.',
  }
  const start = { fin: false } as const
  const faulty = (
    name: string,
    title: string,
    frames: readonly CaseFrame[],
    ...autobahn: readonly string[]
  ): CaseInit => ({
    name,
    title,
    ...(autobahn.length > 0 && { autobahn }),
    steps: refused(...frames),
    outcomes: failsWith(1002),
  })
  const last = continuation('non-continuation payload')
  const notLast = continuation('non-continuation payload', start)
  const hello = text('Hello, world!')
  const chunked = (name: string, title: string, autobahn: string, frames: readonly CaseFrame[]): CaseInit => ({
    ...faulty(name, title, frames, autobahn),
    steps: [open(), { do: 'send', pieces: [...frames, ping(FENCE)].map(piece), chunks: 'bytes' }, ...afterFence()],
  })
  return section(side, 'fragmentation', defaults, [
    faulty('continuation-first', 'A last fragment as the first frame, and a text', [last, hello], '5.9', '5.10'),
    chunked('continuation-first-bytewise', 'A last fragment as the first frame, byte by byte', '5.11', [last, hello]),
    faulty(
      'continuation-first-not-last',
      'A fragment without FIN as the first frame',
      [notLast, hello],
      '5.12',
      '5.13',
    ),
    chunked('continuation-first-not-last-bytewise', 'A fragment without FIN as the first frame, byte by byte', '5.14', [
      notLast,
      hello,
    ]),
    faulty('empty-continuation-first', 'An empty last fragment as the first frame', [continuation('')]),
    faulty('continuation-after-text', 'A fragment after a whole text', [text('Hello'), continuation('lo')]),
    faulty(
      'continuation-after-last-fragment',
      'A further fragment after the last one',
      [...inFragments(1, ['fragment1', 'fragment2']), continuation('fragment3', start), text('fragment4')],
      '5.15',
    ),
    faulty(
      'continuation-then-fragmented',
      'Twice: a continuation without a message and without FIN, then a text in two fragments',
      [
        continuation('fragment1', start),
        text('fragment2', start),
        continuation('fragment3'),
        continuation('fragment4', start),
        text('fragment5', start),
        continuation('fragment6'),
      ],
      '5.16',
    ),
    faulty(
      'last-continuation-then-fragmented',
      'Twice: a last continuation without a message, then a text in two fragments',
      [
        continuation('fragment1'),
        text('fragment2', start),
        continuation('fragment3'),
        continuation('fragment4'),
        text('fragment5', start),
        continuation('fragment6'),
      ],
      '5.17',
    ),
    {
      name: 'continuation-after-ping',
      title: 'A continuation without a message after a ping, because a ping begins no message',
      steps: [open(), { do: 'send', pieces: [piece(ping('ping'))] }, pongs(), ...fenced(continuation('lo'))],
      outcomes: failsWith(1002),
    },
  ])
}

// A message inside another

function startedTwice(side: Side): readonly Case[] {
  const defaults = {
    references: [
      {
        section: 'RFC 6455 §5.4',
        quote:
          'The fragments of one message MUST NOT be interleaved between the fragments of another message unless an extension has been negotiated that can interpret the interleaving.',
      },
    ],
    carriers: anyCarrier,
    why: 'An endpoint that accepts this joins two messages or silently loses the first one.',
  }
  const start = { fin: false } as const
  const faulty = (name: string, title: string, frames: readonly CaseFrame[], autobahn?: string): CaseInit => ({
    name,
    title,
    ...(autobahn !== undefined && { autobahn: [autobahn] }),
    steps: refused(...frames),
    outcomes: failsWith(1002),
  })
  return section(side, 'fragmentation', defaults, [
    faulty(
      'text-inside-text',
      'A whole text after the first fragment of another',
      [text('fragment1', start), text('fragment2')],
      '5.18',
    ),
    faulty('binary-inside-text', 'A whole binary message after the first fragment of a text', [
      text('fragment1', start),
      binary('fragment2'),
    ]),
    faulty('text-inside-binary', 'A whole text after the first fragment of a binary message', [
      binary('fragment1', start),
      text('fragment2'),
    ]),
    faulty('binary-inside-binary', 'A whole binary message after the first fragment of another', [
      binary('fragment1', start),
      binary('fragment2'),
    ]),
    faulty('text-start-inside-text', 'Two first fragments of texts, and a last one', [
      text('fragment1', start),
      text('fragment2', start),
      continuation('fragment3'),
    ]),
    faulty('binary-start-inside-text', 'The first fragments of a text and of a binary message, and a last one', [
      text('fragment1', start),
      binary('fragment2', start),
      continuation('fragment3'),
    ]),
    faulty('empty-text-inside-text', 'An empty text after the first fragment of another', [
      text('fragment1', start),
      text(''),
    ]),
    faulty('text-inside-empty-text', 'A whole text after an empty first fragment', [text('', start), text('Hello')]),
    faulty('text-after-second-fragment', 'A whole text after the second of three fragments', [
      text('fragment1', start),
      continuation('fragment2', start),
      text('fragment3'),
    ]),
    faulty('text-after-ping-inside-text', 'A first fragment, a ping, and a whole text', [
      text('fragment1', start),
      ping('ping'),
      text('fragment2'),
    ]),
  ])
}
