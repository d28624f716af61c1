// A WebSocket reverse proxy: validates both sides, relays message pieces, pings and close codes.   node examples/reverse-proxy.mjs
// [port] [ws://host:port]
import { createServer } from 'node:http'
import { connect } from 'node:net'
import * as ws from 'websocket-primitives'
import { forwardableHeaders, splitTarget } from 'websocket-primitives/http'

const [port = 8090, backend = 'ws://127.0.0.1:8081'] = process.argv.slice(2)
// Texts stay bytes, messages stay pieces: nothing is decoded or collected. A Close is answered once the other side has answered
// it, so that messages that were already sent still arrive.
const relayed = /** @type {const} */ ({ text: 'bytes', pieces: true, autoPong: false, autoClose: false })
const downOptions = ws.connectionOptions({ role: 'server', ...relayed })
const upOptions = ws.connectionOptions({ role: 'client', ...relayed })
const server = createServer((_, response) => response.end('plain http\n'))

server.on('upgrade', (request, client, early) => {
  client.on('error', () => client.destroy())
  const refuse = (/** @type {ws.Answer<string | Uint8Array>} */ answer) =>
    void client.end(ws.formatResponse(answer)).resume()
  const asked = ws.acceptHandshake(request) // nothing unchecked reaches the next hop
  if (!asked.ok) return refuse(asked.response)
  const headers = forwardableHeaders(request)
  headers.push(['X-Forwarded-For', request.socket.remoteAddress ?? 'unknown'])
  const target = splitTarget(request.url ?? '')?.originForm
  const offer = ws.offerHandshake(backend, { target, subprotocols: asked.offeredSubprotocols, headers })
  const upstream = connect(offer.port, offer.hostname)
  for (const each of [request.socket, upstream]) each.setTimeout(60_000, () => each.destroy()) // a minute without a byte
  const leave = () => void upstream.destroy() // a client that has left needs no answer
  const lose = () => refuse(ws.refuseUpgrade(502))
  client.on('close', leave)
  upstream.on('error', () => upstream.destroy()).on('close', lose)
  upstream.write(ws.formatRequestHead(offer.request))

  const heads = new ws.ResponseHeadParser()
  upstream.on('data', function open(/** @type {Uint8Array} */ chunk) {
    const parsed = heads.push(chunk)
    if (!parsed) return
    upstream.off('data', open).off('close', lose)
    client.off('close', leave)
    const verified = ws.verifyHandshake(parsed, offer)
    if (!verified.ok) return leave() ?? refuse(ws.relayRefusal(parsed)) // its status and fields, or a 502
    const chosen = verified.subprotocol === undefined ? [] : [verified.subprotocol]
    client.write(ws.formatResponse(ws.acceptHandshake(request, { subprotocols: chosen }).response))
    const down = { stream: client, connection: new ws.Connection(downOptions) }
    const up = { stream: upstream, connection: new ws.Connection(upOptions) }
    carry(down, up, ws.CloseCode.GoingAway, early)
    carry(up, down, ws.CloseCode.BadGateway, parsed.rest)
  })
})

/** @typedef {{ stream: import('node:stream').Duplex, connection: ws.Connection<'bytes', true> }} Side */
/** @param {Side} from @param {Side} to @param {number} lost What to close with where no code may travel. @param {Uint8Array} first */
function carry(from, to, lost, first) {
  const handle = (/** @type {readonly ws.ConnectionEvent<'bytes', true>[]} */ events) => {
    for (const event of events) {
      if (event.type === 'text' || event.type === 'binary') to.connection.send(event)
      if (event.type === 'ping') to.connection.ping(event.data)
      if (event.type === 'pong') to.connection.pong(event.data)
      if (event.type === 'close') to.connection.close(ws.relayCloseCode(event, lost), event.reason)
    }
    flush(from)
    if (!flush(to)) from.stream.pause() // a slow reader slows down the writer
  }
  to.stream.on('drain', () => from.stream.resume()).on('close', () => from.stream.resume())
  const receive = (/** @type {Uint8Array} */ chunk) => {
    handle(from.connection.receive(chunk))
    while (from.connection.hasPending) handle(from.connection.receive(new Uint8Array(0))) // the rest of a large chunk
  }
  from.stream.on('data', receive)
  for (const end of ['end', 'close']) from.stream.on(end, () => handle(from.connection.receiveEnd()))
  receive(first)
}

/** Whether there is room for more. @param {Side} side */
function flush({ stream, connection }) {
  const output = connection.takeOutput()
  const room = output === undefined || stream.write(output) || stream.destroyed
  if (connection.transport !== 'keep') stream.end()
  return room
}

server.listen(Number(port), '127.0.0.1', () => console.log('listening on', server.address()))
