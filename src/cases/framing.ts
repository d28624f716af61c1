/**
 * Frame headers: opcodes, reserved bits, and the length of the payload.
 *
 * @module
 */

import type { Case, CaseFrame, Outcome, Reference, Side, Step } from '../testing/case.ts'
import {
  anyCarrier,
  binary,
  type CaseInit,
  closeFrame,
  closeWith,
  continuation,
  echoes,
  exchange,
  failsWith,
  open,
  otherThan,
  ping,
  pong,
  refused,
  refusesClose,
  section,
  text,
} from './build.ts'

/** The cases of frame headers. */
export function framing(side: Side): readonly Case[] {
  return [
    ...opcodes(side),
    ...reservedBits(side),
    ...lengths(side),
    ...longForms(side),
    ...hugeLengths(side),
    ...afterErrors(side),
  ]
}

// Opcodes

const unknownOpcode: Reference = {
  section: 'RFC 6455 §5.2',
  quote: 'If an unknown opcode is received, the receiving endpoint MUST _Fail the WebSocket Connection_.',
}

const reservedOpcodes = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]

const autobahnEmpty = new Map([
  [3, '4.1.1'],
  [5, '4.1.3'],
  [11, '4.2.1'],
  [13, '4.2.3'],
])
const autobahnWithPayload = new Map([
  [4, '4.1.2'],
  [6, '4.1.4'],
  [7, '4.1.5'],
  [12, '4.2.2'],
  [14, '4.2.4'],
  [15, '4.2.5'],
])

function opcodes(side: Side): readonly Case[] {
  const defaults = {
    references: [unknownOpcode],
    carriers: anyCarrier,
    why: 'An extension may give a reserved opcode a meaning. An endpoint that ignores such frames loses data silently.',
  }
  return section(
    side,
    'framing',
    defaults,
    reservedOpcodes.flatMap((opcode): readonly CaseInit[] => [
      {
        name: `opcode-${opcode}`,
        title: `An empty frame with the reserved opcode ${opcode}`,
        ...autobahnId(autobahnEmpty.get(opcode)),
        steps: refused({ opcode }),
        outcomes: failsWith(1002),
      },
      {
        name: `opcode-${opcode}-with-payload`,
        title: `A frame of 5 bytes with the reserved opcode ${opcode}`,
        ...autobahnId(autobahnWithPayload.get(opcode)),
        steps: refused({ opcode, payload: 'Hello' }),
        outcomes: failsWith(1002),
      },
      {
        name: `opcode-${opcode}-inside-message`,
        title: `A frame with the reserved opcode ${opcode} between two fragments of a text`,
        steps: refused(text('Hel', { fin: false }), { opcode, payload: '-' }, continuation('lo')),
        outcomes: failsWith(1002),
      },
    ]),
  )
}

function autobahnId(id: string | undefined): Pick<CaseInit, 'autobahn'> {
  return id === undefined ? {} : { autobahn: [id] }
}

// Reserved bits

const nonzeroBit: Reference = {
  section: 'RFC 6455 §5.2',
  quote:
    'If a nonzero value is received and none of the negotiated extensions defines the meaning of such a nonzero value, the receiving endpoint MUST _Fail the WebSocket Connection_.',
}

const bits: readonly (readonly [name: string, rsv: number])[] = [
  ['rsv1', 4],
  ['rsv2', 2],
  ['rsv3', 1],
]

