/**
 * Cases for both sides: messages compressed in every way that DEFLATE allows (RFC 7692 §7.2). The compressed bytes are literal, so that
 * no case depends on a compressor.
 *
 * @module
 */

import type { Case, CaseFrame, Data, ExpectedMessage, Outcome, Piece, Reference, Side } from '../testing/case.ts'
import { binary, type CaseInit, closing, continuation, messages, ping, pongs, section, send, text } from './build.ts'
import { WINDOWS } from './deflate-parameters.ts'
import {
  agreed,
  applies,
  compressedBinary,
  compressedFragments,
  compressedText,
  doesNotSupport,
  NAME,
  notAgreed,
  opening,
  openWith,
  PLAIN_OFFER,
  references,
  skipUnlessOffered,
  stored,
  WINDOW_OFFER,
} from './deflate-parts.ts'
import { rules } from './deflate-rules.ts'

/** Messages that the agent must echo. */
interface Sent {
  readonly name: string
  readonly title: string
  readonly reference: Reference
  readonly why?: string
  readonly level?: 'should'
  /** Whether a message refers to an earlier one. */
  readonly takeover?: true
  readonly pieces: readonly (CaseFrame | Piece)[]
  readonly expected: readonly ExpectedMessage[]
  /** The payload of the last ping. Answers to other pings may be left out (RFC 6455 §5.5.3). */
  readonly lastPong?: Data
}

function sent(side: Side, one: Sent): CaseInit {
  const { name, title, reference, why, level, takeover, pieces, expected, lastPong } = one
  return {
    name,
    title,
    references: [reference],
    needs: ['deflate', 'echo'],
    ...(why !== undefined && { why }),
    ...(level !== undefined && { level }),
    steps: [
      opening,
      { do: 'send', pieces: pieces.map((one) => ('opcode' in one ? { frame: one } : one)) },
      ...(lastPong === undefined ? [] : [pongs()]),
      messages(expected.length),
      ...closing(),
    ],
    outcomes: [
      ...applies(side, takeover),
      {
        verdict: 'pass',
        reason: expected.length === 1 ? 'It sent the message back.' : 'It sent each message back.',
        when: { messages: expected, close: [1000, 'empty'], ...(lastPong !== undefined && { lastPong }) },
      },
    ],
  }
}

const HELLO: ExpectedMessage = { text: 'Hello' }
/** "Hello" alone, as a reference to a message "Hello", and in a block with BFINAL, which needs a final `00`. */
const hello = 'f248cdc9c90700'
const helloAgain = 'f200110000'
const helloFinal = 'f348cdc9c90700'
/** " world", without BFINAL and with it. */
const world = '5228cf2fca490100'
const worldFinal = '5328cf2fca490100'

/** A text, and its bytes in one block with dynamic Huffman codes, without BFINAL and with it. */
const PANGRAMS =
  'The quick brown fox jumps over the lazy dog. Pack my box with five dozen liquor jugs. How vexingly quick daft zebras jump! Sphinx of black quartz, judge my vow. The five boxing wizards jump quickly at dawn, and two driven jocks help fax my big quiz.'
const pangramsCodes =
  'cedb9183301044d154daff2ee2f0e756ad1318a1d103640d08bd50f45b980da0cfedb763ecc5cf2b54921661a463299fed80544ec88e11689cd06227fcd0bce273424947f3d9c1f8cad0323822f8bd48c252ec31e1250d95bb8f369cffbc26933158253abe81077e37e7638718a870c17ba194c7134bd196af4c9536e1edf8ce28b93c343f28e9dbb8e970823234b5f804458ddc043af9ca118bcceb01c76183a1febdeeedb51ad31f'
const pangrams = `2c${pangramsCodes}00`
const pangramsFinal = `2d${pangramsCodes}`

const losesTheRest = 'A library that stops at the final block silently loses the data after it.'

