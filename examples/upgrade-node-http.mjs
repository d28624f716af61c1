// Plain HTTP, WebSocket and two invented protocols on one port of node:http, selected by Upgrade.
//   node examples/upgrade-node-http.mjs [port]
import { createServer, ServerResponse } from 'node:http'
import { pipeline, Transform } from 'node:stream'
import * as ws from 'websocket-primitives'
import { findHostError } from 'websocket-primitives/http'
import { acceptUpgrade, Endpoint, refuse } from 'websocket-primitives/node'

/** @typedef {import('node:http').IncomingMessage} Request */
/** @typedef {import('node:stream').Duplex} Duplex */
const IDLE_TIMEOUT = 60_000 // ms without a byte
const CLOSE_TIMEOUT = 10_000 // ms from the end of our side to the end of the peer's
const endpoint = new Endpoint({
  handshake: { hosts: ['localhost', '127.0.0.1'] }, // DNS rebinding: a page can point its own name at this address
  message: (peer, data) => peer.send(data),
})
/** The first answers in upper case, the second in hexadecimal. @type {{ [protocol: string]: (chunk: Buffer) => string }} */
const own = {
  'shout/1': (chunk) => chunk.toString('latin1').replace(/[a-z]/g, (letter) => letter.toUpperCase()),
  'hex/2': (chunk) => chunk.toString('hex'),
}

const hasBody = (/** @type {Request} */ { headers }) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

/** The requested protocol, if it is supported. Otherwise the request is plain HTTP: a server may ignore `Upgrade`. */
function select(/** @type {Request} */ request) {
  const protocol = ws.selectUpgrade(request, ['websocket', ...Object.keys(own)])
  return protocol === 'websocket' || !hasBody(request) ? protocol : undefined
}

// Newer versions of Node call this. Older ones emit 'upgrade' for every Upgrade, including the h2c of Java's HttpClient and curl.
const options = {
  noDelay: true,
  shouldUpgradeCallback: (/** @type {Request} */ request) => select(request) !== undefined,
}
const server = createServer(options, (request, response) => {
  if (request.url !== '/hex') return void response.end(`${request.method} ${request.url}\n`)
  const { status, headers, body } = ws.upgradeRequired('hex/2', { method: request.method })
  response.writeHead(status, ws.toHeaderRecord(headers)).end(body)
})
server.on('upgrade', (request, socket, head) => {
  const protocol = select(request)
  if (protocol === 'websocket') return acceptUpgrade(endpoint, request, socket, head)
  const error = findHostError(request) // Node does not check it for an upgrade
  const { method } = request // the answer to HEAD has no body
  if (error) return refuse(endpoint, socket, ws.refuseUpgrade(400, { body: `${error.message}\n`, method }))
  if (protocol === undefined) return passBy(request, socket)
  socket.write(ws.formatResponse(ws.switchingProtocols(protocol, [], ws.expectsContinue(request))))
  socket.unshift(head)
  const change = new Transform({ transform: (chunk, _, done) => done(null, own[protocol]?.(chunk)) })
  request.socket.setTimeout(IDLE_TIMEOUT, () => socket.destroy())
  pipeline(socket, change, socket, () => socket.destroy())
})

/** Lets the server's own listener answer. Node has read only the head, so the connection ends after the response. */
function passBy(/** @type {Request} */ request, /** @type {Duplex} */ socket) {
  const { method } = request
  if (hasBody(request))
    return refuse(
      endpoint,
      socket,
      ws.refuseUpgrade(400, { body: 'a request with a body cannot be upgraded\n', method }),
    )
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(request.socket)
  request.socket.setTimeout(IDLE_TIMEOUT, () => socket.destroy())
  socket.on('error', () => socket.destroy()).on('drain', () => response.emit('drain'))
  response.on('finish', () => {
    response.detachSocket(request.socket)
    socket.end().resume()
    setTimeout(() => socket.destroy(), CLOSE_TIMEOUT).unref()
  })
  server.emit('request', request, response)
}

server.listen(Number(process.argv[2] ?? 8082), '127.0.0.1', () => console.log('listening on', server.address()))
