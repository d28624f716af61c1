/**
 * Servers that misbehave, each in its own way, to clients and to proxies in front of them. A server performs its act on each connection and
 * then does nothing, but never ends its side. The program must release its socket within the bound, counted from then, with a slack of 100
 * %: `answer` until there is a WebSocket, then as in clients.mjs.
 *
 * `status`: the answer opens no WebSocket, and a proxy's client must get one of these statuses. `close`: the answer opens a WebSocket, and
 * a proxy's client must get a Close with one of these codes. `final`: the failure is permanent, so clients must not try again.
 *
 * @module
 */

import { createHash } from 'node:crypto'
import { bomb, closeFrame, frame, Opcode, times } from './frames.mjs'

const bare = { masked: false }
const hello = frame(Opcode.Text, 'hello', bare)
const MB = 1024 * 1024
/** 272 MiB: more than a message may have by `clientLimits`. */
const bombFrame = frame(Opcode.Binary, bomb(17), { ...bare, rsv: 4 })

/** What a proxy's client gets for codes that must not be sent (`relayCloseCode`). */
const LOST = [1014]

/** The head of a response. */
function answer(status, fields = {}, body = '') {
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`HTTP/1.1 ${status} Some Words\r\n${lines.join('')}\r\n${body}`, 'latin1')
}

