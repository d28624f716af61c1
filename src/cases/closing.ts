/**
 * The closing handshake: codes, reasons, frames after a Close, and the side that ends the transport.
 *
 * @module
 */

import type { Case, CaseFrame, Conditions, Data, Outcome, Reference, Side, Step } from '../testing/case.ts'
import {
  anyCarrier,
  type CaseInit,
  closeFrame,
  closing as closes,
  closeWith,
  continuation,
  messages,
  open,
  piece,
  ping,
  refused,
  refusesClose,
  section,
  send,
  text,
} from './build.ts'

/** The cases of the closing handshake. */
export function closing(side: Side): readonly Case[] {
  return [
    ...validCodes(side),
    ...invalidCodes(side),
    ...undefinedCodes(side),
    ...reasons(side),
    ...badReasons(side),
    ...badPayloads(side),
    ...insideMessages(side),
    ...afterClose(side),
    ...pendingEchoes(side),
    ...endOfTransport(side),
    ...withoutClose(side),
  ]
}

const mustAnswer: Reference = {
  section: 'RFC 6455 §5.5.1',
  quote:
    'If an endpoint receives a Close frame and did not previously send a Close frame, the endpoint MUST send a Close frame in response.',
}

const anyClose = {
  references: [mustAnswer],
  carriers: anyCarrier,
  why: 'Without an answer, the peer cannot distinguish a clean end from a lost connection, and waits for its time-out.',
} as const

/** Sends this Close, and waits for the answer. */
function answer(close: CaseFrame): readonly Step[] {
  return [open(), send(close), closeFrame()]
}

/** The code of the Close, 1000, and no code are equally good answers. */
function answered(code: number | 'empty'): readonly Outcome[] {
  return [
    {
      verdict: 'pass',
      reason: 'It answered the Close.',
      when: { close: code === 'empty' || code === 1000 ? [1000, 'empty'] : [code, 1000, 'empty'] },
    },
    { verdict: 'fail', reason: 'It treated the Close as an error.', when: { close: [1002, 1007] } },
    { verdict: 'warn', reason: 'It answered the Close, but with another code.', when: { close: 'any' } },
    {
      verdict: 'fail',
      reason: 'It ended the connection without answering the Close.',
      when: { close: 'none', end: 'any' },
    },
  ]
}

// Codes

/** With the numbers of Autobahn. */
const definedCodes: readonly (readonly [code: number, ...autobahn: readonly string[]])[] = [
  [1000, '7.3.3', '7.7.1'],
  [1001, '7.7.2'],
  [1002, '7.7.3'],
  [1003, '7.7.4'],
  [1007, '7.7.5'],
  [1008, '7.7.6'],
  [1009, '7.7.7'],
  [1010, '7.7.8'],
  [1011, '7.7.9'],
  [3000, '7.7.10'],
  [3999, '7.7.11'],
  [4000, '7.7.12'],
  [4999, '7.7.13'],
]

function validCodes(side: Side): readonly Case[] {
  const registered: Reference = {
    section: 'RFC 6455 §7.4.2',
    quote:
      'Status codes in the range 1000-2999 are reserved for definition by this protocol, its future revisions, and extensions specified in a permanent and readily available public specification.',
  }
  return section(side, 'closing', anyClose, [
    {
      name: 'no-code',
      title: 'A Close without a code is answered',
      autobahn: ['7.3.1'],
      steps: answer({ opcode: 8 }),
      outcomes: answered('empty'),
    },
    ...definedCodes.map(
      ([code, ...autobahn]): CaseInit => ({
        name: `code-${code}`,
        title: `A Close with the code ${code} is answered`,
        autobahn,
        steps: answer(closeWith(code)),
        outcomes: answered(code),
      }),
    ),
    ...[1012, 1013, 1014].map(
      (code): CaseInit => ({
        name: `code-${code}`,
        title: `A Close with the code ${code}, which IANA registered later, is answered`,
        level: 'should',
        references: [registered],
        why: 'Servers and proxies send this code when they restart or are busy. An endpoint that refuses it reports a protocol error instead.',
        steps: answer(closeWith(code)),
        outcomes: answered(code),
      }),
    ),
    {
      name: 'code-comes-back',
      title: 'The answer to a Close has its code',
      level: 'may',
      references: [
        {
          section: 'RFC 6455 §5.5.1',
          quote: 'When sending a Close frame in response, the endpoint typically echos the status code it received.',
        },
      ],
      why: 'Both ends then report the same code.',
      steps: answer(closeWith(4001, 'bye')),
      outcomes: [
        { verdict: 'pass', reason: 'It sent the code back.', when: { close: 4001 } },
        { verdict: 'info', reason: 'It answered with another code, or none.', when: { close: 'any' } },
      ],
    },
  ])
}

