// A client over HTTP/2 on node:http2; call `flush` after sends.   const { connection, flush } = await openWebSocket('wss://localhost:8443/', console.log)
import { once } from 'node:events'
import { connect } from 'node:http2'
import * as ws from 'websocket-primitives'

/** @typedef {(event: ws.ConnectionEvent) => void} OnEvent */
/** @param {string} url @param {OnEvent} onEvent @param {import('node:http2').SecureClientSessionOptions} [tls] */
export async function openWebSocket(url, onEvent, tls) {
  const offer = ws.offerHandshake(url, { httpVersion: '2' })
  const session = connect(`${offer.request.scheme}://${offer.request.authority}`, tls)
  session.on('error', () => session.destroy())
  // A client must not use extended CONNECT before the server has announced it.
  const [settings] = await Promise.race([once(session, 'remoteSettings'), once(session, 'close')])
  if (!settings?.enableConnectProtocol)
    throw session.destroy() ?? new Error('the server speaks no WebSocket over HTTP/2')

  const stream = session.request(ws.toHttp2Headers(offer.request))
  stream.on('error', () => stream.destroy()).on('close', () => session.close())
  const [headers] = await Promise.race([once(stream, 'response'), once(stream, 'close')])
  if (!headers) throw new Error('the server hung up before it answered')
  const verified = ws.verifyHandshake(headers, offer)
  if (!verified.ok) throw session.destroy() ?? verified.errors[0]

  const connection = new ws.Connection({ role: 'client', agreement: verified })
  const flush = () => {
    const output = connection.takeOutput()
    if (output) stream.write(output)
    if (connection.transport !== 'keep') stream.end()
  }
  const handle = (/** @type {readonly ws.ConnectionEvent[]} */ events) => {
    for (const event of events) onEvent(event)
    flush()
  }
  stream.on('data', (/** @type {Uint8Array} */ chunk) => {
    handle(connection.receive(chunk))
    while (connection.hasPending) handle(connection.receive(new Uint8Array(0))) // the rest of a large chunk
  })
  stream.on('end', () => handle(connection.receiveEnd()))
  stream.on('close', () => handle(connection.receiveEnd()))
  return { connection, flush }
}
