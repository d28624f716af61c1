// An echo server on bare node:net, which also answers plain HTTP.   node examples/echo-node-net.mjs [port]
import { createServer } from 'node:net'
import * as ws from 'websocket-primitives'

/** The names of this server: a page can give its own name this address (DNS rebinding). */
const handshake = ws.handshakeOptions({ hosts: ['localhost', '127.0.0.1'] })
const options = ws.connectionOptions({ role: 'server' })
const nothing = new Uint8Array(0)
const server = createServer((socket) => {
  const heads = new ws.RequestHeadParser()
  socket.on('error', () => socket.destroy())
  socket.setTimeout(60_000, () => socket.destroy()) // a minute without a byte
  socket.on('data', function open(/** @type {Uint8Array} */ chunk) {
    const parsed = heads.push(chunk)
    if (!parsed) return
    socket.off('data', open)
    const accepted = ws.acceptHandshake(parsed, handshake)
    if (accepted.ok || accepted.isWebSocketRequest || accepted.response.status !== 426)
      socket.write(ws.formatResponse(accepted.response))
    else socket.write(ws.formatResponse({ status: 200, headers: { connection: 'close' }, body: 'plain http\n' }))
    if (!accepted.ok) return void socket.end()
    echo(socket, new ws.Connection(options, accepted), parsed.rest)
  })
})

/** @param {import('node:net').Socket} socket @param {ws.Connection} connection @param {Uint8Array} rest */
function echo(socket, connection, rest) {
  const handle = (/** @type {readonly ws.ConnectionEvent[]} */ events) => {
    for (const event of events) {
      if (event.type === 'text') connection.sendText(event.data)
      if (event.type === 'binary') connection.sendBinary(event.data)
    }
    const output = connection.takeOutput()
    if (output && !socket.write(output)) socket.pause()
    if (connection.transport !== 'keep') socket.end()
  }
  const receive = (/** @type {Uint8Array} */ chunk) => {
    handle(connection.receive(chunk))
    while (connection.hasPending && !socket.writableNeedDrain) handle(connection.receive(nothing)) // the rest of a large chunk
    if (!socket.writableNeedDrain) socket.resume()
  }
  receive(rest)
  socket.on('data', receive)
  socket.on('drain', () => receive(nothing))
  socket.on('end', () => handle(connection.receiveEnd()))
}

server.listen(Number(process.argv[2] ?? 8081), '127.0.0.1', () => console.log('listening on', server.address()))
