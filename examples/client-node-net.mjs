// A client over ws: and wss: that reconnects until the server closes with 1000.   node examples/client-node-net.mjs [url]
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { offerHandshake } from 'websocket-primitives'
import { connectSocket, Endpoint } from 'websocket-primitives/node'

let delay = 500 // ms before the next attempt; each attempt doubles it
const endpoint = new Endpoint({
  open: (peer) => peer.send('hello'),
  message(_, data) {
    console.log('received', data)
    delay = 500 // not before: a server that accepts and closes at once is not asked twice a second
  },
  close: (_, { code, reason }) => (code === 1000 ? console.log('closed') : retry(`closed: ${code} ${reason}`)),
})

async function open() {
  const offer = offerHandshake(process.argv[2] ?? 'ws://127.0.0.1:8080/')
  const { hostname: host, port, secure, serverName: servername = '' } = offer // TLS allows no address as a name
  const socket = secure ? connectTls({ host, port, servername }) : connect({ host, port })
  await connectSocket(endpoint, socket, offer).catch(({ message, rejection }) => {
    if ((rejection?.status ?? 500) >= 500) return retry(message)
    console.log(message) // refused for good
    process.exitCode = 1
  })
}

/** @param {string} reason */
function retry(reason) {
  console.log(reason)
  setTimeout(open, delay * (0.5 + Math.random() / 2)) // so that the clients of a restarted server do not come all at once
  delay = Math.min(delay * 2, 30_000)
}

await open()
