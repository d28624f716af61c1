// An echo server whose process can be replaced, for example by newer code, while all WebSockets stay open.   node examples/hand-over.mjs [port]
//   SIGHUP to the supervisor, whose process id it prints, replaces the server; SIGTERM ends both.
import cluster from 'node:cluster'
import { createServer } from 'node:http'
import { permessageDeflate } from 'websocket-primitives'
import { zlib } from 'websocket-primitives/codec/zlib'
import { acceptUpgrade, attach, detach, Endpoint, stopReading } from 'websocket-primitives/node'

/** @typedef {import('node:net').Socket} Socket */
/** @typedef {import('node:cluster').Worker} Worker */

if (cluster.isPrimary) supervise()
else serve()

/** Starts servers, one of which is current. Passes sockets from the old one to the new one. */
function supervise() {
  cluster.setupPrimary({ serialization: 'advanced' }) // so that messages may contain bytes
  /** @type {Map<Worker, Socket[]>} With copies of the sockets sent to each, until it confirms them. */
  const servers = new Map()
  /** @type {Worker | undefined} */
  let current
  let ending = false
  const start = () => {
    const next = cluster.fork()
    servers.set(next, [])
    next.on('error', console.error) // it ended while a message was on its way
    next.once('listening', () => {
      if (ending) return end() // it could not receive messages earlier
      if (!servers.has(next)) return // it has crashed already
      current?.send('leave')
      current = next
    })
  }
  const end = () => {
    // The current one comes last: others may still have sockets for it.
    for (const server of servers.keys()) if (server !== current || servers.size === 1) server.send('end')
  }
  start()
  console.log('supervisor', process.pid)
  cluster.on('message', (worker, message, handle) => {
    if (message === 'taken') return void servers.get(worker)?.shift()?.destroy() // closes only the copy
    const stream = /** @type {Socket} */ (handle)
    const sent = current && servers.get(current)
    if (!sent) return void stream.destroy() // the new server has crashed
    sent.push(stream)
    const rest = Buffer.concat([message.rest, stopReading(stream)])
    current?.send({ ...message, rest }, stream, { keepOpen: true }, (error) => error && stream.destroy())
  })
  cluster.on('exit', (worker) => {
    console.log('server', worker.process.pid, 'has ended')
    for (const stream of servers.get(worker) ?? []) stream.destroy() // it may have used them, so no other server can
    servers.delete(worker)
    const crashed = worker === current
    if (crashed) current = undefined
    if (ending) end()
    else if (crashed) start()
  })
  process.on('SIGHUP', () => {
    if (servers.size === 1 && !ending) start() // otherwise a replacement is in progress
  })
  process.on('SIGTERM', () => {
    ending = true
    end()
  })
}

function serve() {
  const endpoint = new Endpoint({
    handshake: { hosts: ['localhost', '127.0.0.1'] }, // DNS rebinding: a page can point its own name at this address
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
  let moved
  let ended = false
  process.on('message', async (/** @type {any} */ message, handle) => {
    if (message === 'leave') {
      server.close()
      const peers = endpoint.peers.values()
      moved = Promise.all(Array.from({ length: 100 }, () => move(peers))) // at most 100 at a time
      await moved
    }
    if (message === 'leave' || message === 'end') return end()
    const { snapshot, rest, data } = message
    const stream = /** @type {Socket} */ (handle)
    try {
      attach(endpoint, stream, snapshot, { rest, data })
    } catch (error) {
      console.error(error) // a snapshot of another version, in another format
      stream?.destroy()
    }
    process.send?.('taken')
  })
  process.on('SIGTERM', () => {}) // the supervisor decides when: first the sockets in transit must arrive

  async function end() {
    if (ended) return
    ended = true
    server.close()
    // 1012: restart, for those that could not be moved.
    await Promise.all([endpoint.close({ code: 1012, spread: 2_000 }), moved])
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
