// Chat rooms on Deno.listen, one for each path: a message goes to all other peers of the room. Shuts down cleanly on SIGTERM.
//   deno run --allow-net examples/rooms-deno-listen.mjs [port]
import { prepareBinary, prepareText, publicServerLimits } from 'websocket-primitives'
import { acceptSocket, Endpoint, toDuplex } from 'websocket-primitives/streams'

/** @type {Map<string, Set<import('websocket-primitives/streams').Peer<string>>>} */
const rooms = new Map()
const endpoint = new Endpoint({
  handshake: { hosts: ['localhost', '127.0.0.1'] }, // DNS rebinding: a page can point its own name at this address
  limits: publicServerLimits,
  maxPeers: 10_000,
  data: (request) => request?.path ?? '/', // the room's name
  open(peer) {
    const room = rooms.get(peer.data) ?? new Set()
    rooms.set(peer.data, room.add(peer))
  },
  message(from, data) {
    const message = typeof data === 'string' ? prepareText(data) : prepareBinary(data) // encoded once for all
    for (const peer of rooms.get(from.data) ?? []) if (peer !== from && peer.writable) peer.send(message) // a slow reader misses it
  },
  close(peer) {
    const room = rooms.get(peer.data)
    if (room?.delete(peer) && room.size === 0) rooms.delete(peer.data)
  },
})

let stopped = false
const listener = Deno.listen({ hostname: '127.0.0.1', port: Number(Deno.args[0] ?? 8080) })
console.log('listening on', listener.addr)
Deno.addSignalListener('SIGTERM', async () => {
  stopped = true
  listener.close()
  await endpoint.close({ reason: 'restart', spread: 2_000 }) // 1001, spread out so that clients do not all reconnect at once
  Deno.exit()
})
while (!stopped) {
  try {
    acceptSocket(endpoint, toDuplex(await listener.accept(), { ownsChunks: true }))
  } catch (error) {
    // The client left before it was accepted, or a temporary failure such as too many open files.
    if (!(error instanceof Deno.errors.NotConnected)) await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
