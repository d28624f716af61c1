// A client that connects through an HTTP proxy by CONNECT: sends a text, prints the answer, and closes.
//   node examples/client-connect-proxy.mjs [url] [http://name:password@host:port, default: $https_proxy]
import { connect, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import * as ws from 'websocket-primitives'
import { connectSocket, Endpoint } from 'websocket-primitives/node'

const [url = 'ws://127.0.0.1:8080/', proxy = process.env.https_proxy] = process.argv.slice(2)
const TUNNEL_TIMEOUT = 10_000 // ms
const endpoint = new Endpoint({
  open: (peer) => peer.send('hello'),
  message(peer, data) {
    console.log('received', data)
    peer.close(1000)
  },
  close: (_, { code, reason }) => console.log('closed', code, reason),
})

/** A socket to the host, through the proxy. @param {URL} proxy @param {string} hostname @param {number} port */
function openTunnel(proxy, hostname, port) {
  const host = proxy.hostname.replace(/^\[|\]$/g, '')
  const socket =
    proxy.protocol === 'https:'
      ? connectTls({ host, servername: isIP(host) ? '' : host, port: Number(proxy.port || 443) })
      : connect({ host, port: Number(proxy.port || 80) })
  const [username, password] = [decodeURIComponent(proxy.username), decodeURIComponent(proxy.password)]
  const credentials = username === '' ? undefined : { username, password }
  socket.write(ws.formatRequestHead(ws.offerTunnel(hostname, port, { credentials })))
  const heads = new ws.ResponseHeadParser()
  const timer = setTimeout(() => socket.destroy(new Error('the proxy did not answer')), TUNNEL_TIMEOUT)
  socket.on('close', () => clearTimeout(timer))
  return new Promise((/** @type {(socket: import('node:net').Socket) => void} */ resolve, reject) => {
    const end = () => socket.destroy(new Error('the proxy hung up'))
    socket.on('error', reject).on('end', end)
    socket.on('data', function read(/** @type {Uint8Array} */ chunk) {
      const answer = heads.push(chunk)
      if (!answer) return
      const outcome = ws.verifyTunnel(answer) // send nothing into the tunnel before the 2xx
      if (!outcome.ok) return void socket.destroy(outcome.errors[0])
      clearTimeout(timer)
      socket.off('data', read).off('end', end).pause()
      socket.unshift(answer.rest) // bytes that the host has already sent
      resolve(socket)
    })
  })
}

try {
  const offer = ws.offerHandshake(url)
  const { hostname: host, port, secure, serverName: servername = '' } = offer // TLS does not allow an IP address as a name
  const tunnel = proxy ? await openTunnel(new URL(proxy), host, port) : connect({ host, port })
  await connectSocket(endpoint, secure ? connectTls({ host, servername, socket: tunnel }) : tunnel, offer)
} catch (error) {
  console.log(String(error))
  process.exitCode = 1
}
