/**
 * `ws` as a server, behind Node's own HTTP server as everywhere, on connections without a network: bytes in, verdict out.
 * Knows how either says what it thinks of a request.
 */

import { createServer, type Server } from 'node:http'
import { WebSocketServer } from 'ws'
import { describeDeflateField } from './deflate.ts'
import type { Peer, Verdict } from './difference.ts'
import { MemorySocket, settled } from './memory.ts'
import { spoken } from './values-requests.ts'

/** So many connections at once. */
const BATCH = 200

class Connection extends MemorySocket {
  /** What Node said, which asks `ws` only for what it takes for an upgrade. */
  node: Verdict | undefined

  verdict(): Verdict {
    // Nobody listens for a tunnel, so Node ends the connection of who asks for one.
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
    socket.node = { state: 'refused', statuses: [426], whys: ['426: to Node it is no upgrade'] }
  })
  server.on('clientError', (error: Error & { code?: string; reason?: string }, socket) => {
    const connection = socket as unknown as Connection
    connection.node ??= { state: 'refused', statuses: [400], whys: [`400: ${error.code} ${error.reason}`] }
  })
  const sockets = new WebSocketServer({
    server,
    perMessageDeflate: true,
    clientTracking: false,
    // The first of the client's that is spoken, as we choose.
    handleProtocols: (protocols) => [...protocols].find((protocol) => spoken.includes(protocol)) ?? false,
  })
  sockets.on('connection', (socket) => {
    // What follows the handshake is no matter of it.
    socket.on('error', () => {})
    socket.terminate()
  })
  return server
}

export function createWsServer(): Peer {
  const server = createHost()
  const judgeSome = async (texts: readonly string[]): Promise<Verdict[]> => {
    const sockets = texts.map(() => new Connection())
    for (const socket of sockets) server.emit('connection', socket)
    await settled()
    return sockets.map((socket, at) => {
      // It is read at once, for the server is waiting for it.
      socket.push(Buffer.from(texts[at] as string, 'latin1'))
      const verdict = socket.verdict()
      socket.destroy()
      return verdict
    })
  }
  const judge = async (texts: readonly string[]): Promise<Verdict[]> => {
    const verdicts: Verdict[] = []
    for (let at = 0; at < texts.length; at += BATCH) verdicts.push(...(await judgeSome(texts.slice(at, at + BATCH))))
    return verdicts
  }
  return { name: 'ws', judge, stop: () => server.close() }
}
