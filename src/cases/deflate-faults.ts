/**
 * Cases for both sides: frames and data that break permessage-deflate, and data that costs more than it seems.
 *
 * @module
 */

import type { Case, CaseFrame, Data, ExpectedMessage, Level, Outcome, Reference, Side } from '../testing/case.ts'
import {
  afterFence,
  binary,
  byItself,
  type CaseInit,
  closeWith,
  closing,
  continuation,
  crossedFence,
  FENCE,
  failsWith,
  fenced,
  messages,
  ping,
  pong,
  refused,
  refusesClose,
  section,
  send,
  text,
} from './build.ts'
import {
  applies,
  compressedBinary,
  compressedFragments,
  compressedText,
  FIELD,
  opening,
  openWith,
} from './deflate-parts.ts'
import { rules } from './deflate-rules.ts'

const hello = 'f248cdc9c90700'

/** A fault for which the agent must fail the connection. */
interface Fault {
  readonly name: string
  readonly title: string
  readonly reference: Reference
  readonly level?: Level
  readonly why?: string
  readonly frames: readonly CaseFrame[]
  /** A message before the fault, "Hello", which is sent back first. */
  readonly before?: CaseFrame
}

function fault(side: Side, one: Fault, outcomes: readonly Outcome[]): CaseInit {
  const { name, title, reference, level, why, before, frames } = one
  return {
    name,
    title,
    references: [reference],
    needs: before === undefined ? ['deflate'] : ['deflate', 'echo'],
    ...(level !== undefined && { level }),
    ...(why !== undefined && { why }),
    steps: [
      opening,
      // An agent may see the fault before it answers the message that arrived with it.
      ...(before === undefined ? [] : [send(before), messages()]),
      send(...frames, ping(FENCE)),
      ...afterFence(true),
    ],
    outcomes: [...applies(side), ...outcomes],
  }
}

// RSV1 on frames that must not have it

const bits: readonly Fault[] = [
  {
    name: 'rsv1-on-ping',
    title: 'a ping with RSV1',
    reference: rules.bitOfFirstFrame,
    frames: [ping('Hello', { rsv: 4 })],
  },
  {
    name: 'rsv1-on-pong',
    title: 'a pong with RSV1',
    reference: rules.bitOfFirstFrame,
    frames: [pong('Hello', { rsv: 4 })],
  },
  {
    name: 'rsv1-on-ping-between-frames',
    title: 'a ping with RSV1 between the frames of a compressed message',
    reference: rules.bitOfFirstFrame,
    frames: [text({ hex: 'f248cd' }, { rsv: 4, fin: false }), ping('', { rsv: 4 }), continuation({ hex: 'c9c90700' })],
  },
  {
    name: 'rsv1-on-continuation',
    title: 'RSV1 on the second frame of a compressed message',
    reference: rules.bitOfFirstFrame,
    frames: [text({ hex: 'f248cd' }, { rsv: 4, fin: false }), continuation({ hex: 'c9c90700' }, { rsv: 4 })],
  },
  {
    name: 'rsv1-on-continuation-of-uncompressed',
    title: 'RSV1 on the second frame of an uncompressed message',
    reference: rules.bitOfFirstFrame,
    frames: [text('Hello', { fin: false }), continuation({ hex: hello }, { rsv: 4 })],
  },
  {
    name: 'rsv1-on-middle-frame',
    title: 'RSV1 on the second of three frames',
    reference: rules.bitOfFirstFrame,
    frames: [
      text({ hex: 'f248' }, { rsv: 4, fin: false }),
      continuation({ hex: 'cdc9' }, { rsv: 4, fin: false }),
      continuation({ hex: 'c90700' }),
    ],
  },
  ...([text, binary] as const).flatMap((frame) =>
    [2, 1, 6, 5].map((rsv) => ({
      name: `rsv-${rsv.toString(2).padStart(3, '0')}-on-${frame === text ? 'text' : 'binary'}`,
      title: `a ${frame === text ? 'text' : 'binary'} frame with the reserved bits ${rsv.toString(2).padStart(3, '0')}`,
      reference: rules.reservedBits,
      frames: [frame({ hex: hello }, { rsv })],
    })),
  ),
]

function closeWithBit(side: Side): CaseInit {
  return {
    name: 'rsv1-on-close',
    title: 'a Close with RSV1',
    references: [rules.bitOfFirstFrame],
    needs: ['deflate'],
    steps: [opening, ...fenced(closeWith(1000, '', { rsv: 4 }))],
    outcomes: [...applies(side), ...refusesClose(1002)],
  }
}

