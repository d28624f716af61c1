// Checks the handshake in Bun.serve, which writes the 101 and the frames itself.
//   bun run examples/upgrade-bun-serve.mjs [port]
import { acceptHandshake, handshakeOptions, selectUpgrade } from 'websocket-primitives'

const options = handshakeOptions({
  hosts: ['localhost', '127.0.0.1'], // DNS rebinding: a page can point its own name at this address
  subprotocols: ['chat.v2', 'chat.v1'],
})
const server = Bun.serve({
  hostname: '127.0.0.1',
  port: Number(process.argv[2] ?? 8085),

  fetch(request, server) {
    if (!selectUpgrade(request, ['websocket'])) return new Response('plain http\n')
    const accepted = acceptHandshake(request, options)
    if (!accepted.ok) return new Response(accepted.response.body, accepted.response)
    if (server.upgrade(request, { headers: accepted.agreedHeaders })) return undefined
    return new Response('Bun could not upgrade this request\n', { status: 500 })
  },
  websocket: { message: (socket, data) => void socket.send(data) },
})
console.log('listening on', { port: server.port })
