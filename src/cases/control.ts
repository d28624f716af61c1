/**
 * Pings, pongs, and the rules that all control frames share.
 *
 * @module
 */

import type { Case, CaseFrame, Chunks, Data, Outcome, Reference, Side, Step } from '../testing/case.ts'
import {
  anyCarrier,
  binary,
  type CaseInit,
  closeWith,
  closing,
  continuation,
  failsWith,
  messages,
  open,
  piece,
  ping,
  pong,
  pongs,
  refused,
  refusesClose,
  section,
  send,
  text,
  thenCloses,
} from './build.ts'

/** The cases of control frames. Those of Close payloads are in `closing.ts`. */
export function control(side: Side): readonly Case[] {
  return [
    ...pings(side),
    ...pingsInARow(side),
    ...unsolicitedPongs(side),
    ...insideMessages(side),
    ...beforeTheEnd(side),
    ...tooLong(side),
    ...fragmented(side),
  ]
}

const mustAnswer: Reference = {
  section: 'RFC 6455 §5.5.2',
  quote:
    'Upon receipt of a Ping frame, an endpoint MUST send a Pong frame in response, unless it already received a Close frame.',
}

const identical: Reference = {
  section: 'RFC 6455 §5.5.3',
  quote:
    'A Pong frame sent in response to a Ping frame must have identical "Application data" as found in the message body of the Ping frame being replied to.',
}

// Pings

function pings(side: Side): readonly Case[] {
  const defaults = {
    references: [mustAnswer, identical],
    carriers: anyCarrier,
    why: 'A peer that gets no pong, or one that it cannot match, treats the connection as dead and ends it.',
  }
  const payloads: readonly (readonly [name: string, title: string, payload: Data, autobahn?: string])[] = [
    ['ping-without-payload', 'A ping without a payload', '', '2.1'],
    ['ping-of-1-byte', 'A ping of one zero byte', { hex: '00' }],
    ['ping-with-text', 'A ping with a text as its payload', 'Hello, world!', '2.2'],
    ['ping-with-binary', 'A ping whose payload is not UTF-8', { hex: '00 ff fe fd fc fb 00 ff' }, '2.3'],
    ['ping-with-torn-character', 'A ping that ends inside a UTF-8 sequence', { hex: '61 e2 82' }],
    ['ping-of-124-bytes', 'A ping of 124 bytes', { random: 124, seed: 124 }],
    ['ping-of-125-bytes', 'A ping of 125 bytes, the most possible', { hex: 'fe', repeat: 125 }, '2.4'],
  ]
  const cases = payloads.map(
    ([name, title, payload, autobahn]): CaseInit => ({
      name,
      title: `${title} is answered with the same payload`,
      ...(autobahn !== undefined && { autobahn: [autobahn] }),
      steps: [open(), send(ping(payload)), pongs(), ...closing()],
      outcomes: ponged(payload),
    }),
  )
  return section(side, 'control', defaults, [
    ...cases,
    {
      name: 'ping-of-125-bytes-bytewise',
      title: 'A ping of 125 bytes that arrives byte by byte',
      autobahn: ['2.6'],
      steps: [
        open(),
        { do: 'send', pieces: [piece(ping({ hex: 'fe', repeat: 125 }))], chunks: 'bytes' },
        pongs(),
        ...closing(),
      ],
      outcomes: ponged({ hex: 'fe', repeat: 125 }),
    },
    {
      name: 'ping-after-message',
      title: 'A text and a ping in one write: both are answered',
      needs: ['echo'],
      steps: [open(), send(text('Hello'), ping('ping')), messages(), pongs(), ...closing()],
      outcomes: thenCloses('It answered both.', { messages: [{ text: 'Hello' }], pongs: ['ping'] }),
    },
    {
      name: 'ping-before-message',
      title: 'A ping and a text in one write: both are answered',
      needs: ['echo'],
      steps: [open(), send(ping('ping'), text('Hello')), messages(), pongs(), ...closing()],
      outcomes: thenCloses('It answered both.', { messages: [{ text: 'Hello' }], pongs: ['ping'] }),
    },
  ])
}

function ponged(...payloads: readonly Data[]): readonly Outcome[] {
  const [first = ''] = payloads
  return [
    // A pong without a payload may be an unsolicited one.
    ...(payloads.length === 1 && first !== ''
      ? [{ verdict: 'warn', reason: 'It answered the ping twice.', when: { pongs: [first, first] } } as const]
      : []),
    ...thenCloses('It answered each ping with its payload.', { pongs: payloads }),
  ]
}