/** Compressed data although the extension was not agreed on. */
function notAgreedOn(side: Side): CaseInit {
  const shared = {
    name: 'rsv1-after-declined-offer',
    title: 'a compressed text after a declined offer',
    references: [rules.reservedBits],
    why: 'An agent that decompresses without an agreement trusts what its peer claims.',
  }
  if (side === 'client')
    return {
      ...shared,
      needs: ['deflate'],
      steps: refused(compressedText(hello)),
      outcomes: failsWith(1002),
    }
  return {
    ...shared,
    steps: [openWith('permessage-deflate; unknown'), ...fenced(compressedText(hello))],
    outcomes: [
      { verdict: 'skip', reason: 'It refused the request.', when: { status: '4xx' } },
      {
        verdict: 'skip',
        reason: 'It agreed on the offer, which another case covers.',
        when: { status: 101, fields: { [FIELD]: { present: true } } },
      },
      ...failsWith(1002),
    ],
  }
}

// Invalid DEFLATE data

const breaks = 'The output of a library for broken data is not a message that the peer sent.'

/** No RFC specifies the code. 1007 and 1002 are both in use. */
function breaksWith(before: readonly ExpectedMessage[]): readonly Outcome[] {
  return [
    { verdict: 'pass', reason: 'It closed the connection.', when: { close: [1002, 1007], messages: before } },
    {
      verdict: 'warn',
      reason: 'It closed the connection, but with another code than 1007 or 1002.',
      when: { close: [1003, 1008, 1009, 1010, 1011], messages: before },
    },
    {
      verdict: 'warn',
      reason: 'It closed the connection with a code that reports no error, not with 1007 (RFC 6455 §7.4.1).',
      when: byItself({ close: [1000, 1001, 'empty'], messages: before }),
    },
    {
      verdict: 'warn',
      reason: 'It ended the connection without a Close frame, which it should send first (RFC 6455 §7.1.7).',
      when: byItself({ close: 'none', end: 'any', messages: before }),
    },
    {
      verdict: 'fail',
      reason: 'It answered the ping that followed, so it accepted what cannot be decompressed.',
      when: crossedFence,
    },
  ]
}

const broken: readonly Fault[] = [
  {
    name: 'reserved-block-type',
    title: 'a block of the reserved type',
    reference: rules.reservedBlock,
    frames: [compressedText('0600')],
  },
  {
    name: 'garbage',
    title: 'bytes 0xff',
    reference: rules.reservedBlock,
    frames: [compressedText({ hex: 'ff', repeat: 32 })],
  },
  {
    name: 'uncompressed-text-with-rsv1',
    title: 'a text with RSV1 that is not compressed',
    reference: rules.bitSaysCompressed,
    frames: [text('Hello', { rsv: 4 })],
  },
  {
    name: 'gzip',
    title: 'a gzip stream',
    reference: rules.decompress,
    frames: [compressedText('1f8b0800000000000003f348cdc9c907008289d1f705000000')],
  },
  {
    name: 'zlib',
    title: 'a zlib stream',
    reference: rules.decompress,
    frames: [compressedText('789cf348cdc9c907000 58c01f5')],
  },
  {
    name: 'stored-length-differs',
    title: 'a stored block whose two lengths do not match',
    reference: rules.storedLength,
    frames: [compressedText('0005000000 48656c6c6f 00')],
  },
  {
    name: 'reference-before-any-data',
    title: 'a reference before any data',
    reference: rules.distance,
    frames: [compressedText('02020000')],
  },
  {
    name: 'reference-one-byte-too-far',
    title: 'a reference one byte before the beginning',
    reference: rules.distance,
    frames: [compressedText('f200420000')],
  },
  {
    name: 'reference-to-no-message',
    title: 'a reference to a message before the first',
    reference: rules.distance,
    frames: [compressedText('f200110000')],
  },
  {
    name: 'reference-into-uncompressed-message',
    title: 'a reference into an uncompressed message, which is not part of the window',
    reference: rules.distance,
    before: text('Hello'),
    frames: [compressedText('f200110000')],
  },
  ...[30, 31].map((code) => ({
    name: `distance-code-${code}`,
    title: `the distance code ${code}, which does not exist`,
    reference: rules.distanceCodes,
    level: 'should' as const,
    frames: [compressedText(code === 30 ? 'f2003e0000' : 'f2007e0000')],
  })),
  ...[286, 287].map((code) => ({
    name: `length-code-${code}`,
    title: `the length code ${code}, which does not exist`,
    reference: rules.lengthCodes,
    level: 'should' as const,
    frames: [compressedText(code === 286 ? 'f218030000' : 'f218070000')],
  })),
  {
    name: 'dynamic-287-literals',
    title: 'a block with 287 literal and length codes',
    reference: rules.dynamicCodes,
    frames: [compressedText('f4000000000000')],
  },
  {
    name: 'dynamic-too-many-codes',
    title: 'a block with four codes of one bit',
    reference: rules.dynamicCodes,
    frames: [compressedText('0400920400000000')],
  },
  {
    name: 'dynamic-repeat-of-nothing',
    title: 'a block whose first code length repeats the one before',
    reference: rules.dynamicCodes,
    frames: [compressedText('0400820000000000')],
  },
  {
    name: 'dynamic-without-end',
    title: 'a block without a code for its end',
    reference: rules.dynamicCodes,
    frames: [compressedText('04c08100000000009036fea70000000000')],
  },
  {
    name: 'fault-in-second-frame',
    title: 'a valid first frame, and a block of the reserved type in the second',
    reference: rules.reservedBlock,
    frames: compressedFragments('f248cdc9c907000000ffff0600', 11),
  },
  {
    name: 'fault-after-data',
    title: 'a whole block, then one of the reserved type',
    reference: rules.reservedBlock,
    frames: [compressedText('f248cdc9c907000000ffff0600')],
  },
  {
    name: 'fault-in-second-message',
    title: 'a valid message, then a block of the reserved type',
    reference: rules.reservedBlock,
    before: compressedText(hello),
    frames: [compressedText('0600')],
  },
  {
    name: 'binary-fault',
    title: 'a binary message of a block of the reserved type',
    reference: rules.reservedBlock,
    frames: [compressedBinary('0600')],
  },
]

