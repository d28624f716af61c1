/**
 * Clients over HTTP/2 that misbehave. Like clients.mjs, but the program must release each stream, and then the TCP socket of the session.
 *
 * @module
 */

import { connect as connectHttp2 } from 'node:http2'
import { connect as connectTcp } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { frame, Opcode, times } from './frames.mjs'
import { sleep } from './visit.mjs'
import { Wire } from './wire.mjs'

const hello = frame(Opcode.Text, 'hello')
const fault = frame(Opcode.Text, 'hello', { rsv: 2 })
const CANCEL = 8
const MB = 1024 * 1024

/** A session to the program. On its own it only does what HTTP/2 requires. */
async function openSession(visit) {
  const socket = connectTcp(visit.program.port, '127.0.0.1')
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  const port = socket.localPort
  visit.wires.push({ port, masked: true })
  const tls = connectTls({ socket, ALPNProtocols: ['h2'], servername: 'localhost', rejectUnauthorized: false })
  const session = connectHttp2(`https://${visit.host}`, { createConnection: () => tls })
  session.on('error', () => {})
  await new Promise((resolve, reject) => {
    session.once('remoteSettings', resolve)
    session.once('close', () => reject(new Error('settings expected, the session ended')))
  })
  return { session, socket, port, streams: [] }
}

/** A request, and its stream as a wire. */
function ask(visit, { session, port, streams }, fields = {}) {
  const stream = session.request(
    {
      ':method': 'CONNECT',
      ':protocol': 'websocket',
      ':scheme': 'https',
      ':authority': visit.host,
      ':path': visit.entry.path,
      'sec-websocket-version': '13',
      ...fields,
    },
    { endStream: false },
  )
  const wire = new Wire(stream, { port, masked: true })
  const status = new Promise((resolve, reject) => {
    stream.once('response', (headers) => resolve(headers[':status']))
    stream.once('close', () => reject(new Error(`a response expected, the stream closed with ${stream.rstCode}`)))
  })
  status.catch(() => {})
  streams.push(stream)
  return { wire, stream, status }
}

async function expectStatus({ status }, ...expected) {
  const found = await Promise.race([status, sleep(20_000)])
  if (!expected.includes(found)) throw new Error(`status ${expected.join(' or ')} expected, found ${found}`)
}

/** A WebSocket: its wire. */
async function open(visit, session) {
  const asked = ask(visit, session)
  await expectStatus(asked, 200)
  return asked.wire
}

/** The program must close each stream within the bound. Then the session ends, and with it its socket. */
async function expectStreamsClosed(visit, { session, streams }, bound) {
  const limit = visit.entry.bounds[bound]
  const closed = streams.map((stream) => stream.closed || new Promise((resolve) => stream.once('close', resolve)))
  const late = sleep(2 * visit.real(limit) + 1000).then(() => 'late')
  if ((await Promise.race([Promise.all(closed), late])) === 'late') {
    const open = streams.filter((stream) => !stream.closed).length
    throw new Error(`${open} of ${streams.length} streams not closed by twice the bound, ${limit / 1000} s`)
  }
  session.close()
  await visit.expectReleased(visit.program, 'soon')
}

/** A peer with one session. `act` gets the session; then the program must close its streams. */
const peer = (title, bound, act) => ({
  title: `HTTP/2: ${title}`,
  bound: 'soon',
  needs: 'http2',
  async run(visit) {
    const session = await openSession(visit)
    await act(visit, session)
    await expectStreamsClosed(visit, session, bound)
  },
})

/** A peer whose session the program must close. */
const sessionPeer = (title, bound, act) => ({
  title: `HTTP/2: ${title}`,
  bound,
  needs: 'http2',
  run: async (visit) => act(visit, await openSession(visit)),
})

