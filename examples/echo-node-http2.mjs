// An echo server on node:http2: WebSockets over HTTP/2 and over HTTP/1.1 on one port, by ALPN, with compression.
//   node examples/echo-node-http2.mjs [port]
import { createSecureServer } from 'node:http2'
import { generate } from 'selfsigned'
import { getHeader, permessageDeflate } from 'websocket-primitives'
import { zlib } from 'websocket-primitives/codec/zlib'
import { acceptHttp2Stream, acceptUpgrade, Endpoint } from 'websocket-primitives/node'

const endpoint = new Endpoint({
  handshake: { hosts: ['localhost', '127.0.0.1'] }, // DNS rebinding: a page can point its own name at this address
  extensions: [permessageDeflate({ codec: zlib })],
  plain: () => ({ status: 200, body: 'plain http\n' }),
  open({ request }) {
    if (!request) return
    const { httpVersion, target, headers } = request
    console.log(`HTTP/${httpVersion}`, target, getHeader(headers, 'sec-websocket-extensions') ?? '')
  },
  message: (peer, data) => peer.send(data),
  close: (_, { code, reason }) => console.log('closed', code, reason),
})
const { private: key, cert } = await generate(undefined, { keyType: 'ec', algorithm: 'sha256' }) // for localhost
const settings = { enableConnectProtocol: true } // tells clients that they may use extended CONNECT
const options = { key, cert, settings, allowHTTP1: true, handshakeTimeout: 10_000 }
const server = createSecureServer(options, (_, response) => response.end('plain http\n'))
server.setTimeout(120_000) // ends an HTTP/2 session that sends no frames
server.on('connect', (request, response) => {
  if (request.httpVersion !== '2.0') return response.destroy() // CONNECT over HTTP/1.1, for which Node passes its socket
  if (!acceptHttp2Stream(endpoint, request.stream, request.headers)) response.writeHead(501).end('no such protocol\n')
})
server.on('upgrade', (request, socket, head) => acceptUpgrade(endpoint, request, socket, head))
server.listen(Number(process.argv[2] ?? 8443), '127.0.0.1', () => console.log('listening on', server.address()))