function reservedBits(side: Side): readonly Case[] {
  const defaults = {
    references: [nonzeroBit],
    carriers: anyCarrier,
    why: 'A reserved bit means that the payload is encoded, for example compressed. An endpoint that ignores the bit delivers garbage.',
  }
  const cases = bits.flatMap(([name, rsv]) => reservedBit(name, rsv))
  const combined: readonly CaseInit[] = [
    {
      name: 'rsv2-and-rsv3-on-text',
      title: 'A text with RSV2 and RSV3 set',
      autobahn: ['3.3'],
      steps: refused(text('Hello', { rsv: 3 })),
      outcomes: failsWith(1002),
    },
    {
      name: 'rsv1-and-rsv3-on-binary',
      title: 'A binary message with RSV1 and RSV3 set',
      autobahn: ['3.5'],
      steps: refused(binary({ hex: '00 ff fe fd fc fb 00 ff' }, { rsv: 5 })),
      outcomes: failsWith(1002),
    },
    {
      name: 'rsv1-and-rsv2-on-ping',
      title: 'A ping with RSV1 and RSV2 set',
      autobahn: ['3.6'],
      steps: refused(ping('Hello', { rsv: 6 })),
      outcomes: failsWith(1002),
    },
    {
      name: 'all-rsv-on-close',
      title: 'A Close with all reserved bits set',
      autobahn: ['3.7'],
      steps: refused(closeWith(1000, '', { rsv: 7 })),
      outcomes: refusesClose(1002),
    },
    {
      name: 'rsv1-on-empty-text',
      title: 'An empty text with RSV1 set, although no extension was agreed on',
      steps: refused(text('', { rsv: 4 })),
      outcomes: failsWith(1002),
    },
    {
      name: 'rsv1-on-first-fragment',
      title: 'RSV1 set on the first of two fragments, although no extension was agreed on',
      steps: refused(text('Hel', { fin: false, rsv: 4 }), continuation('lo')),
      outcomes: failsWith(1002),
    },
  ]
  return section(side, 'framing', defaults, [...cases, ...combined])
}

const autobahnBits = new Map([
  ['rsv1', '3.4'],
  ['rsv2', '3.2'],
  ['rsv3', '3.1'],
])

function reservedBit(name: string, rsv: number): readonly CaseInit[] {
  const upper = name.toUpperCase()
  const outcomes = failsWith(1002)
  return [
    {
      name: `${name}-on-text`,
      title: `A text with ${upper} set`,
      ...autobahnId(autobahnBits.get(name)),
      steps: refused(text('Hello', { rsv })),
      outcomes,
    },
    {
      name: `${name}-on-binary`,
      title: `A binary message with ${upper} set`,
      steps: refused(binary('Hello', { rsv })),
      outcomes,
    },
    {
      name: `${name}-on-continuation`,
      title: `${upper} set on the last fragment of a text`,
      steps: refused(text('Hel', { fin: false }), continuation('lo', { rsv })),
      outcomes,
    },
    { name: `${name}-on-ping`, title: `A ping with ${upper} set`, steps: refused(ping('Hello', { rsv })), outcomes },
    { name: `${name}-on-pong`, title: `A pong with ${upper} set`, steps: refused(pong('Hello', { rsv })), outcomes },
    {
      name: `${name}-on-close`,
      title: `A Close with ${upper} set`,
      steps: refused(closeWith(1000, '', { rsv })),
      outcomes: refusesClose(1002),
    },
  ]
}

// Lengths that are valid

const lengthForms: Reference = {
  section: 'RFC 6455 §5.2',
  quote:
    'The length of the "Payload data", in bytes: if 0-125, that is the payload length. If 126, the following 2 bytes interpreted as a 16-bit unsigned integer are the payload length. If 127, the following 8 bytes interpreted as a 64-bit unsigned integer (the most significant bit MUST be 0) are the payload length.',
}

/** Sizes, with the last part of Autobahn's number, which is the same for texts (1.1) and binary messages (1.2). */
const sizes: readonly (readonly [size: number, autobahn: number | undefined])[] = [
  [0, 1],
  [1, undefined],
  [125, 2],
  [126, 3],
  [127, 4],
  [128, 5],
  [256, undefined],
  [65_535, 6],
  [65_536, 7],
]

function lengths(side: Side): readonly Case[] {
  const defaults = {
    references: [lengthForms],
    carriers: anyCarrier,
    needs: ['echo'],
    why: 'The form of the length changes at 126 and at 65 536 bytes. Off-by-one errors show at these sizes.',
  } as const
  const cases = sizes.flatMap(([size, autobahn]): readonly CaseInit[] => {
    const stars = { text: '*', repeat: size }
    const noise = { random: size, seed: size + 1 }
    return [
      {
        name: `text-of-${size}-bytes`,
        title: `A text of ${size} bytes comes back`,
        ...autobahnId(autobahn === undefined ? autobahn : `1.1.${autobahn}`),
        steps: exchange([text(stars)]),
        outcomes: echoes({ text: stars }),
      },
      {
        name: `binary-of-${size}-bytes`,
        title: `A binary message of ${size} bytes comes back`,
        ...autobahnId(autobahn === undefined ? autobahn : `1.2.${autobahn}`),
        steps: exchange([binary(noise)]),
        outcomes: echoes({ binary: noise }),
      },
    ]
  })
  return section(side, 'framing', defaults, cases)
}

