// An echo server on node:http2: WebSockets over HTTP/2 and over HTTP/1.1 on one port, by ALPN, with compression.
//   node examples/echo-node-http2.mjs [port]
import { createSecureServer } from 'node:http2'
import { generate } from 'selfsigned'
import {
  acceptHandshake,
  Connection,
  connectionOptions,
  formatResponse,
  handshakeOptions,
  permessageDeflate,
  selectStreamEnding,
  toHttp2Headers,
} from 'websocket-primitives'
import { zlib } from 'websocket-primitives/codec/zlib'

/** The names of this server: a page can give its own name this address (DNS rebinding). */
const hosts = ['localhost', '127.0.0.1']
const extensions = [permessageDeflate({ codec: zlib })]
const handshake = handshakeOptions({ extensions, hosts })
const options = connectionOptions({ role: 'server', extensions })
const nothing = new Uint8Array(0)
const { private: key, cert } = await generate(undefined, { keyType: 'ec', algorithm: 'sha256' }) // for localhost
const settings = { enableConnectProtocol: true } // tells clients that they may use extended CONNECT
const server = createSecureServer({ key, cert, allowHTTP1: true, settings }, (_, response) =>
  response.end('plain http\n'),
)

server.on('connect', () => {}) // else Node answers every CONNECT with 405
server.on('stream', (stream, headers) => {
  if (headers[':method'] !== 'CONNECT') return // a plain request, answered above
  stream.on('error', () => stream.destroy())
  stream.setTimeout(60_000, () => stream.close(8)) // CANCEL, after a minute without a byte
  const accepted = acceptHandshake(headers, handshake)
  stream.respond(toHttp2Headers(accepted.response))
  if (!accepted.ok) return void stream.end(accepted.response.body)
  console.log('HTTP/2', headers[':path'], headers['sec-websocket-extensions'] ?? '')
  echo(stream, new Connection(options, accepted), (closed) => {
    const { kind, errorCode } = selectStreamEnding(closed)
    stream.end(kind === 'end' ? undefined : () => stream.close(errorCode))
  })
})

server.on('upgrade', (request, socket, head) => {
  socket.on('error', () => socket.destroy())
  request.socket.setTimeout(60_000, () => socket.destroy())
  const accepted = acceptHandshake(request, handshake)
  socket.write(formatResponse(accepted.response))
  if (!accepted.ok) return void socket.end().resume()
  console.log('HTTP/1.1', request.url, request.headers['sec-websocket-extensions'] ?? '')
  socket.unshift(head)
  echo(socket, new Connection(options, accepted), () => socket.end())
})

/** @typedef {import('websocket-primitives').ConnectionClosed} Closed */
/** @param {import('node:stream').Duplex} transport @param {Connection} connection @param {(closed: Closed) => void} end */
function echo(transport, connection, end) {
  const handle = (/** @type {readonly import('websocket-primitives').ConnectionEvent[]} */ events) => {
    for (const event of events) if (event.type === 'text' || event.type === 'binary') connection.send(event)
    const output = connection.takeOutput()
    if (output && !transport.write(output)) transport.pause()
    const closed = events.find((event) => event.type === 'close')
    if (!closed) return
    console.log('closed', closed.code, closed.reason)
    end(closed)
  }
  const receive = (/** @type {Uint8Array} */ chunk) => {
    handle(connection.receive(chunk))
    while (connection.hasPending && !transport.writableNeedDrain) handle(connection.receive(nothing)) // the rest of a large chunk
    if (!transport.writableNeedDrain) transport.resume()
  }
  transport.on('data', receive)
  transport.on('drain', () => receive(nothing))
  transport.on('end', () => handle(connection.receiveEnd()))
  transport.on('close', () => handle(connection.receiveEnd()))
}

server.listen(Number(process.argv[2] ?? 8443), '127.0.0.1', () => console.log('listening on', server.address()))