// Several pings

const onlyTheLast: Reference = {
  section: 'RFC 6455 §5.5.3',
  quote:
    'If an endpoint receives a Ping frame and has not yet sent Pong frame(s) in response to previous Ping frame(s), the endpoint MAY elect to send a Pong frame for only the most recently processed Ping frame.',
}

const ten = Array.from({ length: 10 }, (_, i) => `payload-${i}`)

function pingsInARow(side: Side): readonly Case[] {
  const defaults = {
    references: [mustAnswer, onlyTheLast],
    carriers: anyCarrier,
    why: 'Pings queue up while a program is busy. The answer to the last one proves that the connection is alive.',
  }
  const answered: readonly Outcome[] = [
    ...ponged(...ten),
    ...thenCloses('It answered the last ping, and may leave others out.', { lastPong: 'payload-9' }),
  ]
  const inARow = (name: string, title: string, autobahn: string, chunks: Chunks): CaseInit => ({
    name,
    title,
    autobahn: [autobahn],
    steps: [
      open(),
      { do: 'send', pieces: ten.map((payload) => piece(ping(payload))), chunks },
      // Briefly: an agent may answer only the last one.
      { do: 'await', for: 'pong', count: ten.length, briefly: true },
      ...closing(),
    ],
    outcomes: answered,
  })
  return section(side, 'control', defaults, [
    inARow('ten-pings', 'Ten pings in one write', '2.10', 'whole'),
    inARow('ten-pings-bytewise', 'Ten pings, byte by byte', '2.11', 'bytes'),
    {
      name: 'ten-pings-one-by-one',
      title: 'Ten pings, each sent when the one before has been answered',
      references: [mustAnswer],
      steps: [
        open(),
        ...ten.flatMap((payload, i): readonly Step[] => [send(ping(payload)), pongs(i + 1)]),
        ...closing(),
      ],
      outcomes: ponged(...ten),
    },
  ])
}

// Unsolicited pongs

function unsolicitedPongs(side: Side): readonly Case[] {
  const defaults = {
    references: [
      {
        section: 'RFC 6455 §5.5.3',
        quote:
          'A Pong frame MAY be sent unsolicited. This serves as a unidirectional heartbeat. A response to an unsolicited Pong frame is not expected.',
      },
    ],
    carriers: anyCarrier,
    why: 'Browsers and old servers send pongs as a heartbeat. An endpoint that fails on them loses its peers.',
  }
  const pongThenPing = (
    name: string,
    title: string,
    frames: readonly CaseFrame[],
    ...autobahn: readonly string[]
  ): CaseInit => ({
    name,
    title,
    ...(autobahn.length > 0 && { autobahn }),
    steps: [open(), send(...frames), send(ping('ping')), pongs(), ...closing()],
    outcomes: thenCloses('It ignored the pong, and answered the ping after it.', { pongs: ['ping'] }),
  })
  return section(side, 'control', defaults, [
    pongThenPing('unsolicited-pong', 'An unsolicited pong without a payload', [pong()], '2.7'),
    pongThenPing('unsolicited-pong-with-payload', 'An unsolicited pong with a payload', [pong('pong')], '2.8'),
    pongThenPing('unsolicited-pong-of-125-bytes', 'An unsolicited pong of 125 bytes', [
      pong({ hex: 'fe', repeat: 125 }),
    ]),
    pongThenPing(
      'ten-unsolicited-pongs',
      'Ten unsolicited pongs',
      ten.map((payload) => pong(payload)),
    ),
    {
      name: 'unsolicited-pong-inside-message',
      title: 'An unsolicited pong between two fragments',
      needs: ['echo'],
      steps: [open(), send(text('Hel', { fin: false }), pong('pong'), continuation('lo')), messages(), ...closing()],
      outcomes: [
        {
          verdict: 'warn',
          reason: 'It answered a pong, which needs no answer (RFC 6455 §5.5.3).',
          when: { pongs: ['pong'] },
        },
        ...thenCloses('It ignored the pong, and sent the message back.', { messages: [{ text: 'Hello' }] }),
      ],
    },
  ])
}

// Inside a fragmented message

const inTheMiddle: Reference = {
  section: 'RFC 6455 §5.4',
  quote: 'An endpoint MUST be capable of handling control frames in the middle of a fragmented message.',
}

