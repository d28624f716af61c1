// Echo on bare node:tls, by promises: each message waits until the stream has taken the one before.
import { createServer } from 'node:tls'
import { generate } from 'selfsigned'
import { acceptSocket, Endpoint, sent } from 'websocket-primitives/node'

const endpoint = new Endpoint({
  plain: () => ({ status: 200, body: 'plain http\n' }),
  data: () => ({ last: Promise.resolve() }),
  message(peer, data) {
    peer.data.last = peer.data.last.then(() => sent(peer, data)).catch(() => {}) // the WebSocket has ended
    if (peer.full) peer.pause()
  },
  drain: (peer) => peer.resume(),
})
const { private: key, cert } = await generate(undefined, { keyType: 'ec', algorithm: 'sha256' })
createServer({ key, cert, allowHalfOpen: true, handshakeTimeout: 10_000 }, (socket) =>
  acceptSocket(endpoint, socket),
).listen(0)
