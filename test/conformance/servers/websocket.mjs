/** Echoes with `websocket` (WebSocket-Node). */
import { createServer } from 'node:http'
import websocket from 'websocket'

const server = createServer((_, response) => response.writeHead(426).end())
const peers = new websocket.server({
  httpServer: server,
  maxReceivedFrameSize: 2 ** 24,
  maxReceivedMessageSize: 2 ** 24,
})
peers.on('request', (request) => {
  const subprotocol = request.requestedProtocols.includes('chat') ? 'chat' : null
  const peer = request.accept(subprotocol, request.origin)
  peer.on('message', (message) => {
    if (message.type === 'utf8') peer.sendUTF(message.utf8Data)
    else peer.sendBytes(message.binaryData)
  })
  peer.on('error', () => {})
})
server.listen(0, '127.0.0.1', () => console.log('listening on', server.address()))
