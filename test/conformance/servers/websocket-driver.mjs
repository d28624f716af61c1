/** Echoes by websocket-driver, on node:http as its README shows it. */
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
  // Its README writes this first, and then a frame right behind the request ends the process.
  peer.io.write(head)
})
server.listen(0, '127.0.0.1', () => console.log('listening on', server.address()))
