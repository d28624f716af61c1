/** Echoes with websocket-driver, on node:http as in its README. */
import { createServer } from 'node:http'
import driver from 'websocket-driver'

const server = createServer((_, response) => response.writeHead(426).end())
server.on('upgrade', (request, socket, head) => {
  socket.on('error', () => {})
  if (!driver.isWebSocket(request)) return socket.end('HTTP/1.1 426 Upgrade Required\r\nConnection: close\r\n\r\n')
  const peer = driver.http(request, { protocols: ['chat'] })
  socket.pipe(peer.io).pipe(socket)
  peer.messages.on('data', (data) => (typeof data === 'string' ? peer.text(data) : peer.binary(data)))
  peer.on('error', () => {})
  peer.on('close', () => socket.end())
  peer.start()
  // Its README writes the head before it starts, but then a frame right after the request ends the process.
  peer.io.write(head)
})
server.listen(0, '127.0.0.1', () => console.log('listening on', server.address()))
