/** This package's client on Bun's sockets. */
import { offerHandshake, permessageDeflate } from 'websocket-primitives'
import { connectSocket, Endpoint, socketHandlers } from 'websocket-primitives/bun'
import { zlib } from 'websocket-primitives/codec/zlib'
import { runCases } from './harness.mjs'

const extensions = [permessageDeflate({ codec: zlib })]

/** The handlers find their visit in `data`. */
const endpoint = new Endpoint({
  message(peer, data) {
    const reply = peer.data.answer(data)
    if (reply !== undefined) peer.send(reply)
  },
  gone: (peer) => peer.data.resolve(),
})

async function visit(url, answer) {
  const offer = offerHandshake(url, { extensions, subprotocols: ['chat'] })
  const { hostname, port } = offer
  const { data: stream } = await Bun.connect({ hostname, port, allowHalfOpen: true, socket: socketHandlers() })
  await new Promise((resolve) => {
    connectSocket(endpoint, stream, offer, { data: { answer, resolve } }).catch(resolve)
  })
}

await runCases(visit, process.argv[2], 'websocket-primitives-bun')
