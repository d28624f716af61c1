/** Checks every table of vectors, and runs vectors on a `ws` server. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'vitest'
import { WebSocketServer } from 'ws'
import { RawPeer, type RawResponse } from '../../peers/raw.ts'
import { within } from '../../peers/support.ts'

/** Titles are unique, the table is immutable, and each access to the bytes returns a fresh copy. */
export function expectSoundTable(vectors: readonly { readonly title: string; readonly bytes: Uint8Array }[]): void {
  expect(vectors.length).toBeGreaterThan(4)
  expect(new Set(vectors.map(({ title }) => title)).size).toBe(vectors.length)
  expect(Object.isFrozen(vectors)).toBe(true)
  for (const vector of vectors) {
    expect(Object.isFrozen(vector)).toBe(true)
    const { bytes } = vector
    const copy = Uint8Array.from(bytes)
    bytes.fill(0xee)
    expect(Buffer.compare(vector.bytes, copy), vector.title).toBe(0)
    // `structuredClone` and JSON keep the bytes.
    expect(Object.keys(vector)).toContain('bytes')
  }
}

export interface WsServer {
  readonly port: number
  /** Everything that `ws` received on all connections, in order. */
  readonly received: { type: string; data: Uint8Array }[]
  stop(): Promise<void>
}

/** A `ws` server with permessage-deflate on `node:http`, as in its README. */
export async function startWs(): Promise<WsServer> {
  const http = createServer()
  const server = new WebSocketServer({ server: http, perMessageDeflate: true })
  const received: WsServer['received'] = []
  server.on('connection', (socket) => {
    const keep = (type: string, data: unknown): number =>
      received.push({ type, data: Uint8Array.from(data as Uint8Array) })
    socket.on('message', (data, binary) => keep(binary ? 'binary' : 'text', data))
    socket.on('ping', (data) => keep('ping', data))
    socket.on('pong', (data) => keep('pong', data))
    // `ws` only reports the error here, and sends the Close itself.
    socket.on('error', () => {})
  })
  await within(new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve)), 'ws to listen')
  const stop = async (): Promise<void> => {
    for (const client of server.clients) client.terminate()
    http.closeAllConnections()
    await within(new Promise((resolve) => http.close(resolve)), 'ws to stop')
  }
  return { port: (http.address() as AddressInfo).port, received, stop }
}

/** Resolves with the response once the server has ended the connection or switched protocols. */
export async function requestOf(port: number, bytes: Uint8Array): Promise<RawResponse> {
  const peer = await RawPeer.connect(port)
  await peer.send(bytes)
  const response = await peer.response()
  peer.socket.destroy()
  return response
}
