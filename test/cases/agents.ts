/**
 * Agents that run the cases in process: servers and clients of this package and of `ws`. They echo each message.
 *
 * @module
 */

import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import { acceptUpgrade, connectSocket, Endpoint } from '../../src/adapters/node/index.ts'
import { zlib } from '../../src/codec/zlib.ts'
import type { DeflatePreferences } from '../../src/deflate/preferences.ts'
import { offerHandshake, permessageDeflate } from '../../src/index.ts'
import type { Case } from '../../src/testing/case.ts'
import type { CaseResult } from '../../src/testing/result.ts'
import { runCases } from '../../src/testing/run-cases.ts'

/** A long time-out for busy machines. Some waits take a quarter of it. */
async function runAll(
  cases: readonly Case[],
  open: () => Socket | Promise<Socket>,
  parallel: number,
): Promise<readonly CaseResult[]> {
  const isBrief = ({ steps }: Case): boolean => steps.some((step) => step.do === 'await' && step.briefly)
  const brief = cases.filter(isBrief)
  const others = cases.filter((one) => !isBrief(one))
  return [
    ...(await runCases(others, open, { codec: zlib, parallel, timeout: 20_000 })),
    ...(await runCases(brief, open, { codec: zlib, parallel, timeout: 2000 })),
  ]
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function stop(server: Server, sockets: Iterable<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy()
  server.close()
  await once(server, 'close')
}

/** Runs cases against a server over loopback. */
async function testServer(server: Server, cases: readonly Case[]): Promise<readonly CaseResult[]> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  const port = await listening(server)
  try {
    return await runAll(cases, () => connect(port, '127.0.0.1'), 4)
  } finally {
    await stop(server, sockets)
  }
}

/** Runs cases against a client, which starts once for each case. */
async function testClient(start: (port: number) => void, cases: readonly Case[]): Promise<readonly CaseResult[]> {
  const sockets = new Set<Socket>()
  const server = createTcpServer({ allowHalfOpen: true })
  const port = await listening(server)
  const open = async (): Promise<Socket> => {
    const accepted = once(server, 'connection')
    start(port)
    const [socket] = (await accepted) as [Socket]
    sockets.add(socket)
    return socket
  }
  try {
    // One at a time, because a connection does not show which case it is for.
    return await runAll(cases, open, 1)
  } finally {
    await stop(server, sockets)
  }
}

/** The permessage-deflate options of our agents. `false` turns it off. */
export type Deflate = DeflatePreferences | false

/** Our server. */
export function testOurServer(cases: readonly Case[], deflate: Deflate = {}): Promise<readonly CaseResult[]> {
  const endpoint = new Endpoint({
    handshake: { origins: 'any' },
    extensions: deflate === false ? [] : [permessageDeflate({ codec: zlib, ...deflate })],
    message: (peer, data) => peer.send(data),
  })
  const server = createServer()
  server.on('upgrade', (request, socket, head) => acceptUpgrade(endpoint, request, socket, head))
  return testServer(server, cases)
}

/** Our client. */
export function testOurClient(cases: readonly Case[], deflate: Deflate = {}): Promise<readonly CaseResult[]> {
  const extensions = deflate === false ? [] : [permessageDeflate({ codec: zlib, ...deflate })]
  const endpoint = new Endpoint({ extensions, message: (peer, data) => peer.send(data) })
  const start = (port: number): void => {
    const offer = offerHandshake(`ws://127.0.0.1:${port}/`, { extensions })
    // In many cases it refuses the answer.
    connectSocket(endpoint, connect(port, '127.0.0.1'), offer).catch(() => {})
  }
  return testClient(start, cases)
}

function echo(socket: WebSocket): void {
  socket.on('error', () => {})
  socket.on('message', (data, binary) => socket.send(data, { binary }))
}

/** The server of `ws`. @param forget A parameter of permessage-deflate that it accepts and then ignores. */
export function testWsServer(cases: readonly Case[], forget?: string): Promise<readonly CaseResult[]> {
  const server = createServer()
  const sockets = new WebSocketServer({ server, perMessageDeflate: true })
  sockets.on('connection', (socket: WebSocket & { readonly _extensions: Extensions }) => {
    if (forget !== undefined) delete socket._extensions['permessage-deflate']?.params[forget]
    echo(socket)
  })
  return testServer(server, cases)
}

/** The extensions in a socket of `ws`. */
type Extensions = Readonly<Record<string, { readonly params: Record<string, unknown> }>>

/** The client of `ws`. */
export function testWsClient(cases: readonly Case[]): Promise<readonly CaseResult[]> {
  return testClient((port) => echo(new WebSocket(`ws://127.0.0.1:${port}/`)), cases)
}