// Lengths in more bytes than necessary

const minimalLength: Reference = {
  section: 'RFC 6455 §5.2',
  quote:
    "Note that in all cases, the minimal number of bytes MUST be used to encode the length, for example, the length of a 124-byte-long string can't be encoded as the sequence 126, 0, 124.",
}

function longForms(side: Side): readonly Case[] {
  // The rule binds the sender. No sentence requires the receiver to fail, and many do not.
  const defaults = {
    level: 'should',
    references: [minimalLength],
    carriers: anyCarrier,
    why: 'If two forms of a header are accepted, a filter in between and the endpoint may read different frames.',
  } as const
  const frames: readonly (readonly [what: string, frame: CaseFrame, size: number])[] = [
    ['text', text('', { lengthSize: 2 }), 0],
    ['text', text('Hello', { lengthSize: 2 }), 5],
    ['binary', binary('Hello', { lengthSize: 2 }), 5],
    ['text', text({ text: '*', repeat: 125 }, { lengthSize: 2 }), 125],
    ['text', text('', { lengthSize: 8 }), 0],
    ['text', text('Hello', { lengthSize: 8 }), 5],
    ['text', text({ text: '*', repeat: 125 }, { lengthSize: 8 }), 125],
    ['text', text({ text: '*', repeat: 126 }, { lengthSize: 8 }), 126],
    ['binary', binary({ text: '*', repeat: 65_535 }, { lengthSize: 8 }), 65_535],
  ]
  const cases = frames.map(
    ([what, frame, size]): CaseInit => ({
      name: `${what}-of-${size}-in-length-of-${frame.lengthSize}-bytes`,
      title: `A ${what} frame whose length of ${size} takes ${frame.lengthSize === 2 ? 16 : 64} bits`,
      steps: refused(frame),
      outcomes: refusesLongForm,
    }),
  )
  const more: readonly CaseInit[] = [
    {
      name: 'continuation-of-2-in-length-of-2-bytes',
      title: 'A continuation frame whose length of 2 takes 16 bits',
      steps: refused(text('Hel', { fin: false }), continuation('lo', { lengthSize: 2 })),
      outcomes: refusesLongForm,
    },
    {
      name: 'ping-of-5-in-length-of-2-bytes',
      title: 'A ping whose length of 5 takes 16 bits',
      steps: refused(ping('Hello', { lengthSize: 2 })),
      outcomes: refusesLongForm,
    },
    {
      name: 'ping-of-5-in-length-of-8-bytes',
      title: 'A ping whose length of 5 takes 64 bits',
      steps: refused(ping('Hello', { lengthSize: 8 })),
      outcomes: refusesLongForm,
    },
  ]
  return section(side, 'framing', defaults, [...cases, ...more])
}

const refusesLongForm: readonly Outcome[] = [
  { verdict: 'pass', reason: 'It closed the connection with 1002.', when: { close: 1002 } },
  ...otherThan(1002, 'It accepts a length in more bytes than necessary, which no sender may use.'),
]

// Lengths without their payload

function hugeLengths(side: Side): readonly Case[] {
  const topBit = {
    references: [lengthForms],
    carriers: anyCarrier,
    why: 'An endpoint that keeps only some bits of the length reads the following bytes as frames: an attacker can hide frames in a payload.',
  }
  return [
    ...section(side, 'framing', topBit, [
      {
        name: 'length-with-top-bit',
        title: 'A binary frame of 2^63 + 5 bytes: the top bit of its length is set',
        steps: promised(side, '80 00 00 00 00 00 00 05'),
        outcomes: refusesTopBit,
      },
      {
        name: 'length-all-ones',
        title: 'A binary frame of 2^64 − 1 bytes: the top bit of its length is set',
        steps: promised(side, 'ff ff ff ff ff ff ff ff'),
        outcomes: refusesTopBit,
      },
    ]),
    ...section(side, 'framing', { ...topBit, needs: ['echo'] }, [
      {
        name: 'length-2-to-32-plus-5',
        title: 'A binary frame of 2^32 + 5 bytes, of which 5 arrive',
        steps: promised(side, '00 00 00 01 00 00 00 05'),
        outcomes: keepsAllBits,
      },
      {
        name: 'length-2-to-53-plus-5',
        title: 'A binary frame of 2^53 + 5 bytes, of which 5 arrive',
        steps: promised(side, '00 20 00 00 00 00 00 05'),
        outcomes: keepsAllBits,
      },
      {
        name: 'length-2-to-62-plus-5',
        title: 'A binary frame of 2^62 + 5 bytes, of which 5 arrive',
        steps: promised(side, '40 00 00 00 00 00 00 05'),
        outcomes: keepsAllBits,
      },
    ]),
  ]
}