/** Faults that the algorithm of §7.2.2 alone does not detect, because the appended bytes are read as part of the data. */
const truncated: readonly Fault[] = (
  [
    ['truncated-fixed-block', 'a block with fixed codes that ends after three bytes', [compressedText('f248cd')]],
    [
      'truncated-stored-block',
      'a stored block that ends after three of its five bytes',
      [compressedText('000500faff 48656c')],
    ],
    [
      'truncated-by-four-bytes',
      'a stored block that lacks as many bytes as are appended',
      [compressedText('000900f6ff 48656c6c6f')],
    ],
    ['truncated-code-lengths', 'a block that ends within its code lengths', [compressedText('2ccedb9183301044')]],
    [
      'truncated-before-end-of-block',
      'a block with fixed codes that lacks its last byte',
      [compressedText('f248cdc9c907')],
    ],
    ['truncated-in-frames', 'two frames whose data end within a block', compressedFragments('f248cdc9', 2)],
    [
      'final-block-then-fault',
      'a block with BFINAL, then one of the reserved type',
      [compressedText('f348cdc9c90700 0600')],
    ],
  ] as const
).map(([name, title, frames]) => ({
  name,
  title,
  frames,
  reference: name === 'final-block-then-fault' ? rules.padding : rules.emptyBlockAtEnd,
  level: 'should',
  why: 'An agent that does not check for the end of the last block delivers a truncated message as if it were complete.',
}))

/** An empty payload is not valid DEFLATE, because even an empty message has a byte. It can only mean an empty message. */
function withoutData(side: Side): CaseInit {
  return {
    name: 'no-data',
    title: 'a text with RSV1 and without a byte',
    references: [rules.emptyBlockAtEnd],
    why: 'The bytes that are appended to each message are not a complete block alone.',
    needs: ['deflate', 'echo'],
    steps: [opening, send(compressedText('')), messages(), ...closing()],
    outcomes: [
      ...applies(side),
      {
        verdict: 'pass',
        reason: 'It accepted an empty message.',
        when: { messages: [{ text: '' }], close: [1000, 'empty'] },
      },
      ...incomplete,
    ],
  }
}

const incomplete: readonly Outcome[] = [
  { verdict: 'pass', reason: 'It closed the connection.', when: { close: [1002, 1007], messages: [] } },
  {
    verdict: 'warn',
    reason: 'It closed the connection, but with another code than 1007 or 1002.',
    when: { close: [1003, 1008, 1009, 1010, 1011], messages: [] },
  },
  {
    verdict: 'warn',
    reason: 'It ended the connection without a Close frame, which it should send first (RFC 6455 §7.1.7).',
    when: { close: 'none', end: 'any', messages: [] },
  },
  {
    verdict: 'warn',
    reason: 'It accepted the message as if it were complete, or closed the connection as if nothing was wrong.',
    when: { close: [1000, 1001, 'empty'] },
  },
]

// Text that is not UTF-8 after decompression

const notUtf8: readonly Fault[] = (
  [
    ['utf-8-ff', 'the byte 0xff', [compressedText('fa0f00')]],
    ['utf-8-truncated', 'the first byte of two', [compressedText('3a0c00')]],
    ['utf-8-truncated-after-text', '"Hello", then the first byte of two', [compressedText('f248cdc9c93f0c00')]],
    ['utf-8-surrogate', 'a surrogate', [compressedText('7abba00100')]],
    ['utf-8-overlong', 'a slash in two bytes', [compressedText('3ab01e00')]],
    ['utf-8-beyond-unicode', 'a code point beyond U+10FFFF', [compressedText('fa32a1a10100')]],
    [
      'utf-8-across-frames',
      'a character of three bytes that is cut off at the end of a frame',
      compressedFragments('000200fdffe282000000ffff000100feff4100', 12),
    ],
  ] as const
).map(([name, title, frames]) => ({
  name,
  title: `a compressed text with ${title}`,
  frames,
  reference: rules.constraints,
}))

