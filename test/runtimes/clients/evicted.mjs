/** What an echo server must do whose Durable Object is evicted between any two chunks. Uses nothing of the package. */

import { Transcript } from '../suite/transcript.mjs'
import { masked, request, Wire } from './wire.mjs'

/** In ms, for a chunk to reach the object. */
const PATIENCE = 10_000
const text = 'Käse 世界 👋🏽'
/** A text in two fragments with a ping between them, then a Close. */
const conversation = Buffer.concat([
  masked(1, Buffer.from(text).subarray(0, 9), false),
  masked(9, 'there?'),
  masked(0, Buffer.from(text).subarray(9)),
  masked(8, Buffer.of(0x0b, 0xb8)),
])

/** @returns The digest of everything received. */
export async function tryEvicted({ tcp, http }) {
  const transcript = new Transcript()
  /** Evicts it, and returns how often it has been constructed. */
  const evict = async () => Number(await (await fetch(`http://127.0.0.1:${http}/`)).text())
  const wire = await Wire.connect(tcp)
  wire.write(request(['Upgrade: websocket', 'Connection: Upgrade']))
  transcript.equal(/^HTTP\/1\.1 101 /.test(await wire.head()), true)
  // The request is the first chunk. In the middle of a header, a mask, a character, a message and a Close, and at their borders.
  for (let chunk = 1; chunk <= conversation.length + 1; chunk++) {
    const deadline = Date.now() + PATIENCE
    while ((await evict()) < chunk && Date.now() < deadline);
    transcript.equal(await evict(), chunk)
    wire.write(conversation.subarray(chunk - 1, chunk))
  }
  let echo = Buffer.alloc(0)
  for (let ended = false; !ended; ) {
    const { fin, opcode, payload } = await wire.frame()
    if (opcode === 10) transcript.equal(payload.toString(), 'there?')
    else echo = Buffer.concat([echo, payload])
    ended = fin && opcode === 0
  }
  transcript.equal(echo.toString(), text)
  const { opcode, payload } = await wire.frame()
  transcript.equal([opcode, payload.readUInt16BE()], [8, 3000])
  transcript.equal((await wire.rest()).length, 0)
  return transcript.digest()
}
