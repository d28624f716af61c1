// Asks a slow database about each request, and shuts down cleanly on SIGTERM, with its Closes spread over a second.
import { createServer } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { refuseUpgrade } from 'websocket-primitives'
import { acceptUpgrade, Endpoint } from 'websocket-primitives/node'

const endpoint = new Endpoint({
  async request(pending) {
    await setTimeout(500)
    if (pending.signal.aborted) return
    if (pending.request.path === '/') pending.accept()
    else pending.refuse(refuseUpgrade(404))
  },
  message: (peer, data) => peer.send(data),
})
const server = createServer((_, response) => response.end('plain http\n'))
server.on('upgrade', (request, socket, head) => acceptUpgrade(endpoint, request, socket, head))
server.listen(0)
process.once('SIGTERM', async () => {
  server.close()
  await endpoint.close({ spread: 1000 })
  server.closeAllConnections()
})
