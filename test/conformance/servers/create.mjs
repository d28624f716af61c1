/** Echo servers of this package, with compression and a subprotocol. */
import { createServer } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import { createServer as createTcpServer } from 'node:net'
import { Duplex } from 'node:stream'
import { permessageDeflate } from 'websocket-primitives'
import { zlib } from 'websocket-primitives/codec/zlib'
import { acceptHttp2Stream, acceptSocket, acceptUpgrade, Endpoint } from 'websocket-primitives/node'
import { acceptStream } from 'websocket-primitives/streams'

const subprotocols = ['chat']
const extensions = [permessageDeflate({ codec: zlib })]
const endpoint = new Endpoint({
  handshake: { subprotocols },
  extensions,
  message: (peer, data) => peer.send(data),
})
const plain = (_, response) => response.writeHead(426).end()

export const create = {
  http: () =>
    createServer(plain).on('upgrade', (request, socket, head) => acceptUpgrade(endpoint, request, socket, head)),
  http2: () =>
    createHttp2Server({ settings: { enableConnectProtocol: true } }, plain).on('connect', (request, response) => {
      if (!acceptHttp2Stream(endpoint, request.stream, request.headers)) response.writeHead(501).end()
    }),
  net: () => createTcpServer({ noDelay: true }, (socket) => acceptSocket(endpoint, socket)),
  streams: () =>
    createTcpServer({ noDelay: true }, async (socket) => {
      socket.on('error', () => {})
      const accepted = await acceptStream(Duplex.toWeb(socket), { subprotocols, extensions })
      if (accepted.ok) await accepted.readable.pipeTo(accepted.writable).catch(() => {})
    }),
}
