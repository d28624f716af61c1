/**
 * `ws` as a server on Node's HTTP server, as usual, over connections without a network: takes the bytes of a request, and reads the
 * outcome from the response and the events of both.
 */

import { createServer, type Server } from 'node:http'
import { WebSocketServer } from 'ws'
import { describeDeflateField } from './deflate.ts'
import type { Outcome, Peer } from './difference.ts'
import { MemorySocket, settled } from './memory.ts'
import { supported } from './values-requests.ts'

/** The number of connections at once. */
const BATCH = 200

class Connection extends MemorySocket {
  /** The outcome in Node, which passes only upgrades to `ws`. */
  node: Outcome | undefined

  outcome(): Outcome {
    // Without a listener for tunnels, Node ends the connection of a CONNECT.
    if (this.destroyed && this.written === '') return { state: 'refused', whys: ['Node closed the connection'] }
    const final = this.written.replace('HTTP/1.1 100 Continue\r\n\r\n', '')
    if (final === '') return this.node ?? { state: 'waiting' }
    const [head = '', body] = final.split('\r\n\r\n')
    const status = Number(head.slice(9, 12))
    if (status !== 101) return { state: 'refused', statuses: [status], whys: [`${status}: ${body}`] }
    const field = (name: string): string | undefined => new RegExp(`\r\n${name}: (.*)`, 'i').exec(head)?.[1]
    const [accept, subprotocol] = [field('Sec-WebSocket-Accept'), field('Sec-WebSocket-Protocol')]
    return { state: 'accepted', accept, subprotocol, deflate: describeDeflateField(field('Sec-WebSocket-Extensions')) }
  }
}

function createHost(): Server {
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 })
  server.on('request', (request) => {
    const socket = request.socket as unknown as Connection
    socket.node = { state: 'refused', statuses: [426], whys: ['426: Node sees no upgrade'] }
  })
  server.on('clientError', (error: Error & { code?: string; reason?: string }, socket) => {
    const connection = socket as unknown as Connection
    connection.node ??= { state: 'refused', statuses: [400], whys: [`400: ${error.code} ${error.reason}`] }
  })
  const sockets = new WebSocketServer({
    server,
    perMessageDeflate: true,
    clientTracking: false,
    // The first of the client's subprotocols that is supported, as in our server.
    handleProtocols: (protocols) => [...protocols].find((protocol) => supported.includes(protocol)) ?? false,
  })
  sockets.on('connection', (socket) => {
    // Later events do not concern the handshake.
    socket.on('error', () => {})
    socket.terminate()
  })
  return server
}

export function createWsServer(): Peer {
  const server = createHost()
  const judgeSome = async (texts: readonly string[]): Promise<Outcome[]> => {
    const sockets = texts.map(() => new Connection())
    for (const socket of sockets) server.emit('connection', socket)
    await settled()
    return sockets.map((socket, at) => {
      // The waiting server reads it at once.
      socket.push(Buffer.from(texts[at] as string, 'latin1'))
      const outcome = socket.outcome()
      socket.destroy()
      return outcome
    })
  }
  const judge = async (texts: readonly string[]): Promise<Outcome[]> => {
    const outcomes: Outcome[] = []
    for (let at = 0; at < texts.length; at += BATCH) outcomes.push(...(await judgeSome(texts.slice(at, at + BATCH))))
    return outcomes
  }
  return { name: 'ws', judge, stop: () => server.close() }
}