function invalidCodes(side: Side): readonly Case[] {
  // The rules bind the sender. No sentence requires the receiver to fail.
  const defaults = {
    level: 'should',
    carriers: anyCarrier,
    why: 'These codes tell a program what happened if no Close arrived. An endpoint that accepts them from the wire lets the peer forge that.',
  } as const
  const notUsed: Reference = { section: 'RFC 6455 §7.4.2', quote: 'Status codes in the range 0-999 are not used.' }
  const reserved: Reference = {
    section: 'RFC 6455 §7.4.1',
    quote: 'Reserved. The specific meaning might be defined in the future.',
  }
  const forbidden = (code: number): Reference => ({
    section: 'RFC 6455 §7.4.1',
    quote: `${code} is a reserved value and MUST NOT be set as a status code in a Close control frame by an endpoint.`,
  })
  const unassigned: Reference = {
    section: 'RFC 6455 §7.4.2',
    quote:
      'Status codes in the range 1000-2999 are reserved for definition by this protocol, its future revisions, and extensions specified in a permanent and readily available public specification.',
  }
  const rows: readonly (readonly [code: number, reference: Reference, autobahn?: string])[] = [
    [0, notUsed, '7.9.1'],
    [1, notUsed],
    [999, notUsed, '7.9.2'],
    [1004, reserved, '7.9.3'],
    [1005, forbidden(1005), '7.9.4'],
    [1006, forbidden(1006), '7.9.5'],
    [1015, forbidden(1015)],
    [1016, unassigned, '7.9.6'],
    [1100, unassigned, '7.9.7'],
    [2000, unassigned, '7.9.8'],
    [2999, unassigned, '7.9.9'],
  ]
  const cases = rows.map(
    ([code, reference, autobahn]): CaseInit => ({
      name: `code-${code}`,
      title: `A Close with the code ${code}, which no Close may have`,
      references: [reference],
      ...(autobahn !== undefined && { autobahn: [autobahn] }),
      steps: answer(closeWith(code)),
      outcomes: refusesCode,
    }),
  )
  return section(side, 'closing', defaults, cases)
}

const refusesCode: readonly Outcome[] = [
  { verdict: 'pass', reason: 'It closed the connection with 1002.', when: { close: 1002 } },
  {
    verdict: 'warn',
    reason: 'It ended the connection without a Close frame, which it should send first (RFC 6455 §7.1.7).',
    when: { close: 'none', end: 'any' },
  },
  { verdict: 'warn', reason: 'It answered the Close as if it were valid.', when: { close: 'any' } },
]

function undefinedCodes(side: Side): readonly Case[] {
  const defaults = {
    level: 'may',
    references: [
      {
        section: 'RFC 6455 §7.4.2',
        quote:
          "Status codes in the range 4000-4999 are reserved for private use and thus can't be registered. Such codes can be used by prior agreements between WebSocket applications.",
      },
    ],
    carriers: anyCarrier,
    why: 'The RFC does not mention codes from 5000 on. Most endpoints treat them as an error.',
  } as const
  return section(
    side,
    'closing',
    defaults,
    [5000, 65_535].map(
      (code, i): CaseInit => ({
        name: `code-${code}`,
        title: `A Close with the code ${code}, which the RFC does not mention`,
        autobahn: [`7.13.${i + 1}`],
        steps: answer(closeWith(code)),
        outcomes: [
          { verdict: 'pass', reason: 'It closed the connection with 1002.', when: { close: 1002 } },
          { verdict: 'info', reason: 'It answered the Close.', when: { close: 'any' } },
          {
            verdict: 'info',
            reason: 'It ended the connection without a Close.',
            when: { close: 'none', end: 'any' },
          },
        ],
      }),
    ),
  )
}

