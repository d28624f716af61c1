/** Creates the input of the benches: text, and masked frames of one size, as a client sends them, cut into chunks. */

/** The size of a chunk from a socket. Frames begin and end anywhere in it. */
export const CHUNK_SIZE = 65_536

/** The characters of text: of one byte, or of one to four. */
const alphabets = {
  ascii: ['Lorem ipsum dolor sit amet, consectetur adipisici elit. '],
  'multi-byte': ['K', 'ä', 's', 'e', ' ', '世', '界', ' ', '👋', ' ', 'п', 'р', 'и', 'в', 'е', 'т', ' '],
}

/** Text of exactly `size` bytes of UTF-8. Bytes left over by the last character are filled with ASCII. */
export function makeText(size, kind) {
  const pieces = alphabets[kind]
  let text = ''
  for (let i = 0, left = size; left > 0; i++) {
    let piece = pieces[i % pieces.length].slice(0, kind === 'ascii' ? left : undefined)
    if (Buffer.byteLength(piece) > left) piece = 'x'
    text += piece
    left -= Buffer.byteLength(piece)
  }
  return Buffer.from(text)
}

/** Masked frames of one size: random bytes for `'binary'`, else text, `'ascii'` or `'multi-byte'`. */
export function makeFrames(payloadSize, frames, kind = 'binary') {
  const text = kind === 'binary' ? undefined : makeText(payloadSize, kind)
  const bytes = new Uint8Array(frameSize(payloadSize) * frames)
  const random = generator(payloadSize)
  let at = 0
  for (let frame = 0; frame < frames; frame++) {
    at = writeHead(bytes, at, text === undefined ? 0x82 : 0x81, payloadSize)
    const key = at
    new DataView(bytes.buffer).setUint32(key, random())
    at += 4
    // Random bytes are random bytes with or without a mask.
    for (let i = 0; i < payloadSize; i++) bytes[at++] = text === undefined ? random() : text[i] ^ bytes[key + (i & 3)]
  }
  return bytes
}

const lengthSizeOf = (payloadSize) => (payloadSize < 126 ? 0 : payloadSize < 65_536 ? 2 : 8)

/** The size of a masked frame. */
export function frameSize(payloadSize) {
  return 2 + lengthSizeOf(payloadSize) + 4 + payloadSize
}

/** Written byte by byte, without a contender's encoder, so that no contender reads only its own output. */
function writeHead(bytes, at, firstByte, payloadSize) {
  const view = new DataView(bytes.buffer)
  const lengthSize = lengthSizeOf(payloadSize)
  bytes[at] = firstByte
  bytes[at + 1] = 0x80 | (lengthSize === 0 ? payloadSize : lengthSize === 2 ? 126 : 127)
  if (lengthSize === 2) view.setUint16(at + 2, payloadSize)
  if (lengthSize === 8) view.setBigUint64(at + 2, BigInt(payloadSize))
  return at + 2 + lengthSize
}

/** Chunks of one size, the last one smaller; each in its own memory. */
export function cut(bytes, chunkSize = CHUNK_SIZE) {
  const chunks = []
  for (let start = 0; start < bytes.length; start += chunkSize) chunks.push(bytes.slice(start, start + chunkSize))
  return chunks
}

/** A decoder that unmasks in place needs fresh bytes in each round: Buffers, as from Node's sockets. */
export function copyChunks(chunks) {
  return chunks.map((chunk) => Buffer.from(chunk.slice().buffer))
}

/** xorshift32: the same bytes in every run. */
function generator(seed) {
  let state = seed * 2_654_435_761 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}
