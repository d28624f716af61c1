/** A program on Node: a server on `node:http`, a client on `node:net`, streams of `node:stream`. */

import { createServer } from 'node:http'
import { connect } from 'node:net'
import { Duplex } from 'node:stream'
import {
  acceptHandshake,
  Connection,
  formatRequestHead,
  formatResponse,
  offerHandshake,
  permessageDeflate,
  ResponseHeadParser,
  toHeaderRecord,
  verifyHandshake,
} from 'websocket-primitives'
import { zlib } from 'websocket-primitives/codec/zlib'
import { acceptStream } from 'websocket-primitives/streams'

const extensions = [permessageDeflate({ codec: zlib })]

export const server = createServer((request, response) => {
  const refused = acceptHandshake(request)
  response.writeHead(refused.response.status, toHeaderRecord(refused.response.headers)).end()
}).on('upgrade', (request, socket, head) => {
  const accepted = acceptHandshake(request, { extensions })
  socket.write(formatResponse(accepted.response))
  if (!accepted.ok) return socket.end()
  const connection = new Connection({ role: 'server', agreement: accepted, extensions })
  for (const event of connection.receive(head)) if (event.type === 'binary') socket.write(event.data)
  const output = connection.takeOutput()
  if (output) socket.write(output)
  return undefined
})

export function open(): void {
  const offer = offerHandshake('ws://localhost/')
  const heads = new ResponseHeadParser()
  const socket = connect(offer.port, offer.hostname)
  socket.on('connect', () => socket.write(formatRequestHead(offer.request)))
  socket.on('data', (chunk: Buffer) => {
    const parsed = heads.push(chunk)
    if (parsed !== undefined && verifyHandshake(parsed, offer).ok) socket.unshift(parsed.rest)
  })
  void acceptStream(Duplex.toWeb(socket))
}