// Reasons

function reasons(side: Side): readonly Case[] {
  const defaults = {
    ...anyClose,
    references: [
      {
        section: 'RFC 6455 §5.5.1',
        quote:
          'Following the 2-byte integer, the body MAY contain UTF-8-encoded data with value /reason/, the interpretation of which is not defined by this specification.',
      },
      mustAnswer,
    ],
  }
  const rows: readonly (readonly [name: string, title: string, reason: Data, autobahn?: string])[] = [
    ['reason-of-1-byte', 'a reason of one byte', 'x'],
    ['reason', 'a reason', 'Hello World!', '7.3.4'],
    ['reason-of-122-bytes', 'a reason of 122 bytes', { text: '*', repeat: 122 }],
    ['reason-of-123-bytes', 'a reason of 123 bytes, the longest possible,', { text: '*', repeat: 123 }, '7.3.5'],
    ['reason-in-3-byte-characters', 'a reason of 123 bytes in characters of three', { text: '€', repeat: 41 }],
    ['reason-with-emoji', 'a reason with a character of four bytes', 'bye 👋'],
    ['reason-with-nul', 'a reason with a zero byte', { hex: '62 00 79' }],
  ]
  const cases = rows.map(
    ([name, title, reason, autobahn]): CaseInit => ({
      name,
      title: `A Close with ${title} is answered`,
      ...(autobahn !== undefined && { autobahn: [autobahn] }),
      steps: answer(closeWith(1000, reason)),
      outcomes: answered(1000),
    }),
  )
  return section(side, 'closing', defaults, [
    ...cases,
    {
      name: 'reason-bytewise',
      title: 'A Close with a reason, byte by byte, is answered',
      steps: [open(), { do: 'send', pieces: [piece(closeWith(1000, 'Hello World!'))], chunks: 'bytes' }, closeFrame()],
      outcomes: answered(1000),
    },
  ])
}

function badReasons(side: Side): readonly Case[] {
  const defaults = {
    references: [
      {
        section: 'RFC 6455 §8.1',
        quote:
          'When an endpoint is to interpret a byte stream as UTF-8 but finds that the byte stream is not, in fact, a valid UTF-8 stream, that endpoint MUST _Fail the WebSocket Connection_.',
      },
    ],
    carriers: anyCarrier,
    why: 'Programs log the reason and pass it on. Two decoders can turn invalid bytes into different text.',
  }
  const rows: readonly (readonly [name: string, title: string, hex: string, autobahn?: string])[] = [
    ['reason-with-bad-byte', 'the byte ff', 'ff'],
    ['reason-with-continuation-byte', 'a continuation byte after the code', '80'],
    ['reason-cut-in-character', 'half a sequence at its end', '62 79 65 e2 82'],
    ['reason-overlong', 'an overlong sequence', 'c0 af'],
    ['reason-with-surrogate', 'a surrogate', 'ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0 80 65 64 69 74 65 64', '7.5.1'],
  ]
  const cases = rows.map(
    ([name, title, hex, autobahn]): CaseInit => ({
      name,
      title: `A Close whose reason has ${title}`,
      ...(autobahn !== undefined && { autobahn: [autobahn] }),
      steps: answer(closeWith(1000, { hex })),
      outcomes: [
        { verdict: 'pass', reason: 'It closed the connection.', when: { close: [1002, 1007] } },
        {
          verdict: 'warn',
          reason: 'It ended the connection without a Close frame, which it should send first (RFC 6455 §7.1.7).',
          when: { close: 'none', end: 'any' },
        },
        { verdict: 'fail', reason: 'It accepted the reason.', when: { close: [1000, 'empty'] } },
        {
          verdict: 'warn',
          reason: 'It closed the connection, but with another code than 1007.',
          when: { close: 'any' },
        },
      ],
    }),
  )
  return section(side, 'closing', defaults, cases)
}

// Payloads that are too short or too long

