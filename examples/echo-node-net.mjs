// An echo server on bare node:net, which also answers plain HTTP.   node examples/echo-node-net.mjs [port]
import { createServer } from 'node:net'
import { acceptSocket, Endpoint } from 'websocket-primitives/node'

const endpoint = new Endpoint({
  handshake: { hosts: ['localhost', '127.0.0.1'] }, // DNS rebinding: a page can point its own name at this address
  plain: () => ({ status: 200, body: 'plain http\n' }),
  message: (peer, data) => peer.send(data),
})
const server = createServer((socket) => acceptSocket(endpoint, socket))
server.listen(Number(process.argv[2] ?? 8081), '127.0.0.1', () => console.log('listening on', server.address()))
