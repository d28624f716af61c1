// An echo server whose process can be replaced, say by newer code, while all WebSockets stay open.   node examples/hand-over.mjs [port]
//   SIGHUP to the supervisor, whose process id it prints, replaces the server; SIGTERM ends both.
import cluster from 'node:cluster'
import { createServer } from 'node:http'
import { permessageDeflate } from 'websocket-primitives'
import { zlib } from 'websocket-primitives/codec/zlib'
import { acceptUpgrade, attach, detach, Endpoint, stopReading } from 'websocket-primitives/node'

/** @typedef {import('node:net').Socket} Socket */

if (cluster.isPrimary) supervise()
else serve()

/** Starts servers, of which one is in use, and passes sockets from the old one to the new one. */
function supervise() {
  cluster.setupPrimary({ serialization: 'advanced' }) // messages hold bytes
  /** @type {import('node:cluster').Worker | undefined} */
  let current
  /** @type {Set<Socket>} */
  const sending = new Set() // to the current server
  let stops = false
  const start = () => {
    const next = cluster.fork()
    next.on('error', console.error) // it has ended while it was sent something
    next.once('listening', () => {
      if (stops) return
      current?.send('leave')
      current = next
    })
  }
  start()
  console.log('supervisor', process.pid)
  cluster.on('message', (_, message, handle) => {
    const stream = /** @type {Socket} */ (handle)
    const rest = Buffer.concat([message.rest, stopReading(stream)])
    if (current === undefined) return void stream.destroy() // it has crashed: the client connects again
    sending.add(stream)
    current.send({ ...message, rest }, stream, undefined, (error) => {
      sending.delete(stream)
      if (error) stream.destroy()
      if (stops) stop()
    })
  })
  cluster.on('exit', (worker) => {
    console.log('server', worker.process.pid, 'has ended')
    if (worker !== current) return
    current = undefined // it crashed, and what waits for it would wait for ever
    for (const stream of sending) stream.destroy()
    sending.clear()
    if (!stops) start()
  })
  process.on('SIGHUP', () => {
    if (Object.keys(cluster.workers ?? {}).length === 1) start() // otherwise one is leaving still
  })
  const stop = () => {
    const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker?.isConnected())
    // The current one is last: it may be sent WebSockets still.
    for (const worker of workers)
      if (worker !== current || workers.length + sending.size === 1) worker?.process.kill('SIGTERM')
  }
  process.once('SIGTERM', () => {
    stops = true
    stop()
  })
  cluster.on('disconnect', () => stops && stop())
}

function serve() {
  const endpoint = new Endpoint({
    handshake: { hosts: ['localhost', '127.0.0.1'] }, // a page can give its own name this address (DNS rebinding)
    extensions: [permessageDeflate({ codec: zlib })],
    plain: () => ({ status: 200, body: 'plain http\n' }),
    data: (request) => ({ path: request?.path }), // moves with the WebSocket, so it must be plain data
    message: (peer, data) => peer.send(data),
  })
  const server = createServer((_, response) => response.end('plain http\n'))
  server.on('upgrade', (request, socket, head) => acceptUpgrade(endpoint, request, socket, head))
  server.listen(Number(process.argv[2] ?? 8080), '127.0.0.1', () =>
    console.log('listening on', server.address(), process.pid),
  )

  /** @type {Promise<unknown> | undefined} */
  let moving
  process.on('message', async (/** @type {any} */ message, handle) => {
    if (message !== 'leave') {
      const { snapshot, rest, data } = message
      const stream = /** @type {Socket} */ (handle)
      try {
        return void attach(endpoint, stream, snapshot, { rest, data })
      } catch (error) {
        console.error(error) // another version, with snapshots of another form
        return void stream.destroy()
      }
    }
    server.close()
    const peers = endpoint.peers.values()
    moving = Promise.all(Array.from({ length: 100 }, () => move(peers))) // so many at once
    await moving
    end()
  })
  process.on('SIGTERM', end)

  let ends = false
  async function end() {
    if (ends) return // SIGTERM came while WebSockets moved
    ends = true
    server.close()
    await endpoint.close({ code: 1012, spread: 2_000 }) // 1012: restart, for those that could not be moved
    await moving
    server.closeAllConnections()
    process.disconnect?.()
  }
}

/** @param {Iterable<import('websocket-primitives/node').Peer<object>>} peers */
async function move(peers) {
  for (const peer of peers) {
    const detached = await detach(peer)
    if (detached === undefined) continue
    const { snapshot, rest } = detached
    const stream = /** @type {Socket} */ (detached.stream)
    await new Promise((sent) => process.send?.({ snapshot, rest, data: peer.data }, stream, undefined, sent))
  }
}