function badPayloads(side: Side): readonly Case[] {
  const two: Reference = {
    section: 'RFC 6455 §5.5.1',
    quote:
      'If there is a body, the first two bytes of the body MUST be a 2-byte unsigned integer (in network byte order) representing a status code with value /code/ defined in Section 7.4.',
  }
  const most: Reference = {
    section: 'RFC 6455 §5.5',
    quote: 'All control frames MUST have a payload length of 125 bytes or less and MUST NOT be fragmented.',
  }
  const defaults = {
    carriers: anyCarrier,
    why: 'An endpoint that reads the code without checking the length reads memory outside the frame.',
  }
  return section(side, 'closing', defaults, [
    {
      name: 'payload-of-1-byte',
      title: 'A Close with a payload of one byte',
      references: [two],
      autobahn: ['7.3.2'],
      steps: refused({ opcode: 8, payload: { hex: '03' } }),
      outcomes: refusesClose(1002),
    },
    {
      name: 'payload-of-126-bytes',
      title: 'A Close with a reason of 124 bytes',
      references: [most],
      autobahn: ['7.3.6'],
      steps: refused(closeWith(1000, { text: '*', repeat: 124 })),
      outcomes: refusesClose(1002),
    },
    {
      name: 'payload-of-65536-bytes',
      title: 'A Close with a reason of 65 534 bytes',
      references: [most],
      steps: refused(closeWith(1000, { text: '*', repeat: 65_534 })),
      outcomes: refusesClose(1002),
    },
  ])
}

// A Close in unusual places

function insideMessages(side: Side): readonly Case[] {
  const defaults = {
    ...anyClose,
    references: [
      {
        section: 'RFC 6455 §5.4',
        quote: 'An endpoint MUST be capable of handling control frames in the middle of a fragmented message.',
      },
      mustAnswer,
    ],
  }
  return section(side, 'closing', defaults, [
    {
      name: 'close-inside-message',
      title: 'A Close after the first fragment of a text is answered',
      steps: [open(), send(text('fragment1', { fin: false }), closeWith(1000)), closeFrame()],
      outcomes: answered(1000),
    },
    {
      name: 'close-inside-character',
      title: 'A Close after a fragment that ends inside a UTF-8 sequence is answered',
      steps: [open(), send(text({ hex: 'e2 82' }, { fin: false }), closeWith(1000)), closeFrame()],
      outcomes: answered(1000),
    },
    {
      name: 'close-at-once',
      title: 'A Close is the first frame, and is answered',
      steps: answer(closeWith(1001)),
      outcomes: answered(1001),
    },
  ])
}

function afterClose(side: Side): readonly Case[] {
  const defaults = {
    level: 'should',
    references: [
      {
        section: 'RFC 6455 §1.4',
        quote:
          'After sending a control frame indicating the connection should be closed, a peer does not send any further data; after receiving a control frame indicating the connection should be closed, a peer discards any further data received.',
      },
    ],
    carriers: anyCarrier,
    why: 'A program that gets a message after the Close uses a connection that it considers closed.',
  } as const
  /** @param answer What the agent would send if it processed what follows the Close. */
  const ignored = (answer?: Conditions): readonly Outcome[] => [
    ...(answer === undefined
      ? []
      : [{ verdict: 'warn', reason: 'It answered a frame after the Close.', when: answer } as const]),
    {
      verdict: 'pass',
      reason: 'It answered the Close, and nothing after it.',
      when: { close: [1000, 'empty'] },
    },
    {
      verdict: 'warn',
      reason: 'It answered the Close with an error code, so it processed what followed.',
      when: { close: 'any' },
    },
  ]
  return section(side, 'closing', defaults, [
    {
      name: 'close-twice',
      title: 'Two Closes: only the first is answered',
      autobahn: ['7.1.2'],
      steps: [open(), send(closeWith(1000), closeWith(1000)), closeFrame()],
      outcomes: ignored(),
    },
    {
      name: 'ping-after-close',
      title: 'A ping after a Close is not answered',
      autobahn: ['7.1.3'],
      steps: [open(), send(closeWith(1000), ping('after')), closeFrame()],
      outcomes: ignored({ pongs: ['after'] }),
    },
    {
      name: 'text-after-close',
      title: 'A text after a Close is dropped',
      autobahn: ['7.1.4'],
      needs: ['echo'],
      steps: [open(), send(closeWith(1000), text('after')), closeFrame()],
      outcomes: ignored({ messages: [{ text: 'after' }] }),
    },
    {
      name: 'last-fragment-after-close',
      title: 'A Close between two fragments: the message is dropped',
      autobahn: ['7.1.5'],
      needs: ['echo'],
      steps: [
        open(),
        send(text('fragment1', { fin: false }), closeWith(1000), continuation('fragment2')),
        closeFrame(),
      ],
      outcomes: ignored({ messages: [{ text: 'fragment1fragment2' }] }),
    },
    {
      name: 'error-after-close',
      title: 'A frame with a reserved opcode after a Close is dropped',
      steps: [open(), send(closeWith(1000), { opcode: 3 }), closeFrame()],
      outcomes: ignored(),
    },
    {
      name: 'bad-text-after-close',
      title: 'A text that is not UTF-8, after a Close, is dropped',
      steps: [open(), send(closeWith(1000), text({ hex: 'ff' })), closeFrame()],
      outcomes: ignored(),
    },
  ])
}

