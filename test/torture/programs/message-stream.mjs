// Echoes with a pipeline of messages.
import { createServer } from 'node:http'
import { Duplex, pipeline } from 'node:stream'
import { acceptUpgrade, Endpoint, messageStream } from 'websocket-primitives/node'

const endpoint = new Endpoint({
  keepalive: { interval: 5_000, timeout: 5_000 },
  open(peer) {
    const messages = messageStream(peer, { Duplex })
    pipeline(messages, messages, () => {}) // the peer may end in any way
  },
})
createServer((_, response) => response.end('plain http\n'))
  .on('upgrade', (request, socket, head) => acceptUpgrade(endpoint, request, socket, head))
  .listen(0)
