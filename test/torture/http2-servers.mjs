/** Servers over HTTP/2 that misbehave, as in servers.mjs. `listen` creates a server from what it has to do for each stream. */

import { createSecureServer } from 'node:http2'
import { createServer } from 'node:net'
import { frame, Opcode } from './frames.mjs'
import { Wire } from './wire.mjs'

const bare = { masked: false }
const hello = frame(Opcode.Text, 'hello', bare)
const settings = { enableConnectProtocol: true }

/** Opens the WebSocket, then runs a function. */
const opened = (act) => async (stream, visit) => {
  stream.respond({ ':status': 200 })
  await act(new Wire(stream, { masked: false }), visit)
}

/** `raw`: what it does with each TCP socket, instead of HTTP/2. */
export const http2Servers = [
  { title: 'HTTP/2: not there', bound: 'soon', status: [] },
  { title: 'HTTP/2: silent before TLS', bound: 'answer', status: [], raw: () => {} },
  { title: 'HTTP/2: resets at once', bound: 'soon', status: [], raw: (socket) => socket.resetAndDestroy() },
  { title: 'HTTP/2: no extended CONNECT', bound: 'soon', status: [], settings: {}, serve: () => {} },
  { title: 'HTTP/2: silent before the answer', bound: 'answer', status: [], serve: () => {} },
  {
    title: 'HTTP/2: refuses the stream',
    bound: 'soon',
    status: [],
    serve: (stream) => stream.close(7),
  },
  {
    title: 'HTTP/2: 404',
    bound: 'answer',
    status: [],
    serve: (stream) => stream.respond({ ':status': 404 }, { endStream: true }),
  },
  {
    title: 'HTTP/2: 403 without an end',
    bound: 'answer',
    status: [],
    serve: (stream) => stream.respond({ ':status': 403 }),
  },
  {
    title: 'HTTP/2: destroys the session instead of an answer',
    bound: 'soon',
    status: [],
    serve: (stream) => stream.session.destroy(),
  },
  { title: 'HTTP/2: silent after the 200', bound: 'open', serve: opened(() => {}) },
  { title: 'HTTP/2: resets after the 200', bound: 'soon', serve: opened((wire) => wire.stream.close(8)) },
  { title: 'HTTP/2: ends after the 200', bound: 'end', serve: opened((wire) => wire.end()) },
  {
    title: 'HTTP/2: destroys the session after the 200',
    bound: 'soon',
    serve: opened(async (wire, visit) => {
      await visit.pause()
      wire.stream.session.destroy()
    }),
  },
  {
    title: 'HTTP/2: never ends after the Close',
    bound: 'end',
    serve: opened((wire) => wire.close(4000).expectClose(4000)),
  },
  {
    title: 'HTTP/2: answers a ping after a text',
    bound: 'end',
    serve: opened(async (wire) => {
      await wire.write(frame(Opcode.Ping, 'there?', bare), hello).expectPong('there?')
      await wire.expectClose(1000)
      wire.close(1000).end()
    }),
  },
  {
    title: 'HTTP/2: ignores the Close',
    bound: 'end',
    serve: opened((wire) => wire.answerPings().write(hello).expectClose(1000)),
  },
  {
    title: 'HTTP/2: masks its frames',
    bound: 'end',
    serve: opened((wire) => wire.write(frame(Opcode.Text, 'hello')).expectClose(1002)),
  },
]

/** Like `listen` of attack-client.mjs, with TLS by this key and certificate. */
export async function listenHttp2(peer, visit, { private: key, cert }) {
  let settle
  const first = new Promise((resolve, reject) => {
    settle = (promise) => promise.then(resolve, reject)
  })
  first.catch(() => {})
  const server = peer.raw
    ? createServer()
    : createSecureServer({ key, cert, settings: peer.settings ?? settings })
        .on('connect', () => {})
        .on('sessionError', () => {})
  server.on('connection', (socket) => {
    socket.on('error', () => {})
    visit.wires.push({ port: socket.remotePort, masked: false })
    if (peer.raw) settle(Promise.resolve(peer.raw(socket)))
  })
  if (peer.settings !== undefined)
    server.on('session', () => {
      visit.met = true
      settle(Promise.resolve())
    })
  server.on('stream', (stream) => {
    stream.on('error', () => {})
    visit.met = true
    const served = Promise.resolve().then(() => peer.serve(stream, visit))
    settle(served)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  if (!peer.serve && !peer.raw) {
    await new Promise((resolve) => server.close(resolve))
    settle(Promise.resolve())
  }
  return { port, first, stop: () => server.close() }
}
