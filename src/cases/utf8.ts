/**
 * UTF-8 in text messages: valid text comes back, and invalid text ends the connection with 1007.
 *
 * The sequences follow Markus Kuhn's decoder test, as those of the Autobahn test suite do.
 *
 * @module
 */

import type { Case, CaseFrame, Data, Outcome, Piece, Reference, Side } from '../testing/case.ts'
import {
  afterFence,
  anyCarrier,
  binary,
  type CaseInit,
  closeFrame,
  continuation,
  echoes,
  exchange,
  FENCE,
  failsWith,
  open,
  otherThan,
  piece,
  ping,
  refused,
  section,
  text,
} from './build.ts'

/** The cases of UTF-8. Those of close reasons are in `closing.ts`. */
export function utf8(side: Side): readonly Case[] {
  return [
    ...valid(side),
    ...validInFragments(side),
    ...byteOrderMarks(side),
    ...binaryIsFree(side),
    ...invalid(side),
    ...invalidAfterAscii(side),
    ...invalidInFragments(side),
    ...failFast(side),
  ]
}

const invalidStream: Reference = {
  section: 'RFC 6455 §8.1',
  quote:
    'When an endpoint is to interpret a byte stream as UTF-8 but finds that the byte stream is not, in fact, a valid UTF-8 stream, that endpoint MUST _Fail the WebSocket Connection_.',
}

const textIsUtf8: Reference = {
  section: 'RFC 6455 §5.6',
  quote:
    'The "Payload data" is text data encoded as UTF-8. Note that a particular text frame might include a partial UTF-8 sequence; however, the whole message MUST contain valid UTF-8.',
}

/** A name, a title, bytes (or characters), and the numbers of the same case in Autobahn. */
type Row = readonly [name: string, title: string, data: Data, ...autobahn: readonly string[]]

function ids(autobahn: readonly string[]): Pick<CaseInit, 'autobahn'> {
  return autobahn.length > 0 ? { autobahn } : {}
}

/** `κόσμε`: sequences of two and three bytes. */
const greek = 'ce ba e1 bd b9 cf 83 ce bc ce b5'

// Valid text

const withEcho = {
  references: [textIsUtf8],
  carriers: anyCarrier,
  needs: ['echo'],
  why: 'A text comes back byte for byte: nothing is normalized, dropped or replaced.',
} as const

/** U+1FFFE, U+1FFFF, U+2FFFE … U+10FFFF. */
const noncharacters = [
  ...['f0 9f', 'f0 af', 'f0 bf'],
  ...['f1 8f', 'f1 9f', 'f1 af', 'f1 bf'],
  ...['f2 8f', 'f2 9f', 'f2 af', 'f2 bf'],
  ...['f3 8f', 'f3 9f', 'f3 af', 'f3 bf'],
  'f4 8f',
].map((start) => `${start} bf be ${start} bf bf`)

function numbered(prefix: string, from: number, to: number): readonly string[] {
  return Array.from({ length: to - from + 1 }, (_, i) => `${prefix}.${from + i}`)
}

