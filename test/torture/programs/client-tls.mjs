// A client over TLS, with compression: sends a text, closes after the answer, and prints only the message of a failure.
import { connect } from 'node:tls'
import { offerHandshake, permessageDeflate } from 'websocket-primitives'
import { zlib } from 'websocket-primitives/codec/zlib'
import { connectSocket, Endpoint } from 'websocket-primitives/node'

const extensions = [permessageDeflate({ codec: zlib })]
const endpoint = new Endpoint({ extensions, message: (peer) => peer.close(1000) })
const offer = offerHandshake('wss://localhost:8443/', { extensions })
const socket = connect({ host: offer.hostname, port: offer.port, servername: offer.serverName })
try {
  const peer = await connectSocket(endpoint, socket, offer)
  peer.send('hello')
} catch (error) {
  console.log(error.message)
  process.exitCode = 1
}
