// Echoes for very many peers.
import { createServer } from 'node:net'
import { acceptSocket, Endpoint } from 'websocket-primitives/node'

const endpoint = new Endpoint({ maxHandshakes: 20_000, message: (peer, data) => peer.send(data) })
createServer({ allowHalfOpen: true, backlog: 4096 }, (socket) => acceptSocket(endpoint, socket)).listen(0)