function valid(side: Side): readonly Case[] {
  const rows: readonly Row[] = [
    ['umlauts', 'Latin letters with accents', 'Hello-µ@ßöäüàá-UTF-8!!', '6.2.1'],
    ['dollar', 'U+0024 between letters', 'hello$world', '6.5.1'],
    ['cent', 'U+00A2 between letters', 'hello¢world', '6.5.2'],
    ['euro', 'U+20AC between letters', 'hello€world', '6.5.3'],
    ['u-24b62', 'U+24B62 between letters', { hex: '68 65 6c 6c 6f f0 a4 ad a2 77 6f 72 6c 64' }, '6.5.4'],
    ['greek', 'Greek letters', { hex: greek }, '6.5.5', '6.6.11'],
    ['greek-2-bytes', 'The first letter of a word', { hex: 'ce ba' }, '6.6.2'],
    ['greek-5-bytes', 'The first two letters of a word', { hex: 'ce ba e1 bd b9' }, '6.6.5'],
    ['greek-7-bytes', 'The first three letters of a word', { hex: 'ce ba e1 bd b9 cf 83' }, '6.6.7'],
    ['greek-9-bytes', 'The first four letters of a word', { hex: 'ce ba e1 bd b9 cf 83 ce bc' }, '6.6.9'],
    ['first-of-1-byte', 'U+0000, the first sequence of one byte', { hex: '00' }, '6.7.1'],
    ['first-of-2-bytes', 'U+0080, the first sequence of two bytes', { hex: 'c2 80' }, '6.7.2'],
    ['first-of-3-bytes', 'U+0800, the first sequence of three bytes', { hex: 'e0 a0 80' }, '6.7.3'],
    ['first-of-4-bytes', 'U+10000, the first sequence of four bytes', { hex: 'f0 90 80 80' }, '6.7.4'],
    ['last-of-1-byte', 'U+007F, the last sequence of one byte', { hex: '7f' }, '6.9.1'],
    ['last-of-2-bytes', 'U+07FF, the last sequence of two bytes', { hex: 'df bf' }, '6.9.2'],
    ['last-of-3-bytes', 'U+FFFF, the last sequence of three bytes', { hex: 'ef bf bf' }, '6.9.3', '6.22.2'],
    ['last-of-4-bytes', 'U+10FFFF, the last sequence of four bytes', { hex: 'f4 8f bf bf' }, '6.9.4', '6.11.4'],
    ['last-before-surrogates', 'U+D7FF, the last before the surrogates', { hex: 'ed 9f bf' }, '6.11.1'],
    ['first-after-surrogates', 'U+E000, the first after the surrogates', { hex: 'ee 80 80' }, '6.11.2'],
    ['replacement-character', 'U+FFFD, with which decoders replace errors', { hex: 'ef bf bd' }, '6.11.3', '6.23.5'],
    [
      'specials',
      'U+FFF9 to U+FFFF',
      { hex: 'ef bf b9 ef bf ba ef bf bb ef bf bc ef bf bd ef bf be ef bf bf' },
      ...numbered('6.23', 1, 4),
      '6.23.6',
      '6.23.7',
    ],
    ['u-fffe', 'U+FFFE, a noncharacter', { hex: 'ef bf be' }, '6.22.1'],
    [
      'noncharacters',
      'The last two code points of each plane from 1 to 16',
      { hex: noncharacters.join(' ') },
      ...numbered('6.22', 3, 34),
    ],
    [
      'middle-of-each-form',
      'A sequence of each lead byte class: e1, ec, f1 and f3',
      { hex: 'e1 80 80 ec bf bf f1 80 80 80 f3 bf bf bf' },
    ],
    ['bom-inside', 'U+FEFF inside a text', { hex: '68 ef bb bf 69' }],
    ['nul-inside', 'A zero byte inside a text', { hex: '68 00 69' }],
    ['line-ends', 'All kinds of line ends', { hex: '0a 0d 0d 0a c2 85 e2 80 a8 e2 80 a9' }],
    ['decomposed', 'An accent after its letter, which must not be composed', { hex: '65 cc 81' }],
    ['emoji', 'An emoji of several code points', '👩‍👩‍👧‍👦'],
    ['euro-after-7-bytes', 'A sequence of three bytes across 8 bytes', 'aaaaaaa€'],
    ['euro-after-15-bytes', 'A sequence of three bytes across 16 bytes', [{ text: 'a', repeat: 15 }, '€']],
    ['euro-after-31-bytes', 'A sequence of three bytes across 32 bytes', [{ text: 'a', repeat: 31 }, '€']],
    ['euro-after-63-bytes', 'A sequence of three bytes across 64 bytes', [{ text: 'a', repeat: 63 }, '€']],
    ['60000-bytes', 'A text of 60 000 bytes in sequences of three', { text: '€', repeat: 20_000 }],
  ]
  const cases = rows.map(
    ([name, title, data, ...autobahn]): CaseInit => ({
      name,
      title,
      ...ids(autobahn),
      steps: exchange([text(data)]),
      outcomes: echoes({ text: data }),
    }),
  )
  return section(side, 'utf8', withEcho, cases)
}

