// Chat rooms, one for each path: a message goes to all other peers of the room. Shuts down cleanly on SIGTERM.
//   node examples/rooms-node-http.mjs [port] [skip|close]   What to do with a peer that reads too slowly.
import { createServer } from 'node:http'
import { prepareBinary, prepareText, publicServerLimits } from 'websocket-primitives'
import { acceptUpgrade, Endpoint } from 'websocket-primitives/node'

const [port = 8080, slow = 'skip'] = process.argv.slice(2)
/** @type {Map<string, Set<import('websocket-primitives/node').Peer<string>>>} */
const rooms = new Map()
const endpoint = new Endpoint({
  handshake: { hosts: ['localhost', '127.0.0.1'] }, // DNS rebinding: a page can point its own name at this address
  limits: publicServerLimits,
  keepalive: { interval: 30_000, timeout: 30_000 }, // the default
  maxPeers: 10_000,
  data: (request) => request?.path ?? '/', // the room's name
  open(peer) {
    const room = rooms.get(peer.data) ?? new Set()
    rooms.set(peer.data, room.add(peer))
  },
  message(from, data) {
    const message = typeof data === 'string' ? prepareText(data) : prepareBinary(data) // encoded once for all
    for (const peer of rooms.get(from.data) ?? []) {
      if (peer === from) continue
      if (peer.writable) peer.send(message)
      else if (slow === 'close') peer.close(1013, 'too slow') // 'skip': it misses this message
    }
  },
  close(peer) {
    const room = rooms.get(peer.data)
    if (room?.delete(peer) && room.size === 0) rooms.delete(peer.data)
  },
})
const server = createServer((_, response) => response.end('plain http\n'))
server.on('upgrade', (request, socket, head) => acceptUpgrade(endpoint, request, socket, head))
server.listen(Number(port), '127.0.0.1', () => console.log('listening on', server.address()))

process.once('SIGTERM', async () => {
  server.close()
  await endpoint.close({ reason: 'restart', spread: 2_000 }) // 1001, spread out so that clients do not all reconnect at once
  server.closeAllConnections() // plain HTTP requests in progress
})
