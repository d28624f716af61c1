// An echo server on the 'upgrade' event of node:http, with compression.   node examples/echo-node-http.mjs [port]
import { createServer } from 'node:http'
import {
  acceptHandshake,
  Connection,
  connectionOptions,
  formatResponse,
  handshakeOptions,
  permessageDeflate,
  selectUpgrade,
} from 'websocket-primitives'
import { zlib } from 'websocket-primitives/codec/zlib'

const extensions = [permessageDeflate({ codec: zlib })]
/** `hosts` are the names of this server: a page can give its own name this address (DNS rebinding). */
const handshake = handshakeOptions({ extensions, hosts: ['localhost', '127.0.0.1'] })
const options = connectionOptions({ role: 'server', extensions })
const plain = { status: 200, headers: { connection: 'close' }, body: 'plain http\n' }
const nothing = new Uint8Array(0)
const server = createServer((_, response) => response.end('plain http\n'))

server.on('upgrade', (request, socket, head) => {
  socket.on('error', () => socket.destroy())
  request.socket.setTimeout(60_000, () => socket.destroy()) // a minute without a byte
  // Node passes every Upgrade to this event, even one that a server may ignore.
  if (!selectUpgrade(request, ['websocket'])) return void socket.end(formatResponse(plain)).resume()
  const accepted = acceptHandshake(request, handshake)
  socket.write(formatResponse(accepted.response))
  if (!accepted.ok) return void socket.end().resume()

  const connection = new Connection(options, accepted)
  /** @param {readonly import('websocket-primitives').ConnectionEvent[]} events */
  const handle = (events) => {
    for (const event of events) if (event.type === 'text' || event.type === 'binary') connection.send(event)
    const output = connection.takeOutput()
    if (output && !socket.write(output)) socket.pause()
    if (connection.transport !== 'keep') socket.end()
  }
  const receive = (/** @type {Uint8Array} */ chunk) => {
    handle(connection.receive(chunk))
    while (connection.hasPending && !socket.writableNeedDrain) handle(connection.receive(nothing)) // the rest of a large chunk
    if (!socket.writableNeedDrain) socket.resume()
  }
  receive(head)
  socket.on('data', receive)
  socket.on('drain', () => receive(nothing))
  socket.on('end', () => handle(connection.receiveEnd()))
})

server.listen(Number(process.argv[2] ?? 8080), '127.0.0.1', () => console.log('listening on', server.address()))
