/**
 * Names that snippets use without declaring them, because their meaning is obvious. Types only: a snippet that uses one of them is
 * compiled, but not run.
 *
 * @module
 */

import type { Worker } from 'node:cluster'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { ClientHttp2Session, Http2SecureServer, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { MessagePort } from 'node:worker_threads'
import type { BunSocketHandlers, DuplexLike } from '../../src/adapters/bun/index.ts'
import type { Endpoint, Peer } from '../../src/adapters/node/index.ts'
import type {
  Accepted,
  Agreement,
  Answer,
  ConnectionEvent,
  DefinedExtension,
  DeflateParams,
  FrameDecoder,
  MessageAssembler,
  Offer,
  OfferOptions,
  Parsed,
  PreparedFrame,
  RequestHead,
  ResponseHead,
  Verified,
} from '../../src/index.ts'
import { Connection } from '../../src/index.ts'
import type { WriterLike } from '../../src/streams/index.ts'
import type { Case, TestPeer } from '../../src/testing/index.ts'

declare global {
  /** Of MQTT. */
  const broker: { handle(stream: Duplex): unknown }

  /** From Node. */
  const request: IncomingMessage
  const response: ServerResponse
  const socket: Socket
  const sockets: Iterable<Socket>
  const net: typeof import('node:net')
  const tls: typeof import('node:tls')
  const http2: typeof import('node:http2')
  const readFile: typeof import('node:fs/promises').readFile
  const server: Server
  const worker: Worker
  const port: MessagePort
  const http2Server: Http2SecureServer
  const session: ClientHttp2Session
  const stream: ServerHttp2Stream
  const headers: IncomingHttpHeaders
  const key: string
  const cert: string
  /** The bytes after the head. */
  const head: Buffer
  const chunk: Uint8Array

  /** Of a request or a response, depending on the context. */
  const parsed: { ok: true } & Parsed<RequestHead & ResponseHead>
  const accepted: Accepted
  const verified: Verified
  const agreement: Agreement
  const offer: Offer
  const url: string
  const upstream: string
  const options: OfferOptions & { versions: readonly number[] }
  function open(url: string, options?: OfferOptions): void
  function reply(answer: Answer): void
  const jwt: string
  function isValid(token: string | undefined): boolean

  const decoder: FrameDecoder
  const assembler: MessageAssembler
  const writer: WriterLike<string>
  const prepared: PreparedFrame
  function write(bytes: Uint8Array): Promise<void>
  const pings: Uint8Array[]

  /** Of the suite. */
  const cases: readonly Case[]

  const endpoint: Endpoint
  const second: Endpoint
  const peer: Peer
  let connection: Connection
  const connections: Iterable<Connection>
  const other: Connection
  const event: ConnectionEvent
  const update: object
  const stored: string
  const now: number
  function handle(events: readonly ConnectionEvent[]): void

  // biome-ignore lint/suspicious/noExplicitAny: of any kind.
  const extensions: DefinedExtension<any>[]
  const params: DeflateParams

  /** Data sent or received. */
  const bytes: Uint8Array
  const payload: Uint8Array
  const file: Uint8Array
  const json: string
  const secret: string
  const lines: readonly string[]
  const id: string
  const checksummed: DefinedExtension

  /** For tests of a user's own server. */
  const testPeer: TestPeer
  const assert: { equal(actual: unknown, expected: unknown): void }
  const test: {
    (title: string, run: () => unknown): void
    each<Row>(rows: readonly Row[]): (title: string, run: (row: Row) => unknown) => void
  }
  function expect(value: unknown): { toBe(expected: unknown): void; toEqual(expected: unknown): void }
  function closeCodeAfter(bytes: Uint8Array): Promise<number>
  function send(bytes: Uint8Array): Promise<Response>
  function whatMyServerReceives(bytes: Uint8Array): Promise<unknown>

  /** Uses a protocol other than WebSocket. */
  function speak(protocol: string | undefined, rest: Uint8Array): void

  namespace Bun {
    interface Options {
      readonly hostname: string
      readonly port: number
      readonly tls?: boolean | { readonly key: string; readonly cert: string }
      readonly allowHalfOpen: boolean
      readonly socket: BunSocketHandlers
    }
    function listen(options: Options): { stop(): void }
    function connect(options: Options): Promise<{ readonly data: DuplexLike }>
  }

  namespace Deno {
    interface Conn {
      readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>
      readonly writable: WritableStream<Uint8Array<ArrayBuffer>>
    }
    function listen(options: { port: number }): { accept(): Promise<Conn>; close(): void }
    function connect(options: { hostname: string; port: number }): Promise<Conn>
    function addSignalListener(signal: string, handler: () => void): void
    function exit(): never
  }
}