/** A binary frame with this length, and `Hello` as the first bytes of its payload. */
function promised(side: Side, length: string): readonly Step[] {
  const frame = side === 'server' ? `82 ff ${length} 37 fa 21 3d 7f 9f 4d 51 58` : `82 7f ${length} 48 65 6c 6c 6f`
  return [
    open(),
    { do: 'send', pieces: [{ bytes: { hex: frame } }] },
    // Briefly: an endpoint may wait for the rest.
    closeFrame(true),
  ]
}

const truncated: Outcome = {
  verdict: 'fail',
  reason: 'It read the frame as one of 5 bytes: it keeps only a part of the length.',
  when: { messages: [{ binary: 'Hello' }] },
}

const emptied: Outcome = {
  verdict: 'fail',
  reason: 'It read the frame as an empty one: it keeps only a part of the length, or reads it as signed.',
  when: { messages: [{ binary: '' }] },
}

const refusesTopBit: readonly Outcome[] = [
  truncated,
  emptied,
  { verdict: 'pass', reason: 'It closed the connection with 1002.', when: { close: 1002 } },
  { verdict: 'pass', reason: 'It refused the size with 1009.', when: { close: 1009 } },
  { verdict: 'warn', reason: 'It closed the connection, but with another code than 1002.', when: { close: 'any' } },
  {
    verdict: 'warn',
    reason: 'It ended the connection without a Close frame, which it should send first (RFC 6455 §7.1.7).',
    when: { close: 'none', end: 'any' },
  },
  {
    verdict: 'warn',
    reason: 'It waits for the payload, although no valid length has its top bit set.',
    when: { close: 'none', end: 'none' },
  },
]

const keepsAllBits: readonly Outcome[] = [
  truncated,
  emptied,
  { verdict: 'pass', reason: 'It refused the size at once.', when: { close: [1008, 1009] } },
  { verdict: 'pass', reason: 'It refused the size at once, with another code than 1009.', when: { close: 'any' } },
  {
    verdict: 'pass',
    reason: 'It refused the size at once, by ending the connection.',
    when: { close: 'none', end: 'any' },
  },
  { verdict: 'pass', reason: 'It waits for the payload.', when: { close: 'none', end: 'none' } },
]

// Frames after an error

const nothingFurther: Reference = {
  section: 'RFC 6455 §7.1.7',
  quote:
    'An endpoint MUST NOT continue to attempt to process data (including a responding Close frame) from the remote endpoint after being instructed to _Fail the WebSocket Connection_.',
}

function afterErrors(side: Side): readonly Case[] {
  const defaults = {
    references: [nothingFurther],
    carriers: anyCarrier,
    why: 'After an error, the start of the next frame is unknown: apparent messages may be part of a payload.',
  }
  return section(side, 'framing', defaults, [
    {
      name: 'text-after-error',
      title: 'A text after a frame with a reserved opcode',
      needs: ['echo'],
      steps: refused({ opcode: 3 }, text('after')),
      outcomes: [
        {
          verdict: 'fail',
          reason: 'It sent back the text after the error.',
          when: { messages: [{ text: 'after' }] },
        },
        ...failsWith(1002),
      ],
    },
    {
      name: 'ping-after-error',
      title: 'A ping after a frame with a reserved opcode',
      steps: refused({ opcode: 3 }, ping('after')),
      outcomes: [
        { verdict: 'fail', reason: 'It answered the ping after the error.', when: { pongs: ['after'] } },
        ...failsWith(1002),
      ],
    },
    {
      name: 'second-error',
      title: 'Bad UTF-8 after a frame with a reserved opcode: the first error sets the code',
      steps: refused({ opcode: 3 }, text({ hex: 'ff' })),
      outcomes: failsWith(1002),
    },
  ])
}