const blocks: readonly Sent[] = [
  {
    name: 'fixed-block',
    title: '"Hello" in a block with fixed Huffman codes (§7.2.3.1)',
    reference: rules.blockTypes,
    pieces: [compressedText(hello)],
    expected: [HELLO],
  },
  {
    name: 'stored-block',
    title: '"Hello" in a block without compression (§7.2.3.3)',
    reference: rules.blockTypes,
    pieces: [compressedText('000500faff 48656c6c6f 00')],
    expected: [HELLO],
  },
  {
    name: 'dynamic-block',
    title: 'a text in a block with dynamic Huffman codes',
    reference: rules.blockTypes,
    pieces: [compressedText(pangrams)],
    expected: [{ text: PANGRAMS }],
  },
  {
    name: 'two-blocks',
    title: '"Hello" in two blocks with an empty one between them (§7.2.3.5)',
    reference: rules.severalBlocks,
    pieces: [compressedText('f24805 000000ffff cac9c90700')],
    expected: [HELLO],
  },
  {
    name: 'each-block-type',
    title: 'a stored block, one with fixed and one with dynamic codes in one message',
    reference: rules.severalBlocks,
    pieces: [compressedText('000500faff 48656c6c6f', `${world} 0000ffff`, pangrams)],
    expected: [{ text: `Hello world${PANGRAMS}` }],
  },
  {
    name: 'empty-blocks-first',
    title: 'ten empty blocks before the data',
    reference: rules.severalBlocks,
    pieces: [compressedText({ hex: '000000ffff', repeat: 10 }, hello)],
    expected: [HELLO],
  },
  {
    name: 'empty-blocks-last',
    title: 'ten empty blocks after the data',
    reference: rules.severalBlocks,
    pieces: [compressedText(hello, '0000ffff', { hex: '000000ffff', repeat: 9 }, '00')],
    expected: [HELLO],
  },
  {
    name: 'final-block',
    title: '"Hello" in a block with BFINAL (§7.2.3.4)',
    reference: rules.finalBlocks,
    pieces: [compressedText(`${helloFinal} 00`)],
    expected: [HELLO],
  },
  {
    name: 'final-stored-block',
    title: '"Hello" in a stored block with BFINAL',
    reference: rules.finalBlocks,
    pieces: [compressedText('010500faff 48656c6c6f 00')],
    expected: [HELLO],
  },
  {
    name: 'final-dynamic-block',
    title: 'a text in a block with BFINAL and dynamic Huffman codes',
    reference: rules.finalBlocks,
    pieces: [compressedText(pangramsFinal, '00')],
    expected: [{ text: PANGRAMS }],
  },
  {
    name: 'final-block-first',
    title: 'a BFINAL block, then another in the same message',
    why: losesTheRest,
    reference: rules.padding,
    pieces: [compressedText(`${helloFinal} ${world}`)],
    expected: [{ text: 'Hello world' }],
  },
  {
    name: 'two-final-blocks',
    title: 'two blocks with BFINAL in one message',
    why: losesTheRest,
    reference: rules.padding,
    pieces: [compressedText(`${helloFinal} ${worldFinal} 00`)],
    expected: [{ text: 'Hello world' }],
  },
  {
    name: 'final-block-in-first-frame',
    title: 'a block with BFINAL in the first frame, another block in the second',
    why: losesTheRest,
    reference: rules.padding,
    pieces: compressedFragments(helloFinal + world, 7),
    expected: [{ text: 'Hello world' }],
  },
  {
    name: 'message-after-final-block',
    title: 'a message with BFINAL, then two that are compressed without context',
    why: 'A library whose stream has ended must be reset for the next message.',
    reference: rules.finalBlocks,
    pieces: [compressedText(`${helloFinal} 00`), compressedText(hello), compressedText(pangrams)],
    expected: [HELLO, HELLO, { text: PANGRAMS }],
  },
  {
    name: 'overlapping-reference',
    title: 'a reference that reaches into its own output',
    reference: rules.distance,
    pieces: [compressedText('000500faff 48656c6c6f 1a250000')],
    expected: [{ text: [{ text: 'Hello', repeat: 52 }, 'Hel'] }],
  },
  {
    name: 'reference-across-blocks',
    title: 'a reference into the block before',
    reference: rules.distance,
    pieces: [compressedText(`000500faff 48656c6c6f ${helloAgain}`)],
    expected: [{ text: 'HelloHello' }],
  },
  {
    name: 'empty',
    title: 'an empty text, compressed to one byte (§7.2.3.6)',
    reference: rules.tail,
    pieces: [compressedText('00')],
    expected: [{ text: '' }],
  },
  {
    name: 'empty-binary',
    title: 'an empty binary message, compressed to one byte',
    reference: rules.tail,
    pieces: [compressedBinary('00')],
    expected: [{ binary: '' }],
  },
  {
    name: 'empty-fixed-block',
    title: 'an empty text as a block with fixed codes',
    reference: rules.tail,
    pieces: [compressedText('0200')],
    expected: [{ text: '' }],
  },
  {
    name: 'binary',
    title: 'binary data that is not UTF-8',
    reference: rules.constraints,
    pieces: [compressedBinary('7abba00100')],
    expected: [{ binary: { hex: 'eda080' } }],
  },
  {
    name: 'text-beyond-ascii',
    title: 'a text of Greek letters',
    reference: rules.constraints,
    pieces: [compressedText('3ab7eb7ccff9e6737bce6d0500')],
    expected: [{ text: 'κόσμε' }],
  },
]

