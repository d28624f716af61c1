/**
 * Random streams of frames, randomly damaged in headers, payloads and bytes. They are written without the encoder, so that its bugs
 * cannot hide other bugs. Checks nothing.
 */

import type { Role } from '../../src/types.ts'
import type { Chance } from '../handshake/differential/message.ts'
import { concat } from '../wire.ts'

/** The limit on frames and messages, in bytes, for all readers of these streams. */
export const MAX_SIZE = 1000

/** One stream, for a receiver. */
export interface Stream {
  readonly role: Role
  readonly bytes: Uint8Array
}

interface Draft {
  fin: boolean
  rsv: number
  opcode: number
  masked: boolean
  payload: Uint8Array
  /** The header's content, if it is false or not in the shortest form. */
  length?: bigint
  lengthSize?: 2 | 8
}

const encoder = new TextEncoder()
const texts = ['', 'Hello', 'Käse', '世界', '👋🏽', '\ufeffa\0', 'x'.repeat(126)].map((text) => encoder.encode(text))
const blobs = [0, 1, 4, 9, 125, 126, 300].map((size) => Uint8Array.from({ length: size }, (_, i) => i * 7))
/** A value from every range, and every boundary. */
const codes = [0, 999, 1000, 1001, 1003, 1004, 1005, 1006, 1007, 1011, 1012, 1014, 1015, 1016, 2999, 3000, 4999, 5000]
const lengths = [0n, 1n, 126n, 127n, 998n, 999n, 1000n, 1001n, 65_535n, 65_536n, 2n ** 53n, 2n ** 62n, 2n ** 63n]
const bytesThatHurt = [0x80, 0xbf, 0xc0, 0xc3, 0xe4, 0xed, 0xf0, 0xf4, 0xf5, 0xff, 0x00, 0x41]
const keys = [0x37, 0xfa, 0x21, 0x3d, 0, 0, 0, 0]

export function makeStream(chance: Chance): Stream {
  const role = chance.below(4) === 0 ? 'client' : 'server'
  const drafts = makeDrafts(chance, role === 'server')
  for (let left = chance.below(3); left > 0; left--) injure(chance, chance.oneOf(drafts))
  const bytes = concat(...drafts.map((draft) => write(draft, chance)))
  return { role, bytes: chance.below(3) === 0 ? damage(chance, bytes) : bytes }
}

/** One to five valid frames; a message may be left open. */
function makeDrafts(chance: Chance, masked: boolean): [Draft, ...Draft[]] {
  const drafts: Draft[] = []
  let rest: Uint8Array | undefined
  for (let left = 1 + chance.below(5); left > 0; left--) {
    if (chance.below(3) === 0) {
      drafts.push(makeControl(chance, masked))
      continue
    }
    const text = chance.below(2) === 0
    const opcode = rest !== undefined ? 0 : text ? 1 : 2
    const whole: Uint8Array = rest ?? chance.oneOf(text ? texts : blobs)
    const fin = chance.below(5) > 1
    // A fragment may end inside a character.
    const end = fin ? whole.length : chance.below(whole.length + 1)
    drafts.push({ fin, rsv: 0, opcode, masked, payload: whole.subarray(0, end) })
    rest = fin ? undefined : whole.subarray(end)
  }
  return drafts as [Draft, ...Draft[]]
}

function makeControl(chance: Chance, masked: boolean): Draft {
  const opcode = chance.oneOf([8, 9, 9, 10])
  const payload = opcode === 8 ? makeClose(chance) : chance.oneOf(texts).subarray(0, 125)
  return { fin: true, rsv: 0, opcode, masked, payload }
}

function makeClose(chance: Chance): Uint8Array {
  if (chance.below(5) === 0) return Uint8Array.of()
  const code = chance.below(3) > 0 ? 1000 : chance.oneOf(codes)
  return concat(Uint8Array.of(code >> 8, code & 255), chance.oneOf(texts).subarray(0, 123))
}

function injure(chance: Chance, draft: Draft): void {
  switch (chance.below(9)) {
    case 0:
      draft.rsv = chance.below(8)
      return
    case 1:
      draft.opcode = chance.below(16)
      return
    case 2:
      draft.fin = !draft.fin
      return
    case 3:
      draft.masked = !draft.masked
      return
    case 4:
      draft.lengthSize = chance.oneOf([2, 8])
      return
    case 5:
      draft.length = chance.oneOf(lengths)
      return
    case 6:
      draft.payload = chance.oneOf(blobs)
      return
    default:
      draft.payload = hurt(chance, draft.payload)
  }
}

/** Changes a byte of the payload, or appends one. */
function hurt(chance: Chance, payload: Uint8Array): Uint8Array {
  const at = chance.below(payload.length + 1)
  const copy = new Uint8Array(Math.max(payload.length, at + 1))
  copy.set(payload)
  copy[at] = chance.oneOf(bytesThatHurt)
  return copy
}

function write(draft: Draft, chance: Chance): Uint8Array {
  const { payload, masked } = draft
  const length = draft.length ?? BigInt(payload.length)
  const least = length < 126n ? 0 : length < 65_536n ? 2 : 8
  const lengthSize = Math.max(least, draft.lengthSize ?? 0)
  const size = 2 + lengthSize + (masked ? 4 : 0)
  const bytes = new Uint8Array(size + payload.length)
  bytes[0] = (draft.fin ? 0x80 : 0) | (draft.rsv << 4) | draft.opcode
  bytes[1] = (masked ? 0x80 : 0) | (lengthSize === 0 ? Number(length) : lengthSize === 2 ? 126 : 127)
  const view = new DataView(bytes.buffer)
  if (lengthSize === 2) view.setUint16(2, Number(length))
  if (lengthSize === 8) view.setBigUint64(2, length)
  bytes.set(payload, size)
  if (masked) mask(bytes, size, chance.below(5))
  return bytes
}

/** Masks with one of several keys, and puts the key before the payload. */
function mask(bytes: Uint8Array, start: number, firstKey: number): void {
  for (let i = 0; i < 4; i++) bytes[start - 4 + i] = keys[firstKey + i] as number
  for (let i = start; i < bytes.length; i++)
    bytes[i] = (bytes[i] as number) ^ (bytes[start - 4 + ((i - start) & 3)] as number)
}

/** Truncates the end, adds or removes a byte, or flips a bit. */
function damage(chance: Chance, bytes: Uint8Array): Uint8Array {
  const at = chance.below(bytes.length)
  switch (chance.below(4)) {
    case 0:
      return bytes.subarray(0, at)
    case 1:
      return concat(bytes.subarray(0, at), bytes.subarray(at + 1))
    case 2:
      return concat(bytes.subarray(0, at), Uint8Array.of(chance.below(256)), bytes.subarray(at))
    default:
      return bytes.map((byte, i) => (i === at ? byte ^ (1 << chance.below(8)) : byte))
  }
}
