import { describe, expect, test } from 'vitest'
import { Boundary } from '../../src/testing/boundary.ts'
import { dataBytes, encodePiece, toHex } from '../../src/testing/data.ts'
import { Transcript } from '../../src/testing/transcript.ts'

const hex = (bytes: Uint8Array) => toHex(bytes)

describe('data', () => {
  test.each([
    ['é', 'c3a9'],
    [{ hex: '01 ff' }, '01ff'],
    [{ hex: '01ff', repeat: 3 }, '01ff01ff01ff'],
    [{ text: 'ab', repeat: 2 }, '61626162'],
    [{ text: 'ab', repeat: 0 }, ''],
    [['a', { hex: '00' }, ['b']], '610062'],
    [[], ''],
    // xorshift32 from 1: 270369, 67634689, 2647435461, 307599695; the low eight bits of each.
    [{ random: 4, seed: 1 }, '21' + '01' + 'c5' + '4f'],
  ])('%j', (data, expected) => {
    expect(hex(dataBytes(data))).toBe(expected)
  })

  test('repeats a pattern exactly for any count', () => {
    const bytes = dataBytes({ hex: '010203', repeat: 333 })
    expect(bytes).toHaveLength(999)
    expect(bytes.every((byte, index) => byte === (index % 3) + 1)).toBe(true)
  })
})

describe('pieces', () => {
  test.each([
    [
      { frame: { opcode: 1, payload: 'Hello' } },
      'client',
      '818537fa213d7f9f4d5158',
      'text, fin, masked 37fa213d, 5 bytes: "Hello"',
    ],
    [{ frame: { opcode: 1, payload: 'Hello' } }, 'server', '810548656c6c6f', 'text, fin, 5 bytes: "Hello"'],
    [{ frame: { opcode: 9, mask: false } }, 'client', '8900', 'ping, fin, 0 bytes'],
    [{ frame: { opcode: 9, mask: '00000000' } }, 'server', '898000000000', 'ping, fin, masked 00000000, 0 bytes'],
    [
      { frame: { opcode: 3, fin: false, rsv: 7 }, repeat: 2 },
      'server',
      '73007300',
      'reserved opcode 3, rsv1, rsv2, rsv3, 0 bytes, 2 times',
    ],
    [
      { frame: { opcode: 2, payload: 'a', lengthSize: 8 } },
      'server',
      '827f000000000000000161',
      'binary, fin, length in 8 bytes, 1 byte: 61',
    ],
    [
      { frame: { opcode: 2, payloadLength: 2 ** 53 - 1 } },
      'server',
      '827f001fffffffffffff',
      'binary, fin, 9007199254740991 bytes',
    ],
    [{ bytes: { hex: '00ff' } }, 'client', '00ff', '2 bytes'],
    [{ bytes: 'x' }, 'client', '78', '1 byte'],
  ] as const)('%j of a %s', (piece, role, bytes, note) => {
    const encoded = encodePiece(piece, role)
    expect([hex(encoded.bytes), encoded.note]).toEqual([bytes, note])
  })
})

test('finds the end of a frame in any chunks, and whether a Close has begun', () => {
  const boundary = new Boundary()
  const reached: boolean[] = []
  for (const byte of [0x81, 0x82, 1, 2, 3, 4, 5, 6, 0x88, 0x00]) {
    boundary.push(Uint8Array.of(byte))
    reached.push(boundary.reached)
  }
  expect(reached).toEqual([false, false, false, false, false, false, false, true, false, true])
  expect(boundary.closeSent).toBe(true)
  const other = new Boundary()
  other.push(Uint8Array.of(0x82, 0x7e, 0, 126, 1, 2))
  expect([other.reached, other.closeSent]).toEqual([false, false])
})

describe('a transcript', () => {
  test('joins bytes of one side in one entry, and cuts long lists', () => {
    const transcript = new Transcript(() => 5)
    for (let i = 0; i < 100; i++) {
      transcript.bytes('agent', new Uint8Array(10))
      transcript.note('agent', () => `note ${i}`)
    }
    transcript.ended('agent', 'end')
    const [entry, end] = transcript.list()
    expect(entry).toMatchObject({ at: 5, from: 'agent', type: 'bytes', size: 1000, hex: '00'.repeat(256) })
    expect(entry?.notes).toHaveLength(33)
    expect(entry?.notes.at(-1)).toBe('… and 68 more')
    expect(end).toEqual({ at: 5, from: 'agent', type: 'end', size: 0, hex: '', notes: [] })
  })

  test('bounds the list of an endless ping-pong, and still records the end', () => {
    const transcript = new Transcript(() => 0)
    for (let i = 0; i < 10_000; i++) transcript.bytes(i % 2 === 0 ? 'agent' : 'suite', Uint8Array.of(1))
    transcript.ended('suite', 'reset')
    const list = transcript.list()
    expect(list).toHaveLength(201)
    expect(list.reduce((size, entry) => size + entry.size, 0)).toBe(10_000)
    expect(list.at(-1)).toMatchObject({ from: 'suite', type: 'reset' })
  })
})
