// An echo server with keepalive: one timer for all connections, which passes each the current time.
//   node examples/keepalive-node-net.mjs [port] [silence in ms]
import { createServer } from 'node:net'
import {
  acceptHandshake,
  Connection,
  connectionOptions,
  formatResponse,
  handshakeOptions,
  publicServerLimits,
  RequestHeadParser,
} from 'websocket-primitives'

/** The names of this server: a page can give its own name this address (DNS rebinding). */
const handshake = handshakeOptions({ hosts: ['localhost', '127.0.0.1'] })
const silence = Number(process.argv[3] ?? 30_000)
const keepalive = { interval: silence, timeout: silence / 3 }
const options = connectionOptions({ role: 'server', keepalive, limits: publicServerLimits })
/** @type {Set<{ connection: Connection, handle: (events: readonly import('websocket-primitives').ConnectionEvent[]) => void }>} */
const peers = new Set()

setInterval(() => {
  const now = performance.now()
  for (const { connection, handle } of peers) if ((connection.pollAt ?? Infinity) <= now) handle(connection.poll(now))
}, silence / 10).unref()

const server = createServer((socket) => {
  socket.on('error', () => socket.destroy())
  const heads = new RequestHeadParser(publicServerLimits)
  socket.on('data', function read(chunk) {
    const parsed = heads.push(chunk)
    if (!parsed) return
    socket.off('data', read)
    const accepted = acceptHandshake(parsed, handshake)
    socket.write(formatResponse(accepted.response))
    if (!accepted.ok || !parsed.ok) return void socket.end().resume()
    const connection = new Connection(options, accepted)
    const peer = { connection, handle }
    /** @param {readonly import('websocket-primitives').ConnectionEvent[]} events */
    function handle(events) {
      for (const event of events) {
        if (event.type === 'text') connection.sendText(event.data)
        if (event.type === 'close') console.log(event.code, event.error?.code ?? '')
      }
      const output = connection.takeOutput()
      if (output) socket.write(output)
      if (connection.transport !== 'keep') peers.delete(peer) && socket.end()
    }
    peers.add(peer)
    const receive = (/** @type {Uint8Array} */ chunk) => {
      handle(connection.receive(chunk, performance.now()))
      while (connection.hasPending) handle(connection.receive(new Uint8Array(0), performance.now())) // the rest of a large chunk
    }
    receive(parsed.rest)
    socket.on('data', receive)
    socket.on('close', () => handle(connection.receiveEnd()))
  })
})
server.listen(Number(process.argv[2] ?? 8080), '127.0.0.1', () => console.log('listening on', server.address()))
