// Echoes over its own connection: the program does the handshake, the adapter everything after it.
import { createServer } from 'node:http'
import { acceptHandshake, Connection, connectionOptions, formatResponse } from 'websocket-primitives'
import { drive, Endpoint, refuse } from 'websocket-primitives/node'

const endpoint = new Endpoint({ message: (peer, data) => peer.send(data) })
const options = connectionOptions({ role: 'server', keepalive: { interval: 30_000, timeout: 30_000 } })
createServer((_, response) => response.end('plain http\n'))
  .on('upgrade', (request, socket, head) => {
    const accepted = acceptHandshake(request)
    if (!accepted.ok) return refuse(endpoint, socket, accepted.response)
    socket.write(formatResponse(accepted.response))
    drive(endpoint, socket, new Connection(options, accepted), { rest: head })
  })
  .listen(0)
