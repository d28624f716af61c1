// A client through an HTTP proxy, by CONNECT; call `flush` after sends.   const { connection, flush } = await openWebSocket('wss://example.com/', console.log, 'http://name:password@localhost:3128')
import { connect, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import * as ws from 'websocket-primitives'

/** @typedef {import('node:net').Socket} Socket */

/** Writes a request and waits for the head of the response. @param {Socket} socket @param {ws.RequestHead} request */
function ask(socket, request) {
  const heads = new ws.ResponseHeadParser()
  socket.write(ws.formatRequestHead(request))
  return new Promise((/** @type {(parsed: ws.ParsedResponse) => void} */ resolve, reject) => {
    socket.on('error', reject).on('close', () => reject(new Error('the connection ended without an answer')))
    socket.on('data', read).resume()
    function read(/** @type {Uint8Array} */ chunk) {
      const answer = heads.push(chunk)
      if (!answer) return
      socket.off('data', read).pause()
      resolve(answer)
    }
  })
}

/** A socket connected through the proxy. @param {string} proxy @param {string} hostname @param {number} port */
export async function openTunnel(proxy, hostname, port) {
  const url = new URL(proxy)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const socket =
    url.protocol === 'https:'
      ? connectTls({ host, servername: isIP(host) ? '' : host, port: Number(url.port || 443) })
      : connect({ host, port: Number(url.port || 80) })
  const [username, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)]
  const credentials = username === '' ? undefined : { username, password }
  const answer = await ask(socket, ws.offerTunnel(hostname, port, { credentials }))
  const outcome = ws.verifyTunnel(answer) // send nothing into the tunnel before the 2xx
  if (!outcome.ok) throw socket.destroy() && outcome.errors[0]
  socket.unshift(answer.rest) // the target may have sent data already
  return socket
}

/** @typedef {(event: ws.ConnectionEvent) => void} OnEvent */
/** @param {string} url @param {OnEvent} onEvent @param {string | undefined} [proxy] @param {import('node:tls').ConnectionOptions} [tls] */
export async function openWebSocket(url, onEvent, proxy = process.env.https_proxy, tls = {}) {
  const offer = ws.offerHandshake(url)
  const { hostname, port, secure, serverName: servername = '' } = offer
  const tunnel = proxy ? await openTunnel(proxy, hostname, port) : connect(port, hostname)
  const socket = secure ? connectTls({ host: hostname, servername, ...tls, socket: tunnel }) : tunnel
  const parsed = await ask(socket, offer.request)
  const verified = ws.verifyHandshake(parsed, offer)
  if (!verified.ok) throw socket.destroy() && verified.errors[0]

  const connection = new ws.Connection({ role: 'client', agreement: verified })
  const flush = () => {
    const output = connection.takeOutput()
    if (output) socket.write(output)
    if (connection.transport !== 'keep') socket.end()
  }
  const handle = (/** @type {readonly ws.ConnectionEvent[]} */ events) => {
    for (const event of events) onEvent(event)
    flush()
  }
  const receive = (/** @type {Uint8Array} */ chunk) => {
    handle(connection.receive(chunk))
    while (connection.hasPending) handle(connection.receive(new Uint8Array(0))) // the rest of a large chunk
  }
  receive(parsed.rest)
  socket.on('data', receive)
  socket.on('close', () => handle(connection.receiveEnd())).resume()
  return { connection, flush }
}
