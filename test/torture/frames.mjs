/** Frames, written and read by hand: the bench does not use the package to judge the package. */

import { constants, deflateRawSync } from 'node:zlib'

export const Opcode = { Continuation: 0, Text: 1, Binary: 2, Close: 8, Ping: 9, Pong: 10 }

const KEY = Buffer.of(0x12, 0x34, 0x56, 0x78)

/**
 * A frame, masked as a client sends it unless `masked` is false.
 *
 * @param {number} opcode @param {string | Buffer} payload
 */
export function frame(opcode, payload = '', { fin = true, rsv = 0, masked = true } = {}) {
  const data = Buffer.from(payload)
  const head = [(fin ? 0x80 : 0) | (rsv << 4) | opcode, (masked ? 0x80 : 0) | lengthCode(data.length)]
  const length = Buffer.alloc(lengthSize(head[1]))
  if (length.length === 2) length.writeUInt16BE(data.length)
  if (length.length === 8) length.writeBigUInt64BE(BigInt(data.length))
  return Buffer.concat([Buffer.from(head), length, masked ? KEY : Buffer.alloc(0), masked ? mask(data, KEY) : data])
}

export function closeFrame(code, reason = '', options = {}) {
  return frame(Opcode.Close, Buffer.concat([Buffer.of(code >> 8, code & 255), Buffer.from(reason)]), options)
}

/** The frame at the start of some bytes, its payload unmasked, and its size; `undefined` if it is not complete. */
export function readFrame(bytes) {
  if (bytes.length < 2) return undefined
  const masked = (bytes[1] & 0x80) !== 0
  const keyStart = 2 + lengthSize(bytes[1])
  const start = keyStart + (masked ? 4 : 0)
  if (bytes.length < start) return undefined
  const size = start + readLength(bytes, keyStart - 2)
  if (bytes.length < size) return undefined
  const data = Buffer.from(bytes.subarray(start, size))
  const payload = masked ? mask(data, bytes.subarray(keyStart, start)) : data
  return { opcode: bytes[0] & 15, fin: (bytes[0] & 0x80) !== 0, rsv: (bytes[0] >> 4) & 7, masked, payload, size }
}

/** The same bytes, repeated. */
export const times = (count, bytes) => Buffer.concat(Array(count).fill(bytes))

/** The payload of a compressed message of a number of times 16 MiB, all zeros. */
export function bomb(count) {
  const part = deflateRawSync(Buffer.alloc(16 * 1024 * 1024), { finishFlush: constants.Z_FULL_FLUSH })
  return times(count, part).subarray(0, -4)
}

/** The code of a Close; 1005 if it has none. */
export function codeOf({ payload }) {
  return payload.length < 2 ? 1005 : payload.readUInt16BE(0)
}

const lengthCode = (length) => (length < 126 ? length : length < 65_536 ? 126 : 127)
const lengthSize = (secondByte) => ({ 126: 2, 127: 8 })[secondByte & 0x7f] ?? 0

function readLength(bytes, size) {
  if (size === 0) return bytes[1] & 0x7f
  return size === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
}

function mask(data, key) {
  for (let i = 0; i < data.length; i++) data[i] ^= key[i & 3]
  return data
}