const framing: readonly Sent[] = [
  {
    name: 'two-frames',
    title: '"Hello" in two frames (§7.2.3.1)',
    reference: rules.fragments,
    pieces: compressedFragments(hello, 3),
    expected: [HELLO],
  },
  {
    name: 'frame-a-byte',
    title: 'a text in a frame for each compressed byte',
    reference: rules.fragments,
    pieces: compressedFragments(pangrams, ...Array<number>(pangrams.length / 2 - 1).fill(1)),
    expected: [{ text: PANGRAMS }],
  },
  {
    name: 'empty-first-frame',
    title: 'a first frame without data',
    reference: rules.fragments,
    pieces: compressedFragments(hello, 0),
    expected: [HELLO],
  },
  {
    name: 'empty-middle-frames',
    title: 'frames without data in the middle',
    reference: rules.fragments,
    pieces: compressedFragments(hello, 3, 0, 0),
    expected: [HELLO],
  },
  {
    name: 'empty-last-frame',
    title: 'a last frame without data',
    reference: rules.fragments,
    pieces: compressedFragments(hello, 7),
    expected: [HELLO],
  },
  {
    name: 'last-frame-of-an-empty-block',
    title: 'a first frame that was flushed, and an empty block in the last one',
    reference: rules.fragments,
    pieces: compressedFragments('f248cdc9c907000000ffff00', 11),
    expected: [HELLO],
  },
  {
    name: 'character-across-frames',
    title: 'a character whose bytes are in two frames, each flushed',
    reference: rules.constraints,
    pieces: compressedFragments('000200fdffe282000000ffff000100feffac00', 12),
    expected: [{ text: '€' }],
  },
  {
    name: 'pings-between-frames',
    title: 'pings between the frames of a compressed message',
    reference: rules.controlBetweenFragments,
    pieces: compressedFragments(hello, 2, 2).flatMap((frame, index) => [frame, ping(`ping ${index}`)]),
    expected: [HELLO],
    lastPong: 'ping 2',
  },
  {
    name: 'ping-that-looks-compressed',
    title: 'a ping whose payload is compressed data, which must not be inflated',
    reference: rules.bitOfFirstFrame,
    pieces: [compressedText(hello), ping({ hex: hello })],
    expected: [HELLO],
    lastPong: { hex: hello },
  },
  {
    name: 'uncompressed',
    title: 'a text without RSV1, which is not compressed',
    reference: rules.bitSaysCompressed,
    pieces: [text('Hello')],
    expected: [HELLO],
  },
  {
    name: 'uncompressed-that-looks-compressed',
    title: 'binary data without RSV1 that happens to be valid DEFLATE',
    reference: rules.bitSaysCompressed,
    pieces: [binary({ hex: hello })],
    expected: [{ binary: { hex: hello } }],
  },
  {
    name: 'uncompressed-in-frames',
    title: 'an uncompressed message in two frames between compressed ones',
    reference: rules.bitSaysCompressed,
    pieces: [compressedText(hello), text('plain', { fin: false }), continuation(' text'), compressedText(hello)],
    expected: [HELLO, { text: 'plain text' }, HELLO],
  },
  {
    name: 'uncompressed-empty',
    title: 'empty messages without RSV1',
    reference: rules.bitSaysCompressed,
    pieces: [text(''), binary(''), compressedText(hello)],
    expected: [{ text: '' }, { binary: '' }, HELLO],
  },
]