function insideMessages(side: Side): readonly Case[] {
  const defaults = {
    references: [inTheMiddle, mustAnswer],
    carriers: anyCarrier,
    needs: ['echo'],
    why: 'Without pings inside a large message, a slow upload looks like a dead connection.',
  } as const
  const fragments = [text('fragment1', { fin: false }), ping('ping'), continuation('fragment2')] as const
  const both = thenCloses('It answered the ping, and sent the message back.', {
    messages: [{ text: 'fragment1fragment2' }],
    pongs: ['ping'],
  })
  const tail: readonly Step[] = [messages(), pongs(), ...closing()]
  const five = ['fragment1', 'fragment2', 'fragment3', 'fragment4', 'fragment5']
  return section(side, 'control', defaults, [
    {
      name: 'ping-inside-message',
      title: 'A ping between two fragments of a text, in one write',
      autobahn: ['5.6'],
      steps: [open(), send(...fragments), ...tail],
      outcomes: both,
    },
    {
      name: 'ping-inside-message-frame-by-frame',
      title: 'A ping between two fragments of a text, a write for each frame',
      autobahn: ['5.7'],
      steps: [open(), ...fragments.map((frame) => send(frame)), ...tail],
      outcomes: both,
    },
    {
      name: 'ping-inside-message-bytewise',
      title: 'A ping between two fragments of a text, byte by byte',
      autobahn: ['5.8'],
      steps: [open(), { do: 'send', pieces: fragments.map(piece), chunks: 'bytes' }, ...tail],
      outcomes: both,
    },
    {
      name: 'ping-inside-binary',
      title: 'A ping with a binary payload between two fragments of a binary message',
      steps: [
        open(),
        send(binary({ hex: '00 01' }, { fin: false }), ping({ hex: 'ff 00' }), continuation({ hex: '02 03' })),
        ...tail,
      ],
      outcomes: thenCloses('It answered the ping, and sent the message back.', {
        messages: [{ binary: { hex: '00 01 02 03' } }],
        pongs: [{ hex: 'ff 00' }],
      }),
    },
    {
      name: 'ping-after-empty-fragment',
      title: 'A ping between an empty fragment and the last one',
      steps: [open(), send(text('', { fin: false }), ping('ping'), continuation('Hello')), ...tail],
      outcomes: thenCloses('It answered the ping, and sent the message back.', {
        messages: [{ text: 'Hello' }],
        pongs: ['ping'],
      }),
    },
    {
      name: 'ping-inside-character',
      title: 'A ping between two fragments that share a UTF-8 sequence',
      steps: [open(), send(text({ hex: 'e2 82' }, { fin: false }), ping('ping'), continuation({ hex: 'ac' })), ...tail],
      outcomes: thenCloses('It answered the ping, and sent the message back.', {
        messages: [{ text: '€' }],
        pongs: ['ping'],
      }),
    },
    {
      name: 'pings-inside-five-fragments',
      title: 'Pings after the second and the fourth of five fragments',
      autobahn: ['5.19', '5.20'],
      steps: [
        open(),
        send(text('fragment1', { fin: false }), continuation('fragment2', { fin: false }), ping('pongme 1!')),
        pongs(),
        send(
          continuation('fragment3', { fin: false }),
          continuation('fragment4', { fin: false }),
          ping('pongme 2!'),
          continuation('fragment5'),
        ),
        messages(),
        pongs(2),
        ...closing(),
      ],
      outcomes: thenCloses('It answered both pings, and sent the message back.', {
        messages: [{ text: five.join('') }],
        pongs: ['pongme 1!', 'pongme 2!'],
      }),
    },
  ])
}

