/** This package's clients, with compression: on node:net, and over WHATWG streams. The second argument chooses one. */
import { connect } from 'node:net'
import { Duplex } from 'node:stream'
import { offerHandshake, permessageDeflate } from 'websocket-primitives'
import { zlib } from 'websocket-primitives/codec/zlib'
import { connectSocket, Endpoint } from 'websocket-primitives/node'
import { runCases } from './harness.mjs'
import { converse } from './streams.mjs'

const [url, way] = process.argv.slice(2)
const extensions = [permessageDeflate({ codec: zlib })]

/** The handlers find their visit in `data`. */
const endpoint = new Endpoint({
  message(peer, data) {
    const reply = peer.data.answer(data)
    if (reply !== undefined) peer.send(reply)
  },
  gone: (peer) => peer.data.resolve(),
})

const visits = {
  net: (url, answer) =>
    new Promise((resolve) => {
      const offer = offerHandshake(url, { extensions, subprotocols: ['chat'] })
      const socket = connect(offer.port, offer.hostname)
      connectSocket(endpoint, socket, offer, { data: { answer, resolve } }).catch(resolve)
    }),
  streams(url, answer) {
    const offer = offerHandshake(url, { extensions, subprotocols: ['chat'] })
    const socket = connect(offer.port, offer.hostname)
    socket.on('error', () => {})
    return converse(Duplex.toWeb(socket), offer, answer)
  },
}

await runCases(visits[way], url, `websocket-primitives-${way}`)
