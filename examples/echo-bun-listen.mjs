// An echo server on Bun.listen.   bun run examples/echo-bun-listen.mjs [port]
import { acceptSocket, Endpoint, socketHandlers } from 'websocket-primitives/bun'

const endpoint = new Endpoint({
  handshake: { hosts: ['localhost', '127.0.0.1'] }, // a page can give its own name this address (DNS rebinding)
  message: (peer, data) => peer.send(data),
})
const server = Bun.listen({
  hostname: '127.0.0.1',
  port: Number(process.argv[2] ?? 8083),
  allowHalfOpen: true, // or Bun drops what waits for a client that has ended its direction
  socket: socketHandlers((stream) => acceptSocket(endpoint, stream)),
})
console.log('listening on', { port: server.port })
