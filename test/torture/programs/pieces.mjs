// Echoes on node:net in pieces of bytes, as a proxy would pass them on.
import { createServer } from 'node:net'
import { publicServerLimits } from 'websocket-primitives'
import { acceptSocket, Endpoint } from 'websocket-primitives/node'

const endpoint = new Endpoint({
  text: 'bytes',
  pieces: true,
  limits: publicServerLimits,
  plain: () => ({ status: 200, body: 'plain http\n' }),
  event(peer, event) {
    if (event.type === 'text' || event.type === 'binary') peer.send(event)
  },
})
createServer({ allowHalfOpen: true }, (socket) => acceptSocket(endpoint, socket)).listen(0)