// Valid text whose characters are split

/** A text in fragments of these bytes. */
function inFragments(...parts: readonly string[]): readonly CaseFrame[] {
  return parts.map((hex, i) => ({
    opcode: i === 0 ? 1 : 0,
    payload: { hex },
    ...(i < parts.length - 1 && { fin: false }),
  }))
}

function bytesOf(hex: string): readonly string[] {
  return hex.split(' ')
}

function validInFragments(side: Side): readonly Case[] {
  const defaults = {
    ...withEcho,
    why: 'A sender fragments a message anywhere. An endpoint that decodes each fragment alone refuses or corrupts valid text.',
  }
  const umlauts = '48 65 6c 6c 6f 2d c2 b5 40 c3 9f c3 b6 c3 a4 c3 bc c3 a0 c3 a1 2d 55 54 46 2d 38 21 21'
  const rows: readonly (readonly [name: string, title: string, parts: readonly string[], autobahn?: string])[] = [
    [
      'umlauts-in-two-fragments',
      'Two fragments, cut between characters',
      ['48 65 6c 6c 6f 2d c2 b5 40 c3 9f c3 b6 c3 a4', 'c3 bc c3 a0 c3 a1 2d 55 54 46 2d 38 21 21'],
      '6.2.2',
    ],
    ['umlauts-in-fragments-of-1-byte', 'A text with accents in fragments of one byte', bytesOf(umlauts), '6.2.3'],
    ['greek-in-fragments-of-1-byte', 'A Greek text in fragments of one byte', bytesOf(greek), '6.2.4'],
    ['2-bytes-torn', 'A sequence of two bytes, torn', ['c2', 'a2']],
    ['3-bytes-torn-after-1', 'A sequence of three bytes, torn after the first', ['e2', '82 ac']],
    ['3-bytes-torn-after-2', 'A sequence of three bytes, torn after the second', ['e2 82', 'ac']],
    ['4-bytes-torn-after-1', 'A sequence of four bytes, torn after the first', ['f0', '9f 98 80']],
    ['4-bytes-torn-after-2', 'A sequence of four bytes, torn after the second', ['f0 9f', '98 80']],
    ['4-bytes-torn-after-3', 'A sequence of four bytes, torn after the third', ['f0 9f 98', '80']],
    ['torn-around-empty-fragment', 'A torn sequence with an empty fragment inside', ['e2', '', '82 ac']],
  ]
  const cases = rows.map(
    ([name, title, parts, autobahn]): CaseInit => ({
      name,
      title,
      ...ids(autobahn === undefined ? [] : [autobahn]),
      steps: exchange(inFragments(...parts)),
      outcomes: echoes({ text: { hex: parts.join(' ') } }),
    }),
  )
  return section(side, 'utf8', defaults, cases)
}

// A byte order mark

function byteOrderMarks(side: Side): readonly Case[] {
  // RFC 6455 does not mention it, and RFC 3629 §6 leaves it to the protocol.
  const defaults = {
    ...withEcho,
    level: 'should',
    why: 'U+FEFF is part of the text. Decoders drop it by default, and then a signature over the text fails.',
  } as const
  const one = (name: string, title: string, parts: readonly string[]): CaseInit => {
    const hex = parts.join(' ')
    return {
      name,
      title,
      steps: exchange(inFragments(...parts)),
      outcomes: [
        ...echoes({ text: { hex } }),
        {
          verdict: 'warn',
          reason: 'It dropped U+FEFF from the start of the text.',
          when: { messages: [{ text: { hex: hex.slice('ef bb bf '.length) } }] },
        },
      ],
    }
  }
  return section(side, 'utf8', defaults, [
    one('only-bom', 'A text that is only U+FEFF', ['ef bb bf']),
    one('bom-first', 'A text that begins with U+FEFF', ['ef bb bf 68 69']),
    one('bom-twice', 'A text that begins with U+FEFF twice', ['ef bb bf ef bb bf 68 69']),
    one('bom-torn', 'A text whose first fragment ends inside U+FEFF', ['ef bb', 'bf 68 69']),
  ])
}

