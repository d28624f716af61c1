// A client over ws: and wss: that reconnects until the server closes with 1000.   node examples/client-node-net.mjs [url]
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { offerHandshake } from 'websocket-primitives'
import { connectSocket, Endpoint } from 'websocket-primitives/node'

let delay = 0 // ms before the next attempt; each attempt doubles it
const endpoint = new Endpoint({
  open: (peer) => peer.send('hello'),
  message(_, data) {
    console.log('received', data)
    delay = 500 // only now: a server may accept and close at once
  },
  close: (_, { code, reason }) => (code === 1000 ? console.log('closed') : open(`closed: ${code} ${reason}`)),
})

/** @param {string} why @param {number | string} [after] The server's Retry-After: seconds or a date. */
async function open(why, after = 0) {
  const rest = typeof after === 'number' ? after * 1000 : Date.parse(after) - Date.now() || 0 // NaN if it is not a date
  const wait = Math.min(Math.max(rest, 0), 3_600_000) + delay * (0.5 + Math.random() / 2) // random, so that clients do not all reconnect at once
  console.log(`${why}; asking in ${Math.round(wait / 1000)} s`)
  await sleep(wait)
  delay = Math.min(Math.max(delay * 2, 500), 30_000)
  const offer = offerHandshake(process.argv[2] ?? 'ws://127.0.0.1:8080/')
  const { hostname: host, port, secure, serverName: servername = '' } = offer // TLS does not allow an IP address as a name
  const socket = secure ? connectTls({ host, port, servername }) : connect({ host, port })
  await connectSocket(endpoint, socket, offer).catch(({ message, cause, rejection: said }) => {
    // Retry, unless the server refused for good, is no WebSocket server, or has an untrusted certificate.
    const again = said ? said.kind === 'refused' && /^429|^[5-9]/.test(said.status) : !/CERT|LEAF/.test(cause?.code)
    if (!again) throw new Error(message, { cause })
    void open(message, said?.retryAfter)
  })
}

await open('not connected')
