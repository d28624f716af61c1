// Echoes on bare node:tls, with promises: a peer that has more than one message in flight is not read until they are sent.
import { createServer } from 'node:tls'
import { generate } from 'selfsigned'
import { acceptSocket, Endpoint, sent } from 'websocket-primitives/node'

const endpoint = new Endpoint({
  keepalive: { interval: 5_000, timeout: 5_000 },
  plain: () => ({ status: 200, body: 'plain http\n' }),
  async message(peer, data) {
    peer.pause()
    await sent(peer, data).catch(() => {}) // the WebSocket has ended
    peer.resume()
  },
})
const { private: key, cert } = await generate(undefined, { keyType: 'ec', algorithm: 'sha256' })
const options = { key, cert, allowHalfOpen: true, handshakeTimeout: 10_000 }
createServer(options, (socket) => acceptSocket(endpoint, socket))
  .on('tlsClientError', (_, socket) => socket.destroy()) // node:tls leaves it to the program
  .listen(0)