const takeover: readonly Omit<Sent, 'reference'>[] = [
  {
    name: 'takeover',
    title: '"Hello" twice, the second time as a reference (§7.2.3.2)',
    pieces: [compressedText(hello), compressedText(helloAgain)],
    expected: [HELLO, HELLO],
  },
  {
    name: 'takeover-often',
    title: 'a reference to the message before, 20 times',
    pieces: [compressedText(hello), { frame: compressedText(helloAgain), repeat: 20 }],
    expected: Array<ExpectedMessage>(21).fill(HELLO),
  },
  {
    name: 'takeover-after-uncompressed',
    title: 'an uncompressed message before the reference, which is not part of the window',
    pieces: [compressedText(hello), text('This is not part of the window.'), compressedText(helloAgain)],
    expected: [HELLO, { text: 'This is not part of the window.' }, HELLO],
  },
  {
    name: 'takeover-after-empty',
    title: 'an empty compressed message before the reference',
    pieces: [compressedText(hello), compressedText('00'), compressedText(helloAgain)],
    expected: [HELLO, { text: '' }, HELLO],
  },
  {
    name: 'takeover-after-ping',
    title: 'a ping before the reference',
    pieces: [compressedText(hello), ping('ping'), compressedText(helloAgain)],
    expected: [HELLO, HELLO],
    lastPong: 'ping',
  },
  {
    name: 'takeover-across-types',
    title: 'a binary message that refers to a text',
    pieces: [compressedText(hello), compressedBinary(helloAgain)],
    expected: [HELLO, { binary: 'Hello' }],
  },
  {
    name: 'takeover-of-fragments',
    title: 'a reference in two frames to a message in two frames',
    pieces: [...compressedFragments(hello, 4), ...compressedFragments(helloAgain, 2)],
    expected: [HELLO, HELLO],
  },
  {
    name: 'takeover-of-the-message-before-last',
    title: 'a reference to the message before the last one',
    pieces: [compressedText(hello), compressedText(world), compressedText('02330100')],
    expected: [HELLO, { text: ' world' }, HELLO],
  },
  {
    name: 'takeover-of-a-whole-window',
    title: 'a reference to a message 32,768 bytes back',
    pieces: [compressedBinary(stored(32768, 3), '00'), compressedBinary(references[32768])],
    expected: [{ binary: { random: 32768, seed: 3 } }, { binary: { random: 258, seed: 3 } }],
  },
  {
    name: 'takeover-after-final-block',
    title: 'a reference to a message that ended with BFINAL',
    level: 'should',
    why: 'The RFC keeps the window from message to message, without an exception for final blocks, but many libraries drop it there.',
    pieces: [compressedText(`${helloFinal} 00`), compressedText(helloAgain)],
    expected: [HELLO, HELLO],
  },
]

/** A text that repeats 16 characters, compressed to blocks whose middle repeats one byte. */
const REPEATS = '0123456789abcdef'
const repeats64KiB: Data = [
  { hex: 'ecc7c901c0100000b09594bac641d97f840e22f9253c31bdb9d4d6c75cdf3ec1' },
  { hex: 'dd', repeat: 126 },
  { hex: 'affc0f' },
]
const repeats1MiB: Data = [
  { hex: 'ecc7c901c0100000b09594bac641d97f84cee09ffc129e98de5c6aeb63ae6f9fe0' },
  { hex: 'ee', repeat: 2031 },
  { hex: '7ef91f' },
]

