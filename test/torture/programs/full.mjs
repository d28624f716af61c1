// Allows three peers, and two handshakes at a time.
import { createServer } from 'node:http'
import { acceptUpgrade, Endpoint } from 'websocket-primitives/node'

const endpoint = new Endpoint({
  maxPeers: 3,
  maxHandshakes: 2,
  request: (pending) => {
    if (pending.request.path === '/') pending.accept() // any other never gets an answer
  },
})
createServer()
  .on('upgrade', (request, socket, head) => acceptUpgrade(endpoint, request, socket, head))
  .listen(0)