// Data that costs more than it seems

/** 10 MiB of zeros: two bits for each 258 bytes. */
const tenMiB: readonly Data[] = [
  { hex: 'ecc101010000008090feafee080a' },
  { hex: '00', repeat: 4094 },
  { hex: '80d98303010000000020ffd74650' },
  { hex: '55', repeat: 4095 },
  { hex: '610f0e090000000004fd7fed0c0b' },
  { hex: '00', repeat: 1970 },
  { hex: '9f00' },
]

/** 4 MiB of zeros, in three parts. */
const fourMiB = {
  first: [{ hex: 'ecc101010000008220ffaf6e484001' }, { hex: '00', repeat: 1000 }],
  second: { hex: '00', repeat: 1000 },
  third: [{ hex: '00', repeat: 2063 }, { hex: '7c1b00' }],
} as const

function zeros(mebibytes: number): ExpectedMessage {
  return { binary: { hex: '00'.repeat(64), repeat: mebibytes * 16384 } }
}

interface Costly {
  readonly name: string
  readonly title: string
  readonly reference: Reference
  readonly why: string
  readonly frames: readonly CaseFrame[]
  readonly expected: ExpectedMessage
}

const limits: readonly Costly[] = [
  {
    name: 'bomb',
    title: '10 MiB of zeros in 10 KiB',
    reference: rules.limits,
    why: 'Without a limit on the decompressed size, a few kilobytes fill the memory of an agent.',
    frames: [compressedBinary(...tenMiB)],
    expected: zeros(10),
  },
  {
    name: 'bomb-in-frames',
    title: '4 MiB of zeros in three frames of 1 to 2 KiB',
    reference: rules.limits,
    why: 'The limit must count the whole message, because none of its frames is large.',
    frames: [
      binary(fourMiB.first, { rsv: 4, fin: false }),
      continuation(fourMiB.second, { fin: false }),
      continuation(fourMiB.third),
    ],
    expected: zeros(4),
  },
  {
    name: '20000-empty-blocks',
    title: '20,000 empty blocks before the data',
    reference: rules.severalBlocks,
    why: 'Blocks without data cost time, and do not count toward a limit on the size.',
    frames: [compressedText({ hex: '000000ffff', repeat: 20000 }, hello)],
    expected: { text: 'Hello' },
  },
  {
    name: '2000-final-blocks',
    title: '2,000 empty blocks with BFINAL before the data',
    reference: rules.finalBlocks,
    why: 'Each final block ends a stream, and some libraries are slow to begin the next one.',
    frames: [compressedText({ hex: '0300', repeat: 2000 }, hello)],
    expected: { text: 'Hello' },
  },
  {
    name: '1000-empty-frames',
    title: '1,000 frames without data in a compressed message',
    reference: rules.fragments,
    why: 'Frames without data cost time, and do not count toward a limit on the size.',
    frames: compressedFragments(hello, 3, ...Array<number>(1000).fill(0)),
    expected: { text: 'Hello' },
  },
]

function limit(side: Side, one: Costly): CaseInit {
  const { name, title, reference, why, frames, expected } = one
  return {
    name,
    title,
    references: [reference],
    level: 'policy',
    why,
    needs: ['deflate', 'echo'],
    steps: [opening, send(...frames), messages(), ...closing()],
    outcomes: [
      ...applies(side),
      { verdict: 'pass', reason: 'It accepted the message.', when: { messages: [expected], close: [1000, 'empty'] } },
      { verdict: 'pass', reason: 'It has a limit, and reports it.', when: { messages: [], close: [1008, 1009] } },
      { verdict: 'info', reason: 'It did not accept the message.', when: { messages: [] } },
    ],
  }
}

/** The cases of faults of permessage-deflate. */
export function deflateFaults(side: Side): readonly Case[] {
  return section(side, 'deflate-faults', { why: breaks }, [
    ...bits.map((one) => fault(side, one, failsWith(1002))),
    closeWithBit(side),
    notAgreedOn(side),
    ...broken.map((one) => fault(side, one, breaksWith(one.before === undefined ? [] : [{ text: 'Hello' }]))),
    ...truncated.map((one) => fault(side, one, incomplete)),
    withoutData(side),
    ...notUtf8.map((one) => fault(side, one, failsWith(1007))),
    ...limits.map((one) => limit(side, one)),
  ])
}