const sizes: readonly Sent[] = [
  {
    name: '64-kib',
    title: '64 KiB of text in 161 bytes',
    reference: rules.decompress,
    pieces: [compressedText(repeats64KiB)],
    expected: [{ text: { text: REPEATS, repeat: 4096 } }],
  },
  {
    name: '1-mib',
    title: '1 MiB of text in 2 KiB',
    reference: rules.decompress,
    pieces: [compressedText(repeats1MiB)],
    expected: [{ text: { text: REPEATS, repeat: 65536 } }],
  },
  {
    name: '100-messages',
    title: '100 messages in one write',
    reference: rules.decompress,
    pieces: [{ frame: compressedText(hello), repeat: 100 }],
    expected: Array<ExpectedMessage>(100).fill(HELLO),
  },
  {
    name: '60-kib-that-do-not-shrink',
    title: '60 KiB of random bytes in a stored block',
    reference: rules.blockTypes,
    pieces: [compressedBinary(stored(61440, 5), '00')],
    expected: [{ binary: { random: 61440, seed: 5 } }],
  },
]

const noClose: Outcome = {
  verdict: 'warn',
  reason: 'It ended the connection without a Close frame, which it should send first (RFC 6455 §7.1.7).',
  when: { close: 'none', end: 'any' },
}

/** References that reach exactly to the end of the agreed window, and one that reaches further. */
function windows(side: Side): readonly CaseInit[] {
  const param = side === 'server' ? 'client_max_window_bits' : 'server_max_window_bits'
  const at = (bits: number): readonly Outcome[] =>
    side === 'client'
      ? applies(side)
      : [
          notAgreed,
          {
            verdict: 'skip',
            reason: `It agrees on a window of less than ${bits} bits.`,
            when: { status: 101, ...agreed({ with: [param], max: { [param]: bits - 1 } }) },
          },
        ]
  const edges = WINDOWS.map((bits): CaseInit => {
    const size = 2 ** bits
    const start: Data =
      size >= 258
        ? { random: 258, seed: bits }
        : [
            { random: size, seed: bits },
            { random: 258 - size, seed: bits },
          ]
    const expected: readonly ExpectedMessage[] = [{ binary: [{ random: size, seed: bits }, start] }]
    return {
      name: `window-of-${bits}-bits`,
      title: `a reference ${size} bytes back in a window of ${bits} bits`,
      why: 'Some compressors never use the last bytes of a window and others do, so an agent must keep all of it.',
      references: [side === 'server' ? rules.clientWindow : rules.serverWindowUnasked],
      needs: ['deflate', 'echo'],
      steps: [
        openWith(`${NAME}; ${param}=${bits}`),
        send(compressedBinary(stored(size, bits), references[size as keyof typeof references])),
        messages(),
        ...closing(),
      ],
      outcomes: [
        ...at(bits),
        { verdict: 'pass', reason: 'It sent the message back.', when: { messages: expected, close: [1000, 'empty'] } },
        ...(side === 'client' ? [doesNotSupport] : []),
      ],
    }
  })
  const data: ExpectedMessage = {
    binary: [
      { random: 600, seed: 9 },
      { random: 258, seed: 9 },
    ],
  }
  const further: CaseInit = {
    name: 'beyond-window-of-9-bits',
    title: 'a reference 600 bytes back in a window of 9 bits',
    why: 'An agent that keeps only the window cannot decompress the message. Keeping more does no harm.',
    references: [side === 'server' ? rules.clientWindow : rules.serverWindowUnasked],
    needs: ['deflate', 'echo'],
    steps: [
      openWith(`${NAME}; ${param}=9`),
      send(compressedBinary(stored(600, 9), references[600])),
      messages(),
      ...closing(),
    ],
    outcomes: [
      ...(side === 'client'
        ? applies(side)
        : [
            {
              verdict: 'skip' as const,
              reason: 'It does not agree on this window.',
              when: agreed({ without: [param] }),
            },
            notAgreed,
          ]),
      {
        verdict: 'pass',
        reason: 'It keeps only the window, and closed the connection.',
        when: { messages: [], close: [1002, 1007] },
      },
      {
        verdict: 'pass',
        reason: 'It keeps more than the window, and accepted the message.',
        when: { messages: [data] },
      },
      noClose,
    ],
  }
  return [...edges, further]
}