/** The 101 for a request. */
export function switching(request, fields = {}) {
  const key = request.fields.get('sec-websocket-key')
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  return answer(101, { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Accept': accept, ...fields })
}

/** Answers a request with these bytes and continues to read. */
const answering = (bytes) => async (wire) => {
  await wire.head('a request')
  wire.write(bytes)
}

/** Opens the WebSocket, then runs a function. */
const opened = (act) => async (wire, visit) => {
  wire.write(switching(await wire.head('a request')))
  await act(wire, visit)
}

/**
 * @typedef {import('./visit.mjs').Visit} Visit
 * @typedef {import('./wire.mjs').Wire} Wire
 * @type {readonly { title: string, bound: string, needs?: string, status?: number[], close?: number[], final?: boolean, serve?: (wire: Wire, visit: Visit) => unknown }[]}
 */
export const servers = [
  { title: 'not there', bound: 'soon', status: [502] },
  { title: 'silent before the answer', bound: 'answer', status: [502, 503, 504], serve: () => {} },
  { title: 'resets at once', bound: 'soon', status: [502], serve: (wire) => wire.reset() },
  {
    title: 'resets after the request',
    bound: 'soon',
    status: [502],
    async serve(wire) {
      await wire.head('a request')
      wire.reset()
    },
  },
  {
    title: 'resets in the answer',
    bound: 'soon',
    status: [502],
    async serve(wire, visit) {
      const request = await wire.head('a request')
      wire.write(switching(request).subarray(0, 40))
      await visit.pause()
      wire.reset()
    },
  },
  {
    title: 'ends before the answer',
    bound: 'soon',
    status: [502],
    async serve(wire) {
      await wire.head('a request')
      wire.end()
    },
  },
  {
    title: 'silent in the answer',
    bound: 'answer',
    status: [502, 503, 504],
    async serve(wire) {
      const request = await wire.head('a request')
      wire.write(switching(request).subarray(0, 40))
    },
  },
  {
    title: 'an answer of one byte a second',
    bound: 'answer',
    status: [502, 503, 504],
    async serve(wire, visit) {
      const request = await wire.head('a request')
      void wire.drip(switching(request, { 'X-Long': 'x'.repeat(2000) }), visit.real(1000))
    },
  },
  {
    title: 'an endless answer',
    final: true,
    bound: 'answer',
    status: [502],
    async serve(wire, visit) {
      await wire.head('a request')
      wire.write('HTTP/1.1 101 Switching Protocols\r\n')
      void wire.pour(Buffer.from('X-More: and more and more and more\r\n'.repeat(100)), 64 * MB, visit.real(60_000))
    },
  },
  { title: 'garbage', final: true, bound: 'answer', status: [502], serve: answering('SSH-2.0-OpenSSH_9.2p1\r\n\r\n') },
  {
    title: '404',
    final: true,
    bound: 'answer',
    status: [404],
    serve: answering(answer(404, { 'Content-Length': 5 }, 'none\n')),
  },
  {
    title: '401 with a challenge',
    final: true,
    bound: 'answer',
    status: [401],
    serve: answering(answer(401, { 'WWW-Authenticate': 'Basic realm="x"', 'Content-Length': 0 })),
  },
  {
    title: '503 with Retry-After',
    bound: 'answer',
    status: [503],
    serve: answering(answer(503, { 'Retry-After': 1, 'Content-Length': 0 })),
  },
  {
    title: 'redirects to itself',
    final: true,
    bound: 'answer',
    status: [307, 502],
    serve: answering(answer(307, { Location: '/again', 'Content-Length': 0 })),
  },
  {
    title: 'a chunked refusal',
    final: true,
    bound: 'answer',
    status: [403],
    serve: answering(answer(403, { 'Transfer-Encoding': 'chunked' }, '8\r\nno entry\r\n0\r\n\r\n')),
  },
  {
    title: 'a chunked refusal that does not end',
    final: true,
    bound: 'answer',
    status: [403],
    serve: answering(answer(403, { 'Transfer-Encoding': 'chunked' }, '8\r\nno en')),
  },
  {
    title: 'status 200',
    final: true,
    bound: 'answer',
    status: [502],
    serve: answering(answer(200, { 'Content-Length': 0 })),
  },
  { title: 'status 999', bound: 'answer', status: [502, 999], serve: answering(answer(999, { 'Content-Length': 0 })) },
  {
    title: '101 without fields',
    final: true,
    bound: 'answer',
    status: [502],
    serve: answering(answer(101)),
  },
  {
    title: '101 with the wrong accept',
    final: true,
    bound: 'answer',
    status: [502],
    async serve(wire) {
      wire.write(switching(await wire.head('a request'), { 'Sec-WebSocket-Accept': 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=' }))
    },
  },
  {
    title: '101 with an extension that nobody offered',
    final: true,
    bound: 'answer',
    status: [502],
    async serve(wire) {
      wire.write(switching(await wire.head('a request'), { 'Sec-WebSocket-Extensions': 'x-unknown' }))
    },
  },
  {
    title: '100 before the 101',
    bound: 'end',
    close: [4000],
    async serve(wire) {
      const request = await wire.head('a request')
      await wire.write(answer(100), switching(request)).close(4000).expectClose(4000)
    },
  },
  { title: 'silent after the 101', bound: 'open', close: LOST, serve: opened(() => {}) },
  { title: 'reads nothing after the 101', bound: 'open', close: LOST, serve: opened((wire) => wire.stopReading()) },
  {
    title: 'silent in a frame',
    bound: 'open',
    close: LOST,
    serve: opened((wire) => wire.write(hello.subarray(0, 4))),
  },
  {
    title: 'answers, frames and Close in one packet',
    bound: 'end',
    close: [4000],
    async serve(wire) {
      const request = await wire.head('a request')
      wire.write(switching(request), hello, frame(Opcode.Ping, 'there?', bare), closeFrame(4000, 'bye', bare))
      await wire.expectClose(4000)
    },
  },
  {
    // No text, because a program that closes after one may be first.
    title: 'answers, a ping and Close byte by byte',
    bound: 'end',
    close: [4000],
    async serve(wire) {
      const request = await wire.head('a request')
      const ping = frame(Opcode.Ping, 'there?', bare)
      void wire.drip(Buffer.concat([switching(request), ping, closeFrame(4000, 'bye', bare)]), 0)
      await wire.expectClose(4000)
    },
  },
  {
    title: 'answers and a text byte by byte',
    bound: 'end',
    needs: 'closes',
    async serve(wire) {
      const request = await wire.head('a request')
      void wire.drip(Buffer.concat([switching(request), hello]), 0)
      await wire.answerPings().expectClose(1000)
    },
  },
  {
    title: 'answers twice',
    bound: 'end',
    close: LOST,
    async serve(wire) {
      const request = await wire.head('a request')
      wire.write(switching(request), switching(request))
      await wire.expectClose(1002)
    },
  },
  {
    title: 'sends a ping',
    bound: 'end',
    close: [4000],
    serve: opened(async (wire) => {
      await wire.write(frame(Opcode.Ping, 'there?', bare)).expectPong('there?')
      await wire.close(4000).expectClose(4000)
    }),
  },
  { title: 'resets after the 101', bound: 'soon', close: LOST, serve: opened((wire) => wire.reset()) },
  {
    title: 'resets in a frame',
    bound: 'soon',
    close: LOST,
    serve: opened(async (wire, visit) => {
      wire.write(hello.subarray(0, 4))
      await visit.pause()
      wire.reset()
    }),
  },
  { title: 'ends after the 101', bound: 'end', close: LOST, serve: opened((wire) => wire.end()) },
  {
    title: 'ends in a frame',
    bound: 'end',
    close: LOST,
    serve: opened((wire) => wire.write(hello.subarray(0, 4)).end()),
  },
  {
    title: 'never ends after the Close',
    bound: 'end',
    close: [4000],
    serve: opened((wire) => wire.close(4000).expectClose(4000)),
  },
  {
    title: 'resets after its Close',
    bound: 'soon',
    serve: opened(async (wire, visit) => {
      wire.close(4000)
      await visit.pause()
      wire.reset()
    }),
  },
  {
    title: 'resets after both Closes',
    bound: 'soon',
    close: [4000],
    serve: opened(async (wire) => {
      await wire.close(4000).expectClose(4000)
      wire.reset()
    }),
  },
  {
    title: 'ends TCP after both Closes',
    final: true,
    bound: 'soon',
    close: [1000],
    serve: opened(async (wire) => {
      await wire.close(1000).expectClose(1000)
      wire.end()
    }),
  },
  {
    title: 'frames after its Close',
    bound: 'end',
    close: [4000],
    serve: opened(async (wire, visit) => {
      await wire.close(4000).expectClose(4000)
      void wire.pour(times(1000, hello), 64 * MB, visit.real(60_000))
    }),
  },
  {
    title: 'masks its frames',
    bound: 'end',
    close: LOST,
    serve: opened((wire) => wire.write(frame(Opcode.Text, 'hello')).expectClose(1002)),
  },
  {
    title: 'ignores the Close after an error',
    bound: 'end',
    close: LOST,
    serve: opened(async (wire, visit) => {
      await wire.write(frame(Opcode.Text, 'hello', { ...bare, rsv: 2 })).expectClose(1002)
      void wire.drip(times(1000, hello), visit.real(500), hello.length)
    }),
  },
  {
    title: 'a frame of a terabyte',
    bound: 'end',
    close: LOST,
    needs: 'whole messages',
    serve: opened((wire) => wire.write(Buffer.from('827f0000010000000000', 'hex')).expectClose(1009)),
  },
  {
    title: 'inflates a thousandfold',
    bound: 'end',
    needs: 'deflate',
    async serve(wire) {
      const request = await wire.head('a request')
      wire.write(switching(request, { 'Sec-WebSocket-Extensions': 'permessage-deflate' }))
      await wire.write(bombFrame).expectClose(1009)
    },
  },
  {
    title: 'floods with pings, reads nothing',
    bound: 'flood',
    serve: opened(async (wire, visit) => {
      const pings = times(1000, frame(Opcode.Ping, 'x'.repeat(100), bare))
      await wire.stopReading().pour(pings, 32 * MB, visit.real(3000))
    }),
  },
  {
    title: 'floods with texts',
    bound: 'flood',
    serve: opened(async (wire, visit) => {
      const texts = times(16, frame(Opcode.Text, 'x'.repeat(4000), bare))
      await wire.pour(texts, 8 * MB, visit.real(3000))
    }),
  },
  {
    title: 'ignores the Close',
    bound: 'end',
    needs: 'closes',
    serve: opened((wire) => wire.answerPings().write(hello).expectClose(1000)),
  },
]
