/**
 * This package's client over HTTP/2, with compression: one stream for each case, all on one session. Autobahn has no HTTP/2, so each
 * stream gets the next case until the answer is 410: none is left.
 */
import { once } from 'node:events'
import { connect } from 'node:http2'
import { offerHandshake, permessageDeflate, toHttp2Headers } from 'websocket-primitives'
import { zlib } from 'websocket-primitives/codec/zlib'
import { connectHttp2Stream, Endpoint } from 'websocket-primitives/node'

const [url] = process.argv.slice(2)
const extensions = [permessageDeflate({ codec: zlib })]

/** The handlers find the end of their visit in `data`. */
const endpoint = new Endpoint({
  message: (peer, data) => peer.send(data),
  gone: (peer) => peer.data.resolve(),
})

const session = connect(url.replace(/^ws/, 'http'))
// A client must not use extended CONNECT before the server has announced it.
await once(session, 'remoteSettings')

/** Resolves to the status if the handshake fails. */
function visit() {
  return new Promise((resolve) => {
    const offer = offerHandshake(url, { httpVersion: '2', extensions, subprotocols: ['chat'] })
    const stream = session.request(toHttp2Headers(offer.request), { endStream: false })
    const refused = ({ rejection }) => resolve(rejection?.status)
    connectHttp2Stream(endpoint, stream, offer, { data: { resolve } }).catch(refused)
  })
}

while ((await visit()) !== 410);
session.close()