/** Messages without context takeover that do not refer to earlier ones, and one that does. */
function withoutTakeover(side: Side): readonly CaseInit[] {
  const param = side === 'server' ? 'client_no_context_takeover' : 'server_no_context_takeover'
  const shared = {
    references: [rules.noTakeover(side)],
    needs: ['deflate', 'echo'],
  } as const
  const does: readonly Outcome[] =
    side === 'client'
      ? applies(side)
      : [
          {
            verdict: 'skip',
            reason: `It does not answer ${param}.`,
            when: { status: 101, ...agreed({ without: [param] }) },
          },
          notAgreed,
        ]
  return [
    {
      ...shared,
      name: 'no-takeover',
      title: `${param}, and three independent messages`,
      steps: [
        openWith(`${NAME}; ${param}`),
        send(compressedText(hello), compressedText(pangrams), compressedText(hello)),
        messages(3),
        ...closing(),
      ],
      outcomes: [
        ...does,
        {
          verdict: 'pass',
          reason: 'It sent each message back.',
          when: { messages: [HELLO, { text: PANGRAMS }, HELLO], close: [1000, 'empty'] },
        },
        ...(side === 'client' ? [doesNotSupport] : []),
      ],
    },
    {
      ...shared,
      name: 'no-takeover-broken',
      title: `${param}, and a message that refers to the one before`,
      why: 'An agent that frees the window between messages cannot decompress this one. Keeping it does no harm.',
      steps: [
        openWith(`${NAME}; ${param}`),
        send(compressedText(hello)),
        messages(),
        send(compressedText(helloAgain)),
        messages(2),
        ...closing(),
      ],
      outcomes: [
        ...does,
        {
          verdict: 'pass',
          reason: 'It begins each message with an empty window, and closed the connection.',
          when: { messages: [HELLO], close: [1002, 1007] },
        },
        {
          verdict: 'pass',
          reason: 'It keeps the window, and accepted the message.',
          when: { messages: [HELLO, HELLO] },
        },
        noClose,
      ],
    },
  ]
}

/** The message sizes of section 12 of the Autobahn test suite. */
interface Sized {
  readonly kind: string
  readonly size: number
  readonly id: string
  readonly frame: CaseFrame
  readonly expected: ExpectedMessage
}

/** A text of so many times 16 characters, compressed for a window of 2^8 bytes. */
function json(repeat: number, id: string, hex: string): Sized {
  const expected = { text: { text: '{"id":1,"name":"', repeat } }
  return { kind: 'text', size: 16 * repeat, id, frame: compressedText(hex), expected }
}

function randomBytes(size: number, id: string): Sized {
  const half = size / 2
  const expected = {
    binary: [
      { random: half, seed: 1 },
      { random: half, seed: 2 },
    ],
  }
  return { kind: 'binary', size, id, frame: compressedBinary(stored(half, 1), stored(half, 2), '00'), expected }
}

const texts: readonly Sized[] = [
  json(1, '1', 'aa56ca4c51b232d451ca4bcc4d55b2520200'),
  json(64, '4', 'aa56ca4c51b232d451ca4bcc4d55b252aa1ee58ff247f923860f00'),
  json(
    512,
    '6',
    'ecc7b10d00100004c05dbed6686d23a150b080e5cd21b9ebee668db45a72fa9e69b9eeeeeeeeeeeeeeeeeeeeeeeeeeeeeefedd1f00',
  ),
]

