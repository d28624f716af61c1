/**
 * HTTP/2 servers: the example in its own process, and one of ours, from the source, that a test controls. Both serve a plain
 * page, with a self-signed certificate.
 */

import { once } from 'node:events'
import { createSecureServer, type Http2Session, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { generate } from 'selfsigned'
import {
  type AcceptOptions,
  acceptHandshake,
  Connection,
  type ConnectionEvent,
  type RequestHead,
  readStreamEnding,
  requestHeadFrom,
  type StreamEnding,
  selectStreamEnding,
  toHttp2Headers,
} from '../../src/index.ts'
import { receiveAll } from '../receive.ts'
import { examplePath, type Host, Inbox, startProcess, within } from './support.ts'

/** The example, and what it prints: a line for each WebSocket that opens or closes. */
export interface Http2Example extends Host {
  readonly log: Inbox<string>
}

export async function startHttp2Example(): Promise<Http2Example> {
  const name = 'echo-node-http2.mjs'
  const { lines, stop } = startProcess(name, process.execPath, [examplePath(name), '0'])
  const log = new Inbox<string>()
  lines.on('line', log.push)
  const line = await log.next(`${name} to listen (npm run build?)`)
  const port = Number(/port: (\d+)/.exec(line)?.[1])
  return { port, url: `wss://localhost:${port}/`, log, stop }
}

/** What a test can set for our server. */
export interface Http2Options extends AcceptOptions {
  readonly settings?: { readonly enableConnectProtocol: boolean }
  /** Gets the request, and adds to the response. */
  readonly onAccept?: (request: RequestHead) => OutgoingHttpHeaders
}

export interface Http2Server extends Host {
  /** The number of connections so far. */
  readonly sessions: ReadonlySet<Http2Session>
  /** How the streams of WebSockets ended. */
  readonly endings: Inbox<StreamEnding>
}

/** A server on a free port that passes every event to `onEvent`, and then sends the resulting output. */
export async function serveHttp2(
  onEvent: (event: ConnectionEvent, connection: Connection) => void,
  { settings = { enableConnectProtocol: true }, onAccept, ...options }: Http2Options = {},
): Promise<Http2Server> {
  const { private: key, cert } = await generate(undefined, { keyType: 'ec', algorithm: 'sha256' })
  const sessions = new Set<Http2Session>()
  const endings = new Inbox<StreamEnding>()
  const server = createSecureServer({ key, cert, settings })
  server.on('session', (session) => sessions.add(session))
  server.on('stream', (stream, headers) => {
    stream.on('error', () => stream.destroy())
    if (headers[':method'] !== 'CONNECT') {
      stream.respond({ ':status': 200 })
      return void stream.end('plain http\n')
    }
    const accepted = acceptHandshake(headers, options)
    const more = accepted.ok ? onAccept?.(requestHeadFrom(headers)) : {}
    stream.respond({ ...toHttp2Headers(accepted.response), ...more })
    if (!accepted.ok) return void stream.end(accepted.response.body)
    const { extensions } = options
    converse(stream, new Connection({ role: 'server', agreement: accepted, extensions }), onEvent, endings.push)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const stop = async (): Promise<void> => {
    for (const session of sessions) session.destroy()
    server.close()
    await within(once(server, 'close'), 'our server of HTTP/2 to close')
  }
  return { port, url: `wss://localhost:${port}/`, sessions, endings, stop }
}

function converse(
  stream: ServerHttp2Stream,
  connection: Connection,
  onEvent: (event: ConnectionEvent, connection: Connection) => void,
  onEnding: (ending: StreamEnding) => void,
): void {
  const handle = (events: readonly ConnectionEvent[]): void => {
    for (const event of events) onEvent(event, connection)
    const output = connection.takeOutput()
    if (output) stream.write(output)
    const closed = events.find((event) => event.type === 'close')
    if (closed === undefined) return
    const { kind, errorCode } = selectStreamEnding(closed)
    stream.end(kind === 'end' ? undefined : () => stream.close(errorCode))
  }
  stream.on('data', (chunk: Uint8Array) => handle(receiveAll(connection, chunk)))
  stream.on('end', () => handle(connection.receiveEnd()))
  stream.on('close', () => {
    onEnding(readStreamEnding(stream.rstCode))
    handle(connection.receiveEnd())
  })
}

/** What our server does with its clients' messages. */
export function echo(event: ConnectionEvent, connection: Connection): void {
  if (event.type === 'text' || event.type === 'binary') connection.send(event)
}
