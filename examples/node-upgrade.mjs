// Plain HTTP, WebSocket and two made-up protocols on one port, selected by Upgrade.   node examples/node-upgrade.mjs [port]
import { createServer } from 'node:net'
import * as ws from 'websocket-primitives'
import { findHostError, requestFraming } from 'websocket-primitives/http'

const options = ws.connectionOptions({ role: 'server' })
/** @typedef {(socket: import('node:net').Socket) => (chunk: Uint8Array) => void} Speak Makes the reader of what comes. */
/** @type {{ 'shout/1': Speak, 'hex/2': Speak }} All in upper case; each byte as two digits. */
const own = {
  'shout/1': (socket) => (chunk) => socket.write(chunk.map((byte) => (byte > 96 && byte < 123 ? byte - 32 : byte))),
  'hex/2': (socket) => (chunk) => socket.write(Buffer.from(chunk).toString('hex')),
}
/** @type {(connection: ws.Connection) => Speak} Sends every text back. */
const echo = (connection) => (socket) => (chunk) => {
  let next = chunk
  do {
    for (const event of connection.receive(next)) if (event.type === 'text') connection.sendText(event.data)
    next = new Uint8Array(0)
  } while (connection.hasPending) // a large chunk is handed out in parts
  const output = connection.takeOutput()
  if (output) socket.write(output)
  if (connection.transport !== 'keep') socket.end()
}
/** @type {Speak} Keeps reading for a while, because a reset could destroy the response. */
const hangUp = (socket) => setTimeout(() => socket.destroy(), 5_000).unref() && socket.end() && (() => {})

/** The response, and the protocol that follows it; without one, HTTP continues. @param {ws.ParsedRequest} parsed */
function answer(parsed) {
  try {
    if (!parsed.ok) return { response: parsed.response, speak: hangUp }
    const { head } = parsed
    const misaddressed = findHostError(head)
    if (misaddressed) throw misaddressed
    const framing = requestFraming(head) // a request with a body is answered over HTTP, which is always allowed
    const hasBody = framing.kind === 'chunked' || (framing.kind === 'length' && framing.length > 0)
    const protocol = hasBody ? undefined : ws.selectUpgrade(head, ['websocket', 'shout/1', 'hex/2'])
    if (protocol === 'websocket') {
      const accepted = ws.acceptHandshake(parsed)
      const speak = accepted.ok ? echo(new ws.Connection(options, accepted)) : hangUp
      return { response: accepted.response, speak }
    }
    if (protocol)
      return { response: ws.switchingProtocols(protocol, [], ws.expectsContinue(head)), speak: own[protocol] }
    if (head.target === '/hex') return { response: ws.upgradeRequired('hex/2', { body: '' }), speak: hangUp }
    const body = head.method === 'HEAD' ? '' : `${head.method} ${head.target}\n`
    const ends = hasBody || head.httpVersion === '1.0' || /close/i.test(`${ws.getHeaders(head.headers, 'connection')}`)
    const [speak, connection] = ends ? [hangUp, 'close'] : []
    return { response: { status: 200, headers: { connection }, body }, speak }
  } catch (error) {
    if (!(error instanceof ws.ProtocolError)) throw error
    const body = parsed.ok && parsed.head.method === 'HEAD' ? '' : `${error.message}\n`
    return { response: ws.refuseUpgrade(error.status ?? 400, { body }), speak: hangUp }
  }
}

const server = createServer((socket) => {
  const heads = new ws.RequestHeadParser()
  let read = readHttp
  function readHttp(/** @type {Uint8Array} */ chunk) {
    const parsed = heads.push(chunk)
    if (!parsed) return
    const { response, speak } = answer(parsed)
    socket.write(ws.formatResponse(response))
    if (speak) read = speak(socket)
    read(parsed.rest) // the next request, or the first bytes of the new protocol
  }
  socket.setTimeout(60_000, () => socket.destroy()) // a minute without a byte
  socket.on('error', () => socket.destroy()).on('drain', () => socket.resume())
  socket.on('data', (chunk) => {
    read(chunk)
    if (socket.writableNeedDrain) socket.pause()
  })
}).listen(Number(process.argv[2] ?? 8082), '127.0.0.1', () => console.log('listening on', server.address()))
