// An echo server on the 'upgrade' event of node:http, with compression.   node examples/echo-node-http.mjs [port]
import { createServer } from 'node:http'
import { permessageDeflate } from 'websocket-primitives'
import { zlib } from 'websocket-primitives/codec/zlib'
import { acceptUpgrade, Endpoint } from 'websocket-primitives/node'

const endpoint = new Endpoint({
  handshake: { hosts: ['localhost', '127.0.0.1'] }, // DNS rebinding: a page can point its own name at this address
  extensions: [permessageDeflate({ codec: zlib })],
  plain: () => ({ status: 200, body: 'plain http\n' }), // Node emits 'upgrade' for every Upgrade, including h2c
  message: (peer, data) => peer.send(data),
})
const server = createServer((_, response) => response.end('plain http\n'))
server.on('upgrade', (request, socket, head) => acceptUpgrade(endpoint, request, socket, head))
server.listen(Number(process.argv[2] ?? 8080), '127.0.0.1', () => console.log('listening on', server.address()))