// Binary messages

function binaryIsFree(side: Side): readonly Case[] {
  const defaults = {
    ...withEcho,
    references: [
      {
        section: 'RFC 6455 §5.6',
        quote:
          'The "Payload data" is arbitrary binary data whose interpretation is solely up to the application layer.',
      },
    ],
    why: 'Only texts must be UTF-8.',
  }
  return section(side, 'utf8', defaults, [
    {
      name: 'binary-not-utf8',
      title: 'A binary message that is not UTF-8 comes back',
      steps: exchange([binary({ hex: 'c0 80 ed a0 80 ff' })]),
      outcomes: echoes({ binary: { hex: 'c0 80 ed a0 80 ff' } }),
    },
    {
      name: 'binary-not-utf8-in-fragments',
      title: 'A binary message in two fragments that are not UTF-8 comes back',
      steps: exchange([binary({ hex: 'e2' }, { fin: false }), continuation({ hex: 'ff' })]),
      outcomes: echoes({ binary: { hex: 'e2 ff' } }),
    },
    {
      name: 'text-after-torn-binary',
      title: 'A text after a binary message that ends inside a UTF-8 sequence',
      steps: exchange([binary({ hex: 'e2 82' }), text('Hello')], 2),
      outcomes: echoes({ binary: { hex: 'e2 82' } }, { text: 'Hello' }),
    },
  ])
}

// Invalid text

const refusal = {
  references: [invalidStream],
  carriers: anyCarrier,
  why: 'Two decoders turn the same invalid bytes into different text, so a check of one result does not cover the other.',
} as const

/** Each byte from `from` to `to` with a space after it. */
function lonelyStarts(from: number, to: number): Data {
  return {
    hex: Array.from({ length: to - from + 1 }, (_, i) => `${(from + i).toString(16)} 20`).join(' '),
  }
}

