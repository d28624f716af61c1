/** Attacks a client: it is started once for each bad server. */

import { createServer } from 'node:net'
import { TLSSocket } from 'node:tls'
import { generate } from 'selfsigned'
import { http2Servers, listenHttp2 } from './http2-servers.mjs'
import { Program } from './program.mjs'
import { servers } from './servers.mjs'
import { sleep, Visit } from './visit.mjs'
import { Wire } from './wire.mjs'

/** How many clients run at the same time. */
const LANES = 6

export async function attackClient({ entry, speed, choose, attempt }) {
  const tls = entry.tls && (await generate(undefined, { keyType: 'ec', algorithm: 'sha256' }))
  const start = entry.http2 ? listenHttp2 : listen
  await inLanes(choose(peersOf(entry)), (peer) =>
    attempt(peer.title, () => serve(peer, new Visit(entry, speed), (...args) => start(...args, tls))),
  )
}

/** To a client behind a CONNECT proxy, the proxy may misbehave, or the server at the other end of the tunnel. */
function peersOf(entry) {
  if (entry.http2) return http2Servers
  if (!entry.tunnelled) return servers
  const proxies = servers
    .filter(({ status }) => status !== undefined)
    .map((peer) => ({ ...peer, title: `proxy: ${peer.title}` }))
  const reachable = servers.filter(({ serve }) => serve !== undefined)
  return [...proxies, ...reachable.map((peer) => ({ ...peer, serve: (wire, visit) => tunnel(wire, visit, peer) }))]
}

async function tunnel(wire, visit, { serve }) {
  await wire.head('a CONNECT')
  wire.write('HTTP/1.1 200 OK\r\n\r\n')
  await serve(wire, visit)
}

export async function inLanes(items, act) {
  const waiting = [...items]
  const lane = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await act(item)
  }
  await Promise.all(Array.from({ length: LANES }, lane))
}

async function serve(peer, visit, start) {
  const { entry, speed } = visit
  const { port, first, stop } = await start(peer, visit)
  const program = await Program.start(entry, { speed, peerPort: port })
  try {
    await Promise.race([first, program.exited])
    if (peer.serve !== undefined && visit.wires.length === 0)
      throw new Error(`it did not connect: ${program.excerpt()}`)
    await visit.expectReleased(program, peer.bound, visit.wires.slice(0, 1))
    await expectOutcome(peer, visit, program)
  } finally {
    program.kill('SIGKILL')
    stop()
  }
}

/** A bad server; `first` is the outcome of its first connection. Without `serve` nothing listens. `tls`: its key and certificate. */
export async function listen({ serve }, visit, tls) {
  let settle
  const first = new Promise((resolve, reject) => {
    settle = (promise) => promise.then(resolve, reject)
  })
  first.catch(() => {})
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const stream = tls ? new TLSSocket(socket, { isServer: true, key: tls.private, cert: tls.cert }) : socket
    const wire = new Wire(stream, { socket, port: socket.remotePort, masked: false })
    visit.wires.push(wire)
    visit.met = true
    const served = Promise.resolve().then(() => serve(wire, visit))
    served.catch(() => {})
    settle(served)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  if (serve === undefined) {
    await new Promise((resolve) => server.close(resolve))
    settle(Promise.resolve())
  }
  return { port, first, stop: () => server.close() }
}

/** A client reports what happened and exits, or it tries again. */
async function expectOutcome(peer, visit, program) {
  const { entry } = visit
  const limit = 2 * visit.real(entry.bounds.answer) + 10_000
  if (entry.reconnects && !peer.final) {
    for (let waited = 0; visit.wires.length < 2 && peer.serve !== undefined; waited += 50) {
      if (program.ended !== undefined) throw new Error(`it did not try again, and ended with ${program.ended}`)
      if (waited > limit) throw new Error('it did not try again')
      await sleep(50)
    }
    return program.expectSilence()
  }
  const ended = await Promise.race([program.exited, sleep(limit)])
  if (ended === undefined) throw new Error('it did not end')
  if (peer.status === undefined) {
    if (ended !== 0) throw new Error(`it ended with ${ended}: ${program.excerpt()}`)
    return program.expectSilence()
  }
  // Refused: the program may handle that as it likes, but not crash.
  if (ended !== 0 && ended !== 1) throw new Error(`it ended with ${ended}: ${program.excerpt()}`)
  if (program.complaints !== '' && !/HandshakeError|ProtocolError|ECONNREFUSED/.test(program.complaints))
    throw new Error(program.excerpt())
}
