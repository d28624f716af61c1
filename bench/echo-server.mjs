/**
 * An echo server with each library: bare `node:net` with a `Connection`, the adapter for Node, and `ws`. Prints the port. The native servers of Deno and
 * Bun are in echo-native.mjs.
 *
 *   node echo-server.mjs ours|adapter|ws|bare
 */

import { createServer } from 'node:net'
import { WebSocketServer } from 'ws'
import { acceptSocket, Endpoint, native } from '../dist/adapters/node/index.js'
import { acceptHandshake, Connection, connectionOptions, formatResponse, RequestHeadParser } from '../dist/index.js'

const servers = { ours: serveOurs, adapter: serveAdapter, ws: serveWs, bare: serveBare }
servers[process.argv[2]]()

function serveOurs() {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy())
    const heads = new RequestHeadParser()
    socket.on('data', function open(chunk) {
      const parsed = heads.push(chunk)
      if (!parsed) return
      socket.off('data', open)
      const accepted = acceptHandshake(parsed)
      socket.write(formatResponse(accepted.response))
      if (accepted.ok) echo(socket, accepted, parsed.rest)
      else socket.end()
    })
  })
  server.listen(0, '127.0.0.1', () => console.log(server.address().port))
}

const nothing = new Uint8Array(0)
const options = connectionOptions({ role: 'server', ownsChunks: true, native })

function echo(socket, agreement, rest) {
  const connection = new Connection(options, agreement)
  const handle = (bytes) => {
    for (let next = bytes; ; next = nothing) {
      for (const event of connection.receive(next)) {
        if (event.type === 'text') connection.sendText(event.data)
        else if (event.type === 'binary') connection.sendBinary(event.data)
      }
      if (!connection.hasPending) break
    }
    const output = connection.takeOutput()
    if (output) socket.write(output)
    if (connection.transport !== 'keep') socket.end()
  }
  handle(rest)
  socket.on('data', handle)
  socket.on('close', () => connection.receiveEnd())
}

function serveAdapter() {
  const endpoint = new Endpoint({ message: (peer, data) => peer.send(data) })
  const server = createServer({ noDelay: true }, (socket) => acceptSocket(endpoint, socket))
  server.listen(0, '127.0.0.1', () => console.log(server.address().port))
}

function serveWs() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false }, () =>
    console.log(server.address().port),
  )
  // Text is decoded to strings, as ours is.
  server.on('connection', (end) =>
    end.on('message', (data, binary) => (binary ? end.send(data) : end.send(data.toString()))),
  )
}

/**
 * The control: sends as many bytes as an echo has, and reads only the length of the first frame. What `node:net` and the kernel
 * cost is the lower bound for all.
 */
function serveBare() {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy())
    socket.once('data', () => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n')
      let size = 0
      let received = 0
      socket.on('data', (chunk) => {
        if (received === 0) size = chunk[1] & 0x7f
        const before = Math.floor(received / (size + 6))
        received += chunk.length
        const frames = Math.floor(received / (size + 6))
        if (frames > before) socket.write(Buffer.allocUnsafe((frames - before) * (size + 2)))
        // All frames of a round have the same length, which may differ in another round.
        if (received === frames * (size + 6)) received = 0
      })
    })
  })
  server.listen(0, '127.0.0.1', () => console.log(server.address().port))
}
