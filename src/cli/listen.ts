/**
 * Listens for clients under test, and reports the target of each request before the suite answers it.
 *
 * @module
 */

import { createServer as createHttp2, type Http2Server, type ServerHttp2Stream } from 'node:http2'
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from 'node:net'
import type { CaseTransport } from '../testing/case-options.ts'
import { fromHeaders, MAX_SESSION_MEMORY, toHeaders } from './connect.ts'
import { UsageError } from './usage.ts'

/** A connection of a client. */
export interface Incoming {
  /** The path and query of its request. Empty if its first line has none. */
  readonly target: string
  /** The connection, with everything that the client has sent still to be read. */
  readonly transport: CaseTransport
  /** Answers with this status and text instead of running a case. */
  refuse(status: number, text: string): void
}

export interface ListenOptions {
  readonly host: string
  readonly port: number
  readonly http2: boolean
}

/** A port on which the suite waits for clients. */
export interface Listener {
  /** Such as `ws://127.0.0.1:9001`. */
  readonly url: string
  /** Stops listening, and destroys the open connections. */
  close(): void
}

/** The most connections at a time; more are refused. */
const MAX_CONNECTIONS = 1024

/** Milliseconds for the first line of a request. A connection that sends none is destroyed. */
const LINE_TIME = 10_000

/** The first line of a request must end within this many bytes. A longer one counts as having no target. */
const MAX_LINE = 16_384

/** @throws UsageError if the port cannot be opened. */
export async function listen(options: ListenOptions, take: (incoming: Incoming) => void): Promise<Listener> {
  const sockets = new Set<Socket>()
  const server = options.http2 ? listenHttp2(take) : listenTcp(take)
  server.maxConnections = MAX_CONNECTIONS
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    // The listener stays: an error without a listener would end the process.
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new UsageError(`Cannot listen there: ${error.message}`)))
    server.listen(options.port, options.host, resolve)
  })
  const { address, port } = server.address() as AddressInfo
  return {
    url: `ws://${address.includes(':') ? `[${address}]` : address}:${port}`,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

function listenTcp(take: (incoming: Incoming) => void): Server {
  return createTcp({ allowHalfOpen: true, noDelay: true }, (socket) => {
    readLine(socket, (line) =>
      take({
        target: /^\S+ (\S+)/.exec(line)?.[1] ?? '',
        transport: socket,
        refuse: (status, text) => refuseSocket(socket, status, text),
      }),
    )
  })
}

/** Reads the first line, then puts everything that was read back. */
function readLine(socket: Socket, take: (line: string) => void): void {
  const chunks: Buffer[] = []
  let size = 0
  const stop = (): void => {
    clearTimeout(timer)
    socket.off('data', onData).off('end', giveUp).off('close', stop)
  }
  const giveUp = (): void => {
    stop()
    socket.destroy()
  }
  const onData = (chunk: Buffer): void => {
    chunks.push(chunk)
    size += chunk.length
    if (!chunk.includes(0x0a) && size < MAX_LINE) return
    stop()
    const bytes = Buffer.concat(chunks)
    socket.pause()
    socket.unshift(bytes)
    take(bytes.subarray(0, MAX_LINE).toString('latin1').split('\n', 1)[0] ?? '')
  }
  const timer = setTimeout(giveUp, LINE_TIME)
  socket.on('data', onData).on('end', giveUp).on('close', stop)
}

/** The reason phrases. No case may answer with 410: it tells a client that all cases are done. */
const reasons: Readonly<Record<number, string>> = { 404: 'Not Found', 410: 'Gone' }

/** Answers, keeps reading so that the answer arrives, and destroys the connection when the client ends it or soon after. */
function refuseSocket(socket: Socket, status: number, text: string): void {
  const fields = `Content-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close`
  socket.end(`HTTP/1.1 ${status} ${reasons[status]}\r\n${fields}\r\n\r\n${text}`)
  socket.resume()
  const timer = setTimeout(() => socket.destroy(), 1000)
  socket.on('end', () => socket.destroy()).on('close', () => clearTimeout(timer))
}

function listenHttp2(take: (incoming: Incoming) => void): Http2Server {
  const server = createHttp2({ settings: { enableConnectProtocol: true }, maxSessionMemory: MAX_SESSION_MEMORY })
  server.on('sessionError', () => {})
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    stream.on('error', () => {})
    take({
      target: headers[':path'] ?? '',
      transport: {
        carrier: 'http/2',
        fields: fromHeaders(headers),
        respond(fields) {
          if (isOpen(stream)) stream.respond(toHeaders(fields))
          return stream
        },
      },
      refuse(status, text) {
        if (!isOpen(stream)) return
        stream.respond({ ':status': status, 'content-type': 'text/plain; charset=utf-8' })
        stream.end(text)
      },
    })
  })
  return server
}

/** Whether a response can be sent: `respond` throws for a stream that the client has reset. */
function isOpen(stream: ServerHttp2Stream): boolean {
  return !stream.destroyed && !stream.closed && !stream.headersSent
}