/** The pong does not wait for the end of the message. */
function beforeTheEnd(side: Side): readonly Case[] {
  const defaults = {
    level: 'should',
    references: [
      { section: 'RFC 6455 §5.5.2', quote: 'It SHOULD respond with Pong frame as soon as is practical.' },
      {
        section: 'RFC 6455 §5.4',
        quote:
          'If control frames could not be interjected, the latency of a ping, for example, would be very long if behind a large message.',
      },
    ],
    carriers: anyCarrier,
    why: 'A peer that sends a large message in fragments, perhaps for minutes, treats a missing pong as a dead connection.',
  } as const
  const first = text('Hel', { fin: false })
  const rest: Step = { do: 'send', pieces: [piece(continuation('lo'))], label: 'rest' }
  const outcomes: readonly Outcome[] = [
    {
      verdict: 'pass',
      reason: 'It answered the ping while the message was still incomplete.',
      when: { pongs: ['ping'], before: 'rest' },
    },
    {
      verdict: 'warn',
      reason: 'It answered the ping only when the message was complete.',
      when: { pongs: ['ping'] },
    },
  ]
  return section(side, 'control', defaults, [
    {
      name: 'pong-before-end-of-message',
      title: 'A ping inside a fragmented message is answered before the message ends',
      steps: [open(), send(first), send(ping('ping')), brieflyPong, rest, ...closing()],
      outcomes,
    },
    {
      name: 'pong-before-end-of-frame',
      title: 'A ping is answered before the frame after it is complete',
      steps: [
        open(),
        {
          do: 'send',
          pieces: [piece(ping('ping')), { bytes: { hex: side === 'server' ? '81 85 37 fa' : '81 05 48' } }],
        },
        brieflyPong,
        {
          do: 'send',
          pieces: [{ bytes: { hex: side === 'server' ? '21 3d 7f 9f 4d 51 58' : '65 6c 6c 6f' } }],
          label: 'rest',
        },
        ...closing(),
      ],
      outcomes,
    },
  ])
}

const brieflyPong: Step = { do: 'await', for: 'pong', payload: 'ping', briefly: true }

// What control frames must not be

const controlRules: Reference = {
  section: 'RFC 6455 §5.5',
  quote: 'All control frames MUST have a payload length of 125 bytes or less and MUST NOT be fragmented.',
}

function tooLong(side: Side): readonly Case[] {
  const defaults = {
    references: [controlRules],
    carriers: anyCarrier,
    why: 'Control frames are buffered and answered at once. Without the limit, a ping could make its receiver store and send any amount.',
  }
  const long = { hex: 'fe', repeat: 126 }
  const larger = { hex: 'fe', repeat: 65_536 }
  return section(side, 'control', defaults, [
    {
      name: 'ping-of-126-bytes',
      title: 'A ping of 126 bytes',
      autobahn: ['2.5'],
      steps: refused(ping(long)),
      outcomes: failsWith(1002),
    },
    { name: 'pong-of-126-bytes', title: 'A pong of 126 bytes', steps: refused(pong(long)), outcomes: failsWith(1002) },
    {
      name: 'ping-of-65536-bytes',
      title: 'A ping of 65 536 bytes',
      steps: refused(ping(larger)),
      outcomes: failsWith(1002),
    },
    {
      name: 'pong-of-65536-bytes',
      title: 'A pong of 65 536 bytes',
      steps: refused(pong(larger)),
      outcomes: failsWith(1002),
    },
    {
      name: 'ping-of-126-bytes-inside-message',
      title: 'A ping of 126 bytes between two fragments',
      steps: refused(text('Hel', { fin: false }), ping(long), continuation('lo')),
      outcomes: failsWith(1002),
    },
  ])
}

function fragmented(side: Side): readonly Case[] {
  const defaults = {
    references: [controlRules],
    carriers: anyCarrier,
    why: 'A fragmented control frame would need its own buffer in addition to that of the message around it.',
  }
  const head = { fin: false } as const
  return section(side, 'control', defaults, [
    {
      name: 'ping-without-fin',
      title: 'A ping without the FIN bit',
      steps: refused(ping('Hello', head)),
      outcomes: failsWith(1002),
    },
    {
      name: 'pong-without-fin',
      title: 'A pong without the FIN bit',
      steps: refused(pong('Hello', head)),
      outcomes: failsWith(1002),
    },
    {
      name: 'close-without-fin',
      title: 'A Close without the FIN bit',
      steps: refused(closeWith(1000, '', head)),
      outcomes: refusesClose(1002),
    },
    {
      name: 'empty-ping-without-fin',
      title: 'An empty ping without the FIN bit',
      steps: refused(ping('', head)),
      outcomes: failsWith(1002),
    },
    {
      name: 'ping-in-two-fragments',
      title: 'A ping in two fragments',
      autobahn: ['5.1'],
      steps: refused(ping('fragment1', head), continuation('fragment2')),
      outcomes: failsWith(1002),
    },
    {
      name: 'pong-in-two-fragments',
      title: 'A pong in two fragments',
      autobahn: ['5.2'],
      steps: refused(pong('fragment1', head), continuation('fragment2')),
      outcomes: failsWith(1002),
    },
    {
      name: 'ping-without-fin-inside-message',
      title: 'A ping without the FIN bit between two fragments of a text',
      steps: refused(text('Hel', head), ping('-', head), continuation('lo')),
      outcomes: failsWith(1002),
    },
  ])
}
