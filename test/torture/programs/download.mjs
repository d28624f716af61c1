// Sends 40 MB to each peer, in binary messages of 64 KB, as fast as the peer takes them. /short: pings silent peers after 500 ms.
import { createServer } from 'node:http'
import { acceptUpgrade, drained, Endpoint } from 'websocket-primitives/node'

const block = new Uint8Array(64_000)
async function open(peer) {
  for (let i = 0; i < 625 && peer.closed === undefined; i++) {
    peer.send(block.fill(i))
    await drained(peer)
  }
}
const patient = new Endpoint({ open })
const impatient = new Endpoint({ open, keepalive: { interval: 500, timeout: 500 } })
createServer()
  .on('upgrade', (request, socket, head) => {
    acceptUpgrade(request.url === '/short' ? impatient : patient, request, socket, head)
  })
  .listen(0)