function invalid(side: Side): readonly Case[] {
  const rows: readonly Row[] = [
    // Cut off
    ['cut-after-1-of-2', 'A text that ends after the first of two bytes', { hex: 'ce' }, '6.6.1'],
    ['cut-after-1-of-3', 'A text that ends after the first of three bytes', { hex: 'ce ba e1' }, '6.6.3'],
    ['cut-after-2-of-3', 'A text that ends after the second of three bytes', { hex: 'ce ba e1 bd' }, '6.6.4'],
    ['cut-in-third-character', 'A text that ends inside its third character', { hex: 'ce ba e1 bd b9 cf' }, '6.6.6'],
    ['cut-in-fourth-character', 'A text that ends inside its fourth character', { hex: greek.slice(0, 23) }, '6.6.8'],
    ['cut-in-last-character', 'A text that ends inside its last character', { hex: greek.slice(0, 29) }, '6.6.10'],
    ['cut-after-1-of-4', 'A text that ends after the first of four bytes', { hex: 'f0' }],
    ['cut-after-2-of-4', 'A text that ends after the second of four bytes', { hex: 'f0 9f' }],
    ['cut-after-3-of-4', 'A text that ends after the third of four bytes', { hex: 'f0 9f 98' }],
    ['cut-after-df', 'The highest lead byte of two, alone', { hex: 'df' }, '6.14.6'],
    ['cut-after-ef-bf', 'The highest sequence of three bytes, without the last', { hex: 'ef bf' }, '6.14.7'],
    // Interrupted
    ['ascii-after-1-of-2', 'A letter instead of the second byte of two', { hex: 'c3 28' }],
    ['ascii-after-1-of-3', 'A letter instead of the second byte of three', { hex: 'e2 28 a1' }],
    ['ascii-after-2-of-3', 'A letter instead of the third byte of three', { hex: 'e2 82 28' }],
    ['ascii-after-1-of-4', 'A letter instead of the second byte of four', { hex: 'f0 28 8c bc' }],
    ['ascii-after-2-of-4', 'A letter instead of the third byte of four', { hex: 'f0 90 28 bc' }],
    ['ascii-after-3-of-4', 'A letter instead of the fourth byte of four', { hex: 'f0 90 8c 28' }],
    ['lead-after-lead', 'A lead byte after a lead byte', { hex: 'c3 c3 a4' }],
    [
      'cut-sequences-in-a-row',
      'Ten sequences without their last byte, in a row',
      { hex: 'c0 e0 80 f0 80 80 f8 80 80 80 fc 80 80 80 80 df ef bf f7 bf bf fb bf bf bf fd bf bf bf bf' },
      '6.15.1',
    ],
    // Continuation bytes alone
    ['continuation-80', 'The lowest continuation byte, alone', { hex: '80' }, '6.12.1'],
    ['continuation-bf', 'The highest continuation byte, alone', { hex: 'bf' }, '6.12.2'],
    ['continuations-2', 'Two continuation bytes', { hex: '80 bf' }, '6.12.3'],
    ['continuations-6', 'Six continuation bytes', { hex: '80 bf 80 bf 80 bf' }, '6.12.7'],
    [
      'continuations-all',
      'All continuation bytes but the last',
      { hex: Array.from({ length: 63 }, (_, i) => (0x80 + i).toString(16)).join(' ') },
      '6.12.8',
    ],
    ['continuation-after-character', 'One continuation byte too many', { hex: 'e2 82 ac ac' }],
    // Lead bytes alone
    ['lone-leads-of-2', 'Each lead byte of two with a space after it', lonelyStarts(0xc0, 0xde), '6.13.1'],
    ['lone-leads-of-3', 'Each lead byte of three with a space after it', lonelyStarts(0xe0, 0xee), '6.13.2'],
    ['lone-leads-of-4', 'Each lead byte of four with a space after it', lonelyStarts(0xf0, 0xf6), '6.13.3'],
    ['lone-leads-of-5', 'Each lead byte of five with a space after it', lonelyStarts(0xf8, 0xfa), '6.13.4'],
    ['lone-leads-of-6', 'A lead byte of six with a space after it', lonelyStarts(0xfc, 0xfc), '6.13.5'],
    // Overlong
    ['overlong-slash-in-2', 'A slash in two bytes', { hex: 'c0 af' }, '6.17.1'],
    ['overlong-slash-in-3', 'A slash in three bytes', { hex: 'e0 80 af' }, '6.17.2'],
    ['overlong-slash-in-4', 'A slash in four bytes', { hex: 'f0 80 80 af' }, '6.17.3'],
    ['overlong-slash-in-5', 'A slash in five bytes', { hex: 'f8 80 80 80 af' }, '6.17.4'],
    ['overlong-slash-in-6', 'A slash in six bytes', { hex: 'fc 80 80 80 80 af' }, '6.17.5'],
    ['overlong-7f-in-2', 'U+007F in two bytes', { hex: 'c1 bf' }, '6.18.1'],
    ['overlong-7ff-in-3', 'U+07FF in three bytes', { hex: 'e0 9f bf' }, '6.18.2'],
    ['overlong-ffff-in-4', 'U+FFFF in four bytes', { hex: 'f0 8f bf bf' }, '6.18.3'],
    ['overlong-nul-in-2', 'U+0000 in two bytes, as Java writes it', { hex: 'c0 80' }, '6.19.1'],
    ['overlong-nul-in-3', 'U+0000 in three bytes', { hex: 'e0 80 80' }, '6.19.2'],
    ['overlong-nul-in-4', 'U+0000 in four bytes', { hex: 'f0 80 80 80' }, '6.19.3'],
    // Surrogates
    ['surrogate-d800', 'The first high surrogate', { hex: 'ed a0 80' }, '6.20.1'],
    ['surrogate-dbff', 'The last high surrogate', { hex: 'ed af bf' }, '6.20.4'],
    ['surrogate-dc00', 'The first low surrogate', { hex: 'ed b0 80' }, '6.20.5'],
    ['surrogate-dfff', 'The last low surrogate', { hex: 'ed bf bf' }, '6.20.7'],
    ['surrogate-pair-d800-dc00', 'A pair of surrogates: U+10000 as CESU-8', { hex: 'ed a0 80 ed b0 80' }, '6.21.1'],
    ['surrogate-pair-dbff-dfff', 'A pair of surrogates: U+10FFFF as CESU-8', { hex: 'ed af bf ed bf bf' }, '6.21.8'],
    ['surrogate-inside-text', 'A surrogate inside a text', { hex: `${greek} ed a0 80 65 64 69 74 65 64` }, '6.3.1'],
    // Above U+10FFFF
    ['above-10ffff', 'U+110000, one past the last code point', { hex: 'f4 90 80 80' }, '6.11.5'],
    ['lead-f5', 'A lead byte that no sequence of four can have', { hex: 'f5 80 80 80' }],
    ['last-of-21-bits', 'U+1FFFFF', { hex: 'f7 bf bf bf' }, '6.10.1'],
    ['first-of-5-bytes', 'U+200000 in five bytes', { hex: 'f8 88 80 80 80' }, '6.8.1'],
    ['last-of-5-bytes', 'U+3FFFFFF in five bytes', { hex: 'fb bf bf bf bf' }, '6.10.2'],
    ['first-of-6-bytes', 'U+4000000 in six bytes', { hex: 'fc 84 80 80 80 80' }, '6.8.2'],
    ['last-of-6-bytes', 'U+7FFFFFFF in six bytes', { hex: 'fd bf bf bf bf bf' }, '6.10.3'],
    ['byte-fe', 'The byte fe', { hex: 'fe' }, '6.16.1'],
    ['byte-ff', 'The byte ff', { hex: 'ff' }, '6.16.2'],
  ]
  const cases = rows.map(
    ([name, title, data, ...autobahn]): CaseInit => ({
      name,
      title,
      ...ids(autobahn),
      steps: refused(text(data)),
      outcomes: failsWith(1007),
    }),
  )
  return section(side, 'utf8', refusal, cases)
}

