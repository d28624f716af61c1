/**
 * Knows what must work in every runtime: a few ways through the built package, with nothing but the language around them.
 * Runs unchanged in each host: no import from elsewhere, no global but `console`.
 * To add a case, add a function to `cases`; its name is its column in the table.
 */

import { applyMask, Connection, computeAccept, encodeFrame, FrameDecoder } from '../../dist/index.js'
import { equal, list, open, receiveIn, runCases } from './tools.mjs'

const cases = {
  /** RFC 6455 §1.3. */
  accept() {
    equal(computeAccept('dGhlIHNhbXBsZSBub25jZQ=='), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
  },

  /** RFC 6455 §5.7: written as there, and read back. */
  frame() {
    const unmasked = [0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]
    equal(list(encodeFrame({ opcode: 1, payload: 'Hello' })), list(unmasked))
    equal(readFrame('client', unmasked), '1 true Hello')

    const maskKey = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d)
    const masked = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]
    equal(list(encodeFrame({ opcode: 1, payload: 'Hello', maskKey })), list(masked))
    equal(readFrame('server', masked), '1 true Hello')
  },

  /** Short payloads go by bytes, long ones by words of whatever size this engine is good at; at any place in memory. */
  mask() {
    const maskKey = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d)
    for (const size of [1, 7, 127, 128, 1000, 70_001])
      for (const start of [0, 1, 2, 3, 5]) {
        const bytes = Uint8Array.from({ length: size + 8 }, (_, index) => index * 7)
        const expected = bytes.map((byte, i) =>
          i < start || i >= start + size ? byte : byte ^ maskKey[(i - start + 3) % 4],
        )
        equal(applyMask(bytes.subarray(start, start + size), maskKey, 3), size + 3)
        equal(list(bytes), list(expected))
      }
  },

  /** Both sides, the heads and a few messages through memory, in chunks of odd sizes. */
  handshake() {
    const { client, server } = open()
    const long = `${'wörld €𝄞 '.repeat(5000)}end`
    const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index * 7)
    client.sendText('hello')
    client.sendText(long)
    client.sendBinary(bytes)
    client.ping('are you there')
    client.close(1000, 'bye')
    const { events, closedAtServer } = exchange(client, server, 977)
    // A pong does not wait for the answer to what came before its ping.
    const pong = events.find(({ type }) => type === 'pong')
    equal(list(pong.data), list([...'are you there'].map((letter) => letter.charCodeAt(0))))
    const others = events.filter((event) => event !== pong)
    const [text, longText, binary, closed] = others
    equal(others.map(({ type }) => type).join(' '), 'text text binary close')
    equal(text.data, 'hello')
    equal(longText.data, long)
    equal(list(binary.data), list(bytes))
    equal([closed.code, closed.clean, closed.by].join(' '), '1000 true local')
    equal([closedAtServer.code, closedAtServer.reason, closedAtServer.by].join(' '), '1000 bye remote')
    equal(server.done && client.done, true)
  },

  /** What a peer may not do is told as data, with the Close that is owed. */
  fault() {
    const server = new Connection({ role: 'server' })
    const [event] = server.receive(Uint8Array.of(0x81, 0x01, 0x61))
    equal([event.type, event.code, event.error.code].join(' '), 'close 1002 unmasked')
    equal(list(server.takeOutput().subarray(0, 1)), list([0x88]))
  },
}

/** Carries bytes both ways until nobody has any. The server echoes; the client's events are kept, and the server's last. */
function exchange(client, server, size) {
  const events = []
  let closedAtServer
  for (let sent = client.takeOutput(); sent !== undefined; sent = client.takeOutput()) {
    for (const event of receiveIn(server, sent, size)) {
      if (event.type === 'text') server.sendText(event.data)
      if (event.type === 'binary') server.sendBinary(event.data)
      if (event.type === 'close') closedAtServer = event
    }
    events.push(...receiveIn(client, server.takeOutput() ?? new Uint8Array(0), size))
  }
  server.receiveEnd()
  events.push(...client.receiveEnd())
  return { events, closedAtServer }
}

function readFrame(role, bytes) {
  const decoder = new FrameDecoder({ role })
  const seen = []
  for (const byte of bytes) {
    decoder.push(Uint8Array.of(byte))
    while (decoder.next()) seen.push(`${decoder.opcode} ${decoder.fin} ${decoder.text()}`)
  }
  return seen.join('; ')
}

runCases(cases)