function pendingEchoes(side: Side): readonly Case[] {
  const defaults = {
    level: 'may',
    references: [
      {
        section: 'RFC 6455 §5.5.1',
        quote:
          'An endpoint MAY delay sending a Close frame until its current message is sent (for instance, if the majority of a fragmented message is already sent, an endpoint MAY send the remaining fragments before sending a Close frame).',
      },
    ],
    carriers: anyCarrier,
    needs: ['echo'],
    why: 'A peer that closes after its last message may still need the answers. Not every endpoint sends them.',
  } as const
  const large = { text: 'BAsd7&jh23', repeat: 26_214 }
  return section(side, 'closing', defaults, [
    {
      name: 'close-after-text',
      title: 'A text and a Close in one write',
      steps: [open(), send(text('Hello'), closeWith(1000)), closeFrame()],
      outcomes: [
        {
          verdict: 'pass',
          reason: 'It sent the text back before its Close.',
          when: { messages: [{ text: 'Hello' }], close: [1000, 'empty'] },
        },
        { verdict: 'info', reason: 'It closed without sending the text back.', when: { messages: [], close: 'any' } },
      ],
    },
    {
      name: 'close-after-large-text',
      title: 'A text of 256 KiB, another text, a Close and a ping in one write',
      autobahn: ['7.1.6'],
      steps: [open(), send(text(large), text('Hello World!'), closeWith(1000), ping()), closeFrame()],
      outcomes: [
        {
          verdict: 'pass',
          reason: 'It sent both texts back before its Close.',
          when: { messages: [{ text: large }, { text: 'Hello World!' }], close: [1000, 'empty'] },
        },
        { verdict: 'info', reason: 'It closed before it had sent both texts back.', when: { close: 'any' } },
      ],
    },
  ])
}

// The end of the transport