/** Ten messages. Autobahn sends a thousand. */
function ten(
  side: Side,
  name: string,
  parameters: string,
  { kind, size, frame, expected }: Sized,
  autobahn: readonly string[],
  pattern: string = PLAIN_OFFER,
): CaseInit {
  return {
    name: `ten-of-${size}-bytes-${name}`,
    title: `ten messages of ${size} bytes (${kind}) with "${NAME}${parameters}"`,
    references: [rules.decompress],
    needs: ['deflate', 'echo'],
    autobahn,
    steps: [
      openWith(`${NAME}${parameters}`),
      { do: 'send', pieces: [{ frame, repeat: 10 }] },
      messages(10),
      ...closing(),
    ],
    outcomes: [
      ...(side === 'server' ? [notAgreed] : skipUnlessOffered(pattern, 'to which this is an answer')),
      {
        verdict: 'pass',
        reason: 'It sent each message back.',
        when: { messages: Array<ExpectedMessage>(10).fill(expected), close: [1000, 'empty'] },
      },
    ],
  }
}

/** The parameters and sizes of sections 12 and 13 of the Autobahn test suite. */
function autobahn(side: Side): readonly CaseInit[] {
  const prefix = side === 'server' ? 'server' : 'client'
  const accepts = side === 'server' ? '; client_no_context_takeover; client_max_window_bits' : ''
  const flag = `; ${prefix}_no_context_takeover`
  const bits = (window: number): string => `; ${prefix}_max_window_bits=${window}`
  const demands: readonly (readonly [string, string, string])[] = [
    ['2', 'no-takeover', flag],
    ['3', 'window-9', bits(9)],
    ['4', 'window-15', bits(15)],
    ['5', 'no-takeover-window-9', flag + bits(9)],
    ['6', 'no-takeover-window-15', flag + bits(15)],
  ]
  return [
    ...texts.map((one) => ten(side, 'text', accepts, one, [`12.1.${one.id}`, `13.1.${one.id}`])),
    ...[randomBytes(16, '1'), randomBytes(1024, '4'), randomBytes(65536, '9')].map((one) =>
      ten(side, 'binary', accepts, one, [`12.2.${one.id}`]),
    ),
    ...demands.flatMap(([section, name, parameters]) =>
      texts.map((one) => ten(side, name, accepts + parameters, one, [`13.${section}.${one.id}`], WINDOW_OFFER)),
    ),
    ...(side === 'server'
      ? texts.map((one) =>
          ten(side, 'three-offers', `${accepts}${flag}${bits(9)}, ${NAME}${accepts}${flag}, ${NAME}${accepts}`, one, [
            `13.7.${one.id}`,
          ]),
        )
      : []),
  ]
}

/** Messages in different chunks, which must make no difference. */
function chunked(side: Side): readonly CaseInit[] {
  const frames = [compressedText(hello), ...compressedFragments(pangrams, 20, 50), compressedText(hello)]
  return (['bytes', { seed: 1 }, { seed: 2 }] as const).map((chunks, index) => ({
    name: chunks === 'bytes' ? 'byte-by-byte' : `random-chunks-${index}`,
    title:
      chunks === 'bytes'
        ? 'three messages, byte by byte'
        : `three messages in chunks of 1 to 8 bytes, drawn from seed ${index}`,
    references: [rules.decompress],
    needs: ['deflate', 'echo'],
    steps: [opening, { do: 'send', pieces: frames.map((frame) => ({ frame })), chunks }, messages(3), ...closing()],
    outcomes: [
      ...applies(side),
      {
        verdict: 'pass',
        reason: 'It sent each message back.',
        when: { messages: [HELLO, { text: PANGRAMS }, HELLO], close: [1000, 'empty'] },
      },
    ],
  }))
}

/** The cases of messages that every agent with permessage-deflate must accept. */
export function deflateMessages(side: Side): readonly Case[] {
  const own = (one: Sent): CaseInit => sent(side, one)
  return section(
    side,
    'deflate-messages',
    {
      why: 'Compressors differ in the blocks, references and fragments that they use. One peer sends what another never does.',
    },
    [
      ...[...blocks, ...framing].map(own),
      ...takeover.map((one) => own({ ...one, takeover: true, reference: rules.takeover(side) })),
      ...sizes.map(own),
      ...chunked(side),
      ...windows(side),
      ...withoutTakeover(side),
      ...autobahn(side),
    ],
  )
}
