// An echo server without an adapter: everything that a transport does, by hand, on node:net.   node examples/by-hand-node-net.mjs [port]
import { createServer } from 'node:net'
import * as ws from 'websocket-primitives'
import { native } from 'websocket-primitives/node'

const HEAD_TIMEOUT = 10_000 // ms for the request to arrive
const CLOSE_TIMEOUT = 10_000 // ms for a Close or a refusal
const MAX_IGNORED = 2 ** 20 // bytes that may follow a refused request
/** `hosts` lists the names of this server. A page can point its own name at this address (DNS rebinding). */
const handshake = ws.handshakeOptions({ hosts: ['localhost', '127.0.0.1'] })
const options = ws.connectionOptions({
  role: 'server',
  keepalive: { interval: 30_000, timeout: 30_000 },
  closeTimeout: CLOSE_TIMEOUT,
  maxOutput: 2 ** 16, // so that the connection learns that a slow peer still reads
  ownsChunks: true, // each chunk of node:net is a new array
  native,
})
const nothing = new Uint8Array(0)
const plain = { status: 200, headers: { connection: 'close' }, body: 'plain http\n' }
const isPlain = (/** @type {ws.Refused} */ { isWebSocketRequest, response }) =>
  !isWebSocketRequest && response.status === 426
/** @type {Set<(now: number) => void>} */
const polls = new Set()

// One timer for all connections. `setImmediate` reads the data that has arrived first, before silence counts.
const pollAll = () => {
  for (const poll of polls) poll(performance.now())
}
setInterval(() => setImmediate(pollAll), 1_000).unref()

// Half-open: after the peer ends its side, our answers still go out.
const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
  const heads = new ws.RequestHeadParser()
  const timer = setTimeout(() => socket.destroy(), HEAD_TIMEOUT)
  const giveUp = () => socket.destroy()
  socket.on('error', () => {}) // 'close' follows
  socket.on('close', () => clearTimeout(timer)).on('end', giveUp)
  socket.on('data', function read(/** @type {Uint8Array} */ chunk) {
    const parsed = heads.push(chunk)
    if (!parsed) return
    clearTimeout(timer)
    socket.off('data', read).off('end', giveUp)
    const accepted = ws.acceptHandshake(parsed, handshake)
    if (!accepted.ok) return refuse(socket, isPlain(accepted) ? plain : accepted.response)
    socket.write(ws.formatResponse(accepted.response))
    echo(socket, new ws.Connection(options, accepted), parsed.rest)
  })
})

/** Keeps reading for a while, because unread data causes a reset. @param {import('node:net').Socket} socket @param {ws.ResponseLike} answer */
function refuse(socket, answer) {
  let ignored = 0
  const timer = setTimeout(() => socket.destroy(), CLOSE_TIMEOUT)
  socket.on('close', () => clearTimeout(timer))
  socket.on('data', (chunk) => {
    ignored += chunk.length
    if (ignored > MAX_IGNORED) socket.destroy()
  })
  socket.end(ws.formatResponse(answer))
}

/** @param {import('node:net').Socket} socket @param {ws.Connection} connection @param {Uint8Array} rest Bytes right after the request. */
function echo(socket, connection, rest) {
  const handle = (/** @type {readonly ws.ConnectionEvent[]} */ events) => {
    for (const event of events) if (event.type === 'text' || event.type === 'binary') connection.send(event)
    write()
  }
  function write() {
    while (!socket.writableNeedDrain) {
      const output = connection.takeOutput(performance.now())
      if (!output) break
      socket.write(output)
    }
    if (connection.transport === 'end') socket.end()
    if (connection.transport === 'destroy') socket.destroy()
    // Stop reading from a peer that does not read our answers, except at the end: its Close still has to arrive.
    if (socket.writableNeedDrain && connection.transport === 'keep') socket.pause()
    else socket.resume()
  }
  const receive = (/** @type {Uint8Array} */ chunk) => {
    handle(connection.receive(chunk, performance.now()))
    while (connection.hasPending && !socket.writableNeedDrain) handle(connection.receive(nothing, performance.now()))
  }
  const poll = (/** @type {number} */ now) => {
    if ((connection.pollAt ?? Infinity) <= now) handle(connection.poll(now))
  }
  polls.add(poll)
  socket.on('data', receive)
  socket.on('drain', () => receive(nothing))
  socket.on('end', () => handle(connection.receiveEnd(performance.now())))
  socket.on('close', () => {
    polls.delete(poll)
    receive(nothing) // no 'drain' follows
    connection.receiveEnd(performance.now())
  })
  receive(rest)
}

server.listen(Number(process.argv[2] ?? 8086), '127.0.0.1', () => console.log('listening on', server.address()))