function endOfTransport(side: Side): readonly Case[] {
  const whoEnds: Reference = {
    section: 'RFC 6455 §7.1.1',
    quote:
      'As such, when a server is instructed to _Close the WebSocket Connection_ it SHOULD initiate a TCP Close immediately, and when a client is instructed to do the same, it SHOULD wait for a TCP Close from the server.',
  }
  const why = 'The side that ends TCP first keeps its port in TIME_WAIT. A client could run out of ports.'
  if (side === 'client') {
    return section(side, 'closing', { references: [whoEnds], why }, [
      {
        name: 'waits-for-the-end-of-tcp',
        title: 'A client waits for the server to end TCP after both Closes',
        level: 'may',
        steps: [open(), ...closes(), { do: 'await', for: 'end', briefly: true }],
        outcomes: [
          { verdict: 'pass', reason: 'It waited for the server.', when: { close: 'any', end: 'none' } },
          {
            verdict: 'info',
            reason: 'It ended TCP itself, which is allowed.',
            when: { close: 'any', end: 'any' },
          },
        ],
      },
    ])
  }
  const ends: readonly Outcome[] = [
    { verdict: 'pass', reason: 'It ended TCP.', when: { close: 'any', end: 'fin' } },
    { verdict: 'warn', reason: 'It reset TCP instead of ending it.', when: { close: 'any', end: 'reset' } },
    { verdict: 'warn', reason: 'It left the end of TCP to the client.', when: { close: 'any', end: 'none' } },
  ]
  return section(side, 'closing', { level: 'should', references: [whoEnds], why }, [
    {
      name: 'ends-tcp-first',
      title: 'A server ends TCP after both Closes',
      steps: answer(closeWith(1000)),
      outcomes: ends,
    },
    {
      name: 'ends-tcp-after-an-error',
      title: 'A server ends TCP after an error',
      references: [
        {
          section: 'RFC 6455 §7.1.7',
          quote: 'Similarly, to do so, the server MUST _Close the WebSocket Connection_, and SHOULD log the problem.',
        },
        whoEnds,
      ],
      steps: [open(), send({ opcode: 3 }), closeFrame()],
      outcomes: [
        ...ends,
        {
          verdict: 'pass',
          reason: 'It ended TCP, without a Close.',
          when: { close: 'none', end: 'any' },
        },
      ],
    },
    {
      name: 'ends-tcp-after-an-error-without-answer',
      title: 'A server ends TCP after an error, although its Close is not answered',
      level: 'policy',
      passive: true,
      steps: [open(), send({ opcode: 3 }), closeFrame()],
      outcomes: [
        { verdict: 'pass', reason: 'It ended TCP.', when: { end: 'any' } },
        { verdict: 'info', reason: 'It waits for the answer to its Close.', when: { close: 'any', end: 'none' } },
      ],
    },
  ])
}

// The transport ends without a Close

function withoutClose(side: Side): readonly Case[] {
  const lost: Reference =
    side === 'client'
      ? {
          section: 'RFC 6455 §7.2.1',
          quote:
            'If at any point the underlying transport layer connection is unexpectedly lost, the client MUST _Fail the WebSocket Connection_.',
        }
      : {
          section: 'RFC 6455 §7.1.4',
          quote:
            'When the underlying TCP connection is closed, it is said that _The WebSocket Connection is Closed_ and that the WebSocket connection is in the CLOSED state.',
        }
  const defaults = {
    level: 'should',
    references: [lost],
    carriers: anyCarrier,
    why: 'A peer that has ended its direction sends nothing more. An endpoint that does not end its own direction keeps a useless connection.',
  } as const
  const ended: readonly Outcome[] = [
    { verdict: 'pass', reason: 'It ended the transport as well.', when: { end: 'any' } },
    { verdict: 'warn', reason: 'It keeps a transport on which nothing more can arrive.', when: { end: 'none' } },
  ]
  const ends: readonly Step[] = [{ do: 'end' }, { do: 'await', for: 'end', briefly: true }]
  /** @param part The part of a text that arrives. */
  const cut = (name: string, title: string, part: string, before: Step): CaseInit => ({
    name,
    title,
    steps: [open(), before, ...ends],
    outcomes: [
      { verdict: 'fail', reason: 'It accepted a message that was cut off.', when: { messages: [{ text: part }] } },
      ...ended,
    ],
  })
  const half = side === 'server' ? '81 85 37 fa 21 3d 7f 9f' : '81 05 48 65'
  return section(side, 'closing', defaults, [
    {
      name: 'end-without-close',
      title: 'The transport ends without a Close',
      steps: [open(), ...ends],
      outcomes: ended,
    },
    cut('end-inside-frame', 'The transport ends inside a frame', 'He', {
      do: 'send',
      pieces: [{ bytes: { hex: half } }],
    }),
    cut('end-inside-header', 'The transport ends inside the header of a frame', '', {
      do: 'send',
      pieces: [{ bytes: { hex: '81' } }],
    }),
    cut('end-inside-message', 'The transport ends between two fragments', 'Hel', send(text('Hel', { fin: false }))),
    {
      name: 'end-after-echo',
      title: 'The transport ends without a Close, after a text that was sent back',
      needs: ['echo'],
      steps: [open(), send(text('Hello')), messages(), ...ends],
      outcomes: ended,
    },
  ])
}