/** Positions around the block sizes of validators, which check many ASCII bytes at once. */
const places = [7, 8, 15, 16, 31, 32, 63, 64, 1000]

function invalidAfterAscii(side: Side): readonly Case[] {
  const cases = places.map(
    (place): CaseInit => ({
      name: `bad-byte-at-${place}`,
      title: `A bad byte after ${place} letters, and 200 after it`,
      steps: refused(text([{ text: 'a', repeat: place }, { hex: 'ff' }, { text: 'a', repeat: 200 }])),
      outcomes: failsWith(1007),
    }),
  )
  return section(side, 'utf8', refusal, [
    ...cases,
    {
      name: 'cut-after-1000-bytes',
      title: 'A text of 1000 letters that ends inside a sequence',
      steps: refused(text([{ text: 'a', repeat: 1000 }, { hex: 'e2 82' }])),
      outcomes: failsWith(1007),
    },
  ])
}

// Invalid text in fragments

function invalidInFragments(side: Side): readonly Case[] {
  const rows: readonly (readonly [name: string, title: string, frames: readonly CaseFrame[], autobahn?: string])[] = [
    [
      'surrogate-in-fragments-of-1-byte',
      'A surrogate inside a text in fragments of one byte',
      inFragments(...bytesOf(`${greek} ed a0 80 65 64 69 74 65 64`)),
      '6.3.2',
    ],
    ['overlong-torn', 'An overlong sequence, torn after its first byte', inFragments('e0', '80 80')],
    ['surrogate-torn', 'A surrogate, torn after its first byte', inFragments('ed', 'a0 80')],
    ['above-10ffff-torn', 'U+110000, torn after its first byte', inFragments('f4', '90 80 80')],
    ['ascii-after-torn', 'A letter in the fragment after a lead byte', inFragments('c3', '28')],
    ['empty-after-torn', 'An empty last fragment after half a sequence', inFragments('e2 82', '')],
    ['bad-byte-in-first-fragment', 'A bad byte in the first of two fragments', inFragments('ff', '61')],
    ['bad-byte-in-last-fragment', 'A bad byte in the last of two fragments', inFragments('61', 'ff')],
    [
      'rest-in-next-message',
      'A text that ends inside a sequence; the next one has the rest',
      [text({ hex: 'e2 82' }), text({ hex: 'ac' })],
    ],
    [
      'continuation-byte-after-valid-text',
      'A continuation byte first, after a valid text',
      [text('Hello'), text({ hex: 'ac' })],
    ],
  ]
  const cases = rows.map(
    ([name, title, frames, autobahn]): CaseInit => ({
      name,
      title,
      ...ids(autobahn === undefined ? [] : [autobahn]),
      steps: refused(...frames),
      outcomes: failsWith(1007),
    }),
  )
  return section(side, 'utf8', refusal, cases)
}

