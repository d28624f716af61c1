// A client on Bun.connect: sends a text, prints the answer, and closes.   bun run examples/client-bun-connect.mjs [url]
import { offerHandshake } from 'websocket-primitives'
import { connectSocket, Endpoint, socketHandlers } from 'websocket-primitives/bun'

const endpoint = new Endpoint({
  open: (peer) => peer.send('hello'),
  message(peer, data) {
    console.log(data)
    peer.close(1000)
  },
  close: (_, { code }) => console.log('closed with', code),
})
const offer = offerHandshake(process.argv[2] ?? 'ws://127.0.0.1:8083/')
const { hostname, port, secure: tls } = offer
try {
  const { data: stream } = await Bun.connect({ hostname, port, tls, allowHalfOpen: true, socket: socketHandlers() })
  await connectSocket(endpoint, stream, offer)
} catch (error) {
  console.error('failed:', error)
  process.exitCode = 1
}
