/**
 * What an echo server must do for a client that writes its bytes by hand, and for one that misbehaves. Uses nothing of the package.
 * Runs in the Node that runs the table.
 */

import { Transcript } from '../suite/transcript.mjs'
import { masked, request, Wire } from './wire.mjs'

/**
 * Throws for the first error.
 *
 * @param server.ownsFrames The frames are this package's, not the runtime's: then errors too are answered, byte for byte.
 * @param server.plain Status and body of the answer to plain HTTP.
 * @returns The digest of everything received.
 */
export async function tryByHand(port, server) {
  const transcript = new Transcript()
  await refuses(transcript, port)
  await answersPlainHttp(transcript, port, server.plain)
  if (server.ownsFrames) for (const [bytes, code] of errors) await closesWith(transcript, port, bytes, code)
  await breakOff(port)
  await echoes(transcript, port)
  if (server.subprotocol) await agrees(transcript, port, server.subprotocol)
  if (server.ownsFrames) await waitsForSlowReader(transcript, port)
  return transcript.digest()
}

const pattern = (size) => Buffer.from(Uint8Array.from({ length: size }, (_, i) => (i * 7 + (i >> 8)) % 251))

const opening = /^HTTP\/1\.1 101 .*\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/is

/** What no client may send, and the code of the Close that answers it (RFC 6455 §5.1, §5.2, §8.1). */
const errors = [
  [Buffer.from('81024869', 'hex'), 1002],
  [masked(3, 'x'), 1002],
  [masked(1, Buffer.from('ff', 'hex')), 1007],
]

async function open(port, fields = [], glued = Buffer.alloc(0)) {
  const wire = await Wire.connect(port)
  wire.write(Buffer.concat([request(['Upgrade: websocket', 'Connection: Upgrade', ...fields]), glued]))
  const head = await wire.head()
  if (!opening.test(head)) throw new Error(`no 101 to ${fields}: ${head}`)
  return { wire, head }
}

async function refuses(transcript, port) {
  const wire = await Wire.connect(port)
  wire.write(request(['Upgrade: websocket', 'Connection: Upgrade', 'Origin: http://elsewhere.test']))
  transcript.equal(statusOf(await wire.head()), 403)
  wire.destroy()
}

async function answersPlainHttp(transcript, port, { status, body }) {
  const wire = await Wire.connect(port)
  wire.write(request(['Connection: close']))
  transcript.equal(statusOf(await wire.head()), status)
  transcript.equal((await wire.rest()).toString().includes(body), true)
}

async function closesWith(transcript, port, bytes, code) {
  const { wire } = await open(port)
  wire.write(masked(1, 'Hi'))
  transcript.equal((await wire.frame()).payload.toString(), 'Hi')
  wire.write(bytes)
  const { opcode, payload } = await wire.frame()
  transcript.equal([opcode, payload.readUInt16BE()], [8, code])
  transcript.equal((await wire.rest()).length, 0)
}

/** In the middle of a message; the next client must not be affected. */
async function breakOff(port) {
  const { wire } = await open(port)
  wire.write(masked(2, pattern(2 ** 16)).subarray(0, 10_000))
  wire.write(masked(2, pattern(10)))
  wire.reset()
}

async function echoes(transcript, port) {
  const { wire, head } = await open(port, [], masked(1, 'glued'))
  transcript.equal(/sec-websocket-(protocol|extensions)/i.test(head), false)
  const expect = async (...frames) => {
    for (const [opcode, payload] of frames) {
      const frame = await wire.frame()
      transcript.equal([frame.fin, frame.opcode, frame.payload], [true, opcode, Buffer.from(payload)])
    }
  }
  await expect([1, 'glued'])
  wire.write(masked(1, 'Käse 世界 👋🏽'))
  await expect([1, 'Käse 世界 👋🏽'])
  wire.write(Buffer.concat([masked(2, pattern(3)), masked(2, ''), masked(2, pattern(126))]))
  await expect([2, pattern(3)], [2, ''], [2, pattern(126)])
  wire.write(masked(9, 'are you there'))
  await expect([10, 'are you there'])
  wire.write(Buffer.concat([masked(1, 'frag', false), masked(9, 'between')]))
  await expect([10, 'between'])
  wire.write(masked(0, 'ments'))
  await expect([1, 'fragments'])
  wire.write(masked(2, pattern(2 ** 20)))
  await expect([2, pattern(2 ** 20)])
  for (const byte of masked(1, 'slow')) wire.write(Buffer.of(byte))
  await expect([1, 'slow'])
  wire.write(masked(8, Buffer.concat([Buffer.of(0x0b, 0xb8), Buffer.from('enough')])))
  const { opcode, payload } = await wire.frame()
  transcript.equal([opcode, payload.readUInt16BE()], [8, 3000])
  transcript.equal((await wire.rest()).length, 0)
}

async function agrees(transcript, port, subprotocol) {
  const { wire, head } = await open(port, [`Sec-WebSocket-Protocol: other, ${subprotocol}`])
  transcript.equal(/^sec-websocket-protocol: (.*)\r$/im.exec(head)?.[1], subprotocol)
  wire.destroy()
}

/** More data than all buffers in between can hold is sent before anything is read. */
async function waitsForSlowReader(transcript, port) {
  const { wire } = await open(port)
  const message = pattern(2 ** 20)
  wire.pause()
  for (let i = 0; i < 16; i++) wire.write(masked(2, message))
  await new Promise((resolve) => setTimeout(resolve, 100))
  wire.resume()
  for (let i = 0; i < 16; i++) transcript.equal((await wire.frame()).payload.equals(message), true)
  wire.destroy()
}

function statusOf(head) {
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1])
}
