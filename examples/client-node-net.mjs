// A client on node:net; call `flush` after sends.   const { connection, flush } = await openWebSocket('ws://localhost:8081/', console.log)
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import * as ws from 'websocket-primitives'

/** @typedef {(event: ws.ConnectionEvent) => void} OnEvent */
/** @param {string} url @param {OnEvent} onEvent @param {Omit<ws.ConnectionOptions, 'role'>} [options] */
export async function openWebSocket(url, onEvent, options) {
  const offer = ws.offerHandshake(url)
  const { hostname: host, port, serverName: servername = '' } = offer
  const socket = offer.secure ? connectTls({ host, port, servername }) : connect({ host, port })
  socket.write(ws.formatRequestHead(offer.request))
  const heads = new ws.ResponseHeadParser()
  const parsed = await new Promise((/** @type {(parsed: ws.ParsedResponse) => void} */ resolve, reject) => {
    socket.on('error', reject).on('close', () => reject(new Error('the server hung up before it answered')))
    socket.on('data', function read(/** @type {Uint8Array} */ chunk) {
      const answer = heads.push(chunk)
      if (!answer) return
      socket.off('data', read).pause()
      resolve(answer)
    })
  })
  const verified = ws.verifyHandshake(parsed, offer)
  if (!verified.ok) throw socket.destroy() && verified.errors[0]

  const connection = new ws.Connection({ role: 'client', agreement: verified, ...options })
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
  receive(parsed.rest) // bytes right after the 101
  socket.on('data', receive)
  socket.on('close', () => handle(connection.receiveEnd())).resume()
  return { connection, flush }
}