/** @type {typeof import('./clients.mjs').clients} */
export const http2Clients = [
  {
    title: 'silent before TLS',
    bound: 'head',
    needs: 'tls',
    async run(visit) {
      const socket = connectTcp(visit.program.port, '127.0.0.1').on('error', () => {})
      await new Promise((resolve) => socket.once('connect', resolve))
      visit.wires.push({ port: socket.localPort, masked: true })
    },
  },
  sessionPeer('a session without a request', 'session', () => {}),
  sessionPeer('a session that ends in mid-WebSocket', 'soon', async (visit, session) => {
    for (let i = 0; i < 5; i++) (await open(visit, session)).write(hello.subarray(0, 8))
    session.session.destroy()
  }),
  sessionPeer('a session that is reset in mid-WebSocket', 'soon', async (visit, session) => {
    for (let i = 0; i < 5; i++) (await open(visit, session)).write(hello.subarray(0, 8))
    session.socket.resetAndDestroy()
  }),
  peer('plain GET', 'soon', async (visit, session) => {
    const stream = session.session.request({ ':path': '/' }).resume()
    const status = new Promise((resolve) => stream.once('response', (headers) => resolve(headers[':status'])))
    session.streams.push(stream)
    await expectStatus({ status }, visit.entry.plain)
  }),
  peer('a refusal (403)', 'refusal', (visit, session) =>
    expectStatus(ask(visit, session, { origin: 'https://elsewhere.example' }), 403),
  ),
  peer('a refusal (version)', 'refusal', (visit, session) =>
    expectStatus(ask(visit, session, { 'sec-websocket-version': '8' }), 400, 426),
  ),
  peer('another protocol', 'refusal', (visit, session) =>
    expectStatus(ask(visit, session, { ':protocol': 'connect-udp' }), 400, 404, 405, 501),
  ),
  peer('resets after the request', 'soon', async (visit, session) => {
    ask(visit, session).stream.close(CANCEL)
  }),
  peer('resets after the 200', 'soon', async (visit, session) => {
    ;(await open(visit, session)).stream.close(CANCEL)
  }),
  peer('resets in a frame', 'soon', async (visit, session) => {
    const wire = (await open(visit, session)).write(hello.subarray(0, 8))
    await visit.pause()
    wire.stream.close(CANCEL)
  }),
  peer('resets after its Close', 'soon', async (visit, session) => {
    const wire = (await open(visit, session)).close(1000)
    await visit.pause(10)
    wire.stream.close(CANCEL)
  }),
  peer('ends after the 200', 'end', async (visit, session) => (await open(visit, session)).end()),
  peer('ends in a frame', 'end', async (visit, session) =>
    (await open(visit, session)).write(hello.subarray(0, 8)).end(),
  ),
  peer('silent after the 200', 'open', open),
  peer('frames after the request', 'end', async (visit, session) => {
    const asked = ask(visit, session)
    asked.wire.write(hello, frame(Opcode.Ping, 'there?')).close(1000, 'bye')
    await expectStatus(asked, 200)
    if (visit.entry.echoes) await asked.wire.expectMessage('hello')
    await asked.wire.expectClose(1000)
  }),
  peer('never ends after the Close', 'end', async (visit, session) =>
    (await open(visit, session)).close(1000).expectClose(1000),
  ),
  peer('never ends after an error', 'end', async (visit, session) =>
    (await open(visit, session)).write(fault).expectClose(1002),
  ),
  peer('ignores the Close after an error', 'end', async (visit, session) => {
    const wire = (await open(visit, session)).write(fault)
    await wire.expectClose(1002)
    void wire.drip(times(1000, hello), visit.real(500), hello.length)
  }),
  {
    ...peer('texts without reading', 'flood', async (visit, session) => {
      const wire = (await open(visit, session)).stopReading()
      const texts = times(16, frame(Opcode.Text, 'x'.repeat(4096)))
      const taken = await wire.pour(texts, 64 * MB, visit.real(3000))
      if (taken > 8 * MB) throw new Error(`it must stop reading, and took ${Math.round(taken / MB)} MB`)
    }),
  },
  peer('two hundred streams that come and go', 'soon', async (visit, session) => {
    for (let i = 0; i < 200; i++) {
      const { stream, status } = ask(visit, session)
      if (i % 2 === 0) await status
      stream.close(CANCEL)
    }
  }),
]
