// A client over HTTP/2: sends a text, prints the answer, and closes.   node examples/client-node-http2.mjs [url]
import { once } from 'node:events'
import { connect } from 'node:http2'
import { offerHandshake, toHttp2Headers } from 'websocket-primitives'
import { connectHttp2Stream, Endpoint } from 'websocket-primitives/node'

const endpoint = new Endpoint({
  open: (peer) => peer.send('hello'),
  message(peer, data) {
    console.log('received', data)
    peer.close(1000)
  },
  close: (_, { code, reason }) => console.log('closed', code, reason),
  gone: () => session.close(),
})
const offer = offerHandshake(process.argv[2] ?? 'wss://localhost:8443/', { httpVersion: '2' })
const session = connect(`${offer.request.scheme}://${offer.request.authority}`)
const timer = setTimeout(() => session.destroy(), 10_000) // for TCP, TLS and the settings
session.on('error', () => {}) // 'close' follows
const ended = once(session, 'close').then(() => {
  throw new Error('the server did not answer')
})
try {
  // A client must not use extended CONNECT before the server has announced it.
  const [settings] = await Promise.race([once(session, 'remoteSettings'), ended])
  if (!settings.enableConnectProtocol) throw new Error('the server does not support WebSocket over HTTP/2')
  await connectHttp2Stream(endpoint, session.request(toHttp2Headers(offer.request)), offer)
} catch (error) {
  console.log(String(error))
  process.exitCode = 1
  session.destroy()
} finally {
  clearTimeout(timer)
}
