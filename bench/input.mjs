/** Knows how the measured bytes are made: masked binary frames of one size, as a client sends them, cut into chunks. */

/** What a socket hands over at once. Frames begin and end anywhere in it. */
const CHUNK_SIZE = 65_536

/** Written here byte by byte and not with the encoder of a contender, so that nobody reads only what it wrote itself. */
export function makeInput(payloadSize, frames) {
  const lengthSize = payloadSize < 126 ? 0 : payloadSize < 65_536 ? 2 : 8
  const frameSize = 2 + lengthSize + 4 + payloadSize
  const bytes = new Uint8Array(frameSize * frames)
  const view = new DataView(bytes.buffer)
  const random = generator(payloadSize)
  let at = 0
  for (let frame = 0; frame < frames; frame++) {
    bytes[at] = 0x82
    bytes[at + 1] = 0x80 | (lengthSize === 0 ? payloadSize : lengthSize === 2 ? 126 : 127)
    if (lengthSize === 2) view.setUint16(at + 2, payloadSize)
    if (lengthSize === 8) view.setBigUint64(at + 2, BigInt(payloadSize))
    at += 2 + lengthSize
    view.setUint32(at, random())
    at += 4
    // A masked payload of random bytes is random bytes.
    for (const end = at + payloadSize; at < end; at++) bytes[at] = random()
  }
  const chunks = []
  for (let start = 0; start < bytes.length; start += CHUNK_SIZE) chunks.push(bytes.slice(start, start + CHUNK_SIZE))
  return chunks
}

/** Each contender unmasks in place, so each round gets bytes of its own: Buffers, as Node's sockets give. */
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
