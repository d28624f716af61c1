// A WebSocket reverse proxy: checks both sides, relays messages in pieces and close codes, and pings each side.
//   node examples/reverse-proxy.mjs [port] [ws://host:port]
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import * as ws from 'websocket-primitives'
import { forwardableHeaders, splitTarget } from 'websocket-primitives/http'
import { acceptUpgrade, connectSocket, Endpoint, HandshakeError } from 'websocket-primitives/node'

/** @typedef {import('websocket-primitives/node').Peer<Pair, 'bytes', true>} Peer */
/** @typedef {{ up?: Peer | undefined, down?: Peer | undefined }} Pair The two peers of a WebSocket: the backend, and the client. */
const [port = 8090, backend = 'ws://127.0.0.1:8081'] = process.argv.slice(2)
const name = `proxy-${randomUUID()}` // in `Via`: a request that already has it is in a loop
// The backend decides which pages may connect: it gets `Host` and `Origin`. `hosts` is against DNS rebinding.
const handshake = ws.handshakeOptions({ hosts: ['localhost', '127.0.0.1'], origins: 'any' })

/** Texts stay bytes and messages are forwarded in pieces, so the proxy collects nothing and lets the backend limit their size. */
const relay = /** @type {const} */ ({ text: 'bytes', pieces: true, limits: { maxMessageSize: 2 ** 30 } })
/** @satisfies {import('websocket-primitives/node').EndpointOptions<Pair, 'bytes', true>} */
const both = {
  ...relay,
  autoClose: false, // answer a Close after the other side has answered it, so that messages in flight still arrive
  closeTimeout: 20_000, // for these messages, which a slow client is still reading
  data: () => /** @type {Pair} */ ({}),
  event(/** @type {Peer} */ peer, /** @type {ws.ConnectionEvent<'bytes', true>} */ event) {
    const to = other(peer)
    if (event.type === 'text' || event.type === 'binary') to?.send(event)
    // If this side was lost or broke the protocol, the backend gets 1001 (going away) and the client 1014 (bad gateway).
    if (event.type === 'close') to?.close(ws.relayCloseCode(event, to === peer.data.up ? 1001 : 1014), event.reason)
    if (to?.full) peer.pause() // a slow reader slows the writer down
    if (to && to.bufferedAmount > 2 ** 24) peer.terminate() // a peer that is closing is read even while it is paused
  },
  drain: (/** @type {Peer} */ peer) => other(peer)?.resume(),
  close: (/** @type {Peer} */ peer) => other(peer)?.resume(),
}
const other = (/** @type {Peer} */ peer) => (peer === peer.data.up ? peer.data.down : peer.data.up)
const upstream = new Endpoint({ ...both, headTimeout: 5_000 }) // shorter than the client's 10 s, so that the answer is a 504
const downstream = new Endpoint({
  ...both,
  handshake,
  plain: () => ({ status: 200, body: 'plain http\n' }),
  async request(pending) {
    const { request, signal } = pending // `signal` aborts if the client leaves or the time is over
    const asked = ws.acceptHandshake(request, handshake) // the backend gets only valid requests
    if (!asked.ok) return pending.refuse(asked.response)
    if (ws.getHeaders(request.headers, 'via').join().includes(name)) return pending.refuse(ws.refuseUpgrade(508))
    const headers = forwardableHeaders(request)
    const { remoteAddress = 'unknown' } = /** @type {import('node:net').Socket} */ (pending.stream)
    // The host of a target in absolute form replaces `Host` (RFC 9112 §3.2.2).
    const [, host = ws.getHeader(request.headers, 'host') ?? ''] = /^\w+:\/\/([^/?#]*)/.exec(request.target) ?? []
    const target = splitTarget(request.target)?.originForm
    // `::ffff:` begins the address of an IPv4 client, if the server listens on `::`.
    headers.push(['Host', host], ['Via', `1.1 ${name}`], ['X-Forwarded-For', remoteAddress.replace(/^::ffff:/, '')])
    const offer = ws.offerHandshake(backend, { target, headers, subprotocols: asked.offeredSubprotocols })
    /** @type {Pair} */
    const data = {}
    try {
      const socket = connect(offer.port, offer.hostname)
      data.up = await connectSocket(upstream, socket, offer, { data, paused: true, signal })
      const { agreement, response } = data.up
      const subprotocols = agreement?.subprotocol === undefined ? [] : [agreement.subprotocol]
      data.down = pending.accept({ data, subprotocols, headers: response && forwardableHeaders(response) })
      if (data.down) data.up.resume()
      else data.up.terminate()
    } catch (error) {
      if (!(error instanceof HandshakeError)) throw error
      const isLate = error.cause instanceof ws.ProtocolError && error.cause.code === 'timeout'
      pending.refuse(error.response ? ws.relayRefusal(error.response) : ws.refuseUpgrade(isLate ? 504 : 502))
    }
  },
})
const server = createServer((_, response) => response.end('plain http\n'))
server.on('upgrade', (request, socket, head) => acceptUpgrade(downstream, request, socket, head))
server.listen(Number(port), '127.0.0.1', () => console.log('listening on', server.address()))
