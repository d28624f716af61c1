// Echoes on node:https, with compression, in frames of at most 1000 bytes, and explains errors.
import { createServer } from 'node:https'
import { generate } from 'selfsigned'
import { permessageDeflate } from 'websocket-primitives'
import { zlib } from 'websocket-primitives/codec/zlib'
import { acceptUpgrade, Endpoint } from 'websocket-primitives/node'

const endpoint = new Endpoint({
  extensions: [permessageDeflate({ codec: zlib })],
  fragmentSize: 1000,
  explainErrors: true,
  message: (peer, data) => peer.send(data),
})
const { private: key, cert } = await generate(undefined, { keyType: 'ec', algorithm: 'sha256' })
createServer({ key, cert, handshakeTimeout: 10_000 }, (_, response) => response.end('plain http\n'))
  .on('upgrade', (request, socket, head) => acceptUpgrade(endpoint, request, socket, head))
  .listen(0)
