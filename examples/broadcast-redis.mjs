// Chat rooms over any number of server processes, joined by Redis: a text goes to every peer in the room of its path.
//   node examples/broadcast-redis.mjs [port] [redis://host:port]
import { createServer } from 'node:http'
import { createClient } from 'redis'
import { prepareText, publicServerLimits } from 'websocket-primitives'
import { acceptUpgrade, Endpoint } from 'websocket-primitives/node'

const [port = 8080, url = 'redis://127.0.0.1:6379'] = process.argv.slice(2)
const reconnectStrategy = (/** @type {number} */ retries) => Math.min(50 * 2 ** retries, 2_000)
// Commands fail at once while Redis is away. A Redis that does not answer for 3 s counts as away.
const options = {
  url,
  disableOfflineQueue: true,
  pingInterval: 1_000,
  socket: { socketTimeout: 3_000, reconnectStrategy },
}
const [publisher, subscriber] = [createClient(options), createClient(options)]
for (const [name, client] of Object.entries({ publisher, subscriber })) {
  let away = false
  client.on('ready', () => {
    away = false
    console.log(`redis: ${name} ready`)
  })
  client.on('error', ({ message, code }) => {
    if (!away) console.log(`redis: ${name} lost: ${message || code}`)
    away = true
  })
  client.connect().catch(() => {}) // it retries until it is destroyed
}

/** The peers of this process, by room. @type {Map<string, Set<import('websocket-primitives/node').Peer<string>>>} */
const rooms = new Map()
/** Subscribes only to rooms that have peers in this process. @param {string} name */
const follow = (name) =>
  subscriber.isReady && subscriber[rooms.has(name) ? 'subscribe' : 'unsubscribe'](name, deliver).catch(() => {})
subscriber.on('ready', () => rooms.forEach((_, name) => void follow(name))) // rooms joined while Redis was away

/** @param {string} text @param {string} name */
function deliver(text, name) {
  const message = prepareText(text) // encoded once for all peers of this process
  for (const peer of rooms.get(name) ?? []) {
    if (peer.writable) peer.send(message)
    else peer.close(1013, 'too slow') // so that the client knows that it missed something
  }
}

const endpoint = new Endpoint({
  handshake: { hosts: ['localhost', '127.0.0.1'] }, // DNS rebinding: a page can point its own name at this address
  limits: publicServerLimits,
  highWaterMark: 1_048_576, // more than a burst of messages
  data: (request) => `room:${request?.path}`,
  open(peer) {
    const room = rooms.get(peer.data) ?? new Set()
    rooms.set(peer.data, room.add(peer))
    if (room.size === 1) follow(peer.data)
  },
  async message(from, text) {
    if (typeof text !== 'string') return void from.close(1003, 'text only')
    from.pause() // until Redis has the text, so that little waits in memory
    await publisher.publish(from.data, text).catch(() => from.send('(perhaps not delivered: Redis is away)'))
    from.resume()
  },
  close(peer) {
    const room = rooms.get(peer.data)
    if (room?.delete(peer) && room.size === 0 && rooms.delete(peer.data)) follow(peer.data)
  },
})
const server = createServer((_, response) => response.end('plain http\n'))
server.on('upgrade', (request, socket, head) => acceptUpgrade(endpoint, request, socket, head))
server.listen(Number(port), '127.0.0.1', () => console.log('listening on', server.address()))

process.once('SIGTERM', async () => {
  server.close()
  await endpoint.close({ reason: 'restart', spread: 2_000 }) // 1001, spread out so that clients do not all reconnect at once
  server.closeAllConnections()
  for (const client of [publisher, subscriber]) client.destroy()
})