// At the first bad byte

function failFast(side: Side): readonly Case[] {
  const defaults = {
    ...refusal,
    level: 'should',
    why: 'Both are allowed. An endpoint that waits for the end stores data that it will refuse, up to its limit, for each such peer.',
  } as const
  const outcomes: readonly Outcome[] = [
    {
      verdict: 'pass',
      reason: 'It closed the connection with 1007 at the bad byte.',
      when: { close: 1007, before: 'rest' },
    },
    {
      verdict: 'warn',
      reason: 'It closed the connection with 1007, but only when the message was complete.',
      when: { close: 1007 },
    },
    ...otherThan(1007),
  ]
  const one = (
    name: string,
    title: string,
    autobahn: string,
    [first, bad, rest]: readonly [readonly Piece[], readonly Piece[], readonly Piece[]],
  ): CaseInit => ({
    name,
    title,
    autobahn: [autobahn],
    steps: [
      open(),
      { do: 'send', pieces: first },
      { do: 'send', pieces: bad },
      closeFrame(true),
      { do: 'send', pieces: [...rest, piece(ping(FENCE))], label: 'rest' },
      ...afterFence(),
    ],
    outcomes,
  })
  const frames = (first: string, bad: string, rest: string) =>
    [
      [piece(text({ hex: first }, { fin: false }))],
      [piece(continuation({ hex: bad }, { fin: false }))],
      [piece(continuation({ hex: rest }))],
    ] as const
  // One frame of 21 bytes in three writes. A masking key of zeros leaves the bytes unchanged.
  const head = side === 'server' ? '81 95 00 00 00 00' : '81 15'
  const chunks = (first: string, bad: string, rest: string) =>
    [[{ bytes: { hex: `${head} ${first}` } }], [{ bytes: { hex: bad } }], [{ bytes: { hex: rest } }]] as const
  return section(side, 'utf8', defaults, [
    one(
      'at-once-in-second-fragment',
      'U+110000 in the second of three fragments is refused before the third',
      '6.4.1',
      frames(greek, 'f4 90 80 80', '65 64 69 74 65 64'),
    ),
    one(
      'at-once-at-second-byte',
      'The byte that makes a sequence bad is refused before the rest',
      '6.4.2',
      frames(`${greek} f4`, '90', '80 80 65 64 69 74 65 64'),
    ),
    one(
      'at-once-in-second-chunk',
      'U+110000 in the second of three chunks of a frame is refused before the third',
      '6.4.3',
      chunks(greek, 'f4 90 80 80', '65 64 69 74 65 64'),
    ),
    one(
      'at-once-at-second-byte-of-chunks',
      'The byte that makes a sequence bad is refused before the frame is complete',
      '6.4.4',
      chunks(`${greek} f4`, '90', '80 80 65 64 69 74 65 64'),
    ),
  ])
}
