// An echo server on Bun.listen.   bun run examples/echo-bun-listen.mjs [port]
import { acceptSocket, Endpoint, socketHandlers } from 'websocket-primitives/bun'

const endpoint = new Endpoint({
  handshake: { hosts: ['localhost', '127.0.0.1'] }, // DNS rebinding: a page can point its own name at this address
  message: (peer, data) => peer.send(data),
})
const server = Bun.listen({
  hostname: '127.0.0.1',
  port: Number(process.argv[2] ?? 8083),
  allowHalfOpen: true, // otherwise Bun drops data queued for a client that has ended its side
  socket: socketHandlers((stream) => acceptSocket(endpoint, stream)),
})
console.log('listening on', { port: server.port })
