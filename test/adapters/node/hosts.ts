/**
 * Servers of Node's for the tests of the adapter: on loopback, on a free port, closed behind the test.
 *
 * @module
 */

import { once } from 'node:events'
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { type AnyEndpoint, acceptSocket, acceptUpgrade } from '../../../src/adapters/node/index.ts'

/** Listens, and closes behind the test. Returns the port. */
export async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.close()
    for (const socket of sockets) socket.destroy()
    if (server.listening) await once(server, 'close')
  })
  return (server.address() as AddressInfo).port
}

/** `node:http` with an endpoint on its `upgrade` event. */
export async function listenHttp(endpoint: AnyEndpoint, server: HttpServer = createHttpServer()): Promise<number> {
  server.on('upgrade', (request, socket, head) => acceptUpgrade(endpoint, request, socket, head))
  return listen(server)
}

/** `node:net` with an endpoint on its bare sockets. */
export async function listenNet(endpoint: AnyEndpoint): Promise<number> {
  return listen(createServer((socket) => acceptSocket(endpoint, socket)))
}
