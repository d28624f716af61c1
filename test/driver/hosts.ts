/**
 * Node servers for the tests of the adapter: on loopback, on a free port, closed after the test.
 *
 * @module
 */

import { once } from 'node:events'
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { generate } from 'selfsigned'
import { onTestFinished } from 'vitest'
import { type AnyEndpoint, acceptSocket, acceptUpgrade } from '../../src/adapters/node/index.ts'

/** Listens, and closes after the test. Returns the port. */
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

/** A certificate for localhost, as options of a server. */
async function certificate(): Promise<{ key: string; cert: string }> {
  const { private: key, cert } = await generate(undefined, { keyType: 'ec', algorithm: 'sha256' })
  return { key, cert }
}

/** `node:https` with an endpoint on its `upgrade` event. */
export async function listenHttps(endpoint: AnyEndpoint): Promise<number> {
  return listenHttp(endpoint, createHttpsServer(await certificate()) as unknown as HttpServer)
}

/** `node:tls` with an endpoint on its bare sockets. */
export async function listenTls(endpoint: AnyEndpoint): Promise<number> {
  return listen(createTlsServer(await certificate(), (socket) => acceptSocket(endpoint, socket)))
}
