/**
 * Opens a WebSocket for a test over any transport, as a client or as a server.
 *
 * @module
 */

import { requireOptions, requireWhole, wrongArgument } from '../arguments.ts'
import type { DeflateCodec } from '../deflate/codec.ts'
import type { DuplexLike } from '../driver/shapes.ts'
import { attempt, ProtocolError } from '../errors.ts'
import { field } from '../handshake/fields.ts'
import { computeAccept, generateKey } from '../handshake/key.ts'
import type { RequestHead } from '../http/request.ts'
import { parseRequestHead } from '../http/request-parser.ts'
import { describeStatus, type ResponseHead } from '../http/response.ts'
import { parseResponseHead } from '../http/response-parser.ts'
import type { Timers } from '../platform/timers.ts'
import { parseUrl } from '../platform/url.ts'
import type { Role } from '../types.ts'
import type { OpenStep } from './case.ts'
import type { ReceivedFrame } from './incoming.ts'
import {
  findRequestError,
  findResponseError,
  headBytes,
  readDeflateAgreement,
  requestText,
  responseText,
  type Values,
  valuesOf,
} from './opening.ts'
import { TestPeer } from './peer.ts'
import { headNotes } from './transcript.ts'
import { Wire } from './wire.ts'

/** The options that `openPeer` and `acceptPeer` share. */
export interface PeerOptions {
  /** Changes to the fields of the head, as in a case. Default: none, so the head is valid. */
  readonly fields?: OpenStep['fields'] | undefined
  /** The time-out of each wait, including the opening, in milliseconds. Default: 2000. */
  readonly timeout?: number | undefined
  /** Inflates messages if permessage-deflate is agreed on. Without a codec you can read the frames, but not the messages. */
  readonly codec?: DeflateCodec | undefined
  /** Another clock. Default: the platform's. */
  readonly timers?: Timers | undefined
}

/** Options of {@link openPeer}. */
export interface OpenPeerOptions extends PeerOptions {
  /** Sets `Host` and the path. Default: `'ws://localhost/'`. */
  readonly url?: string | undefined
  /** The subprotocols to offer. Default: none. */
  readonly subprotocols?: readonly string[] | undefined
}

/** Options of {@link acceptPeer}. */
export interface AcceptPeerOptions extends PeerOptions {
  /** The status line. Default: `HTTP/1.1 101 Switching Protocols`. */
  readonly line?: string | undefined
}

const peerKinds = { fields: 'object', timeout: 'number', codec: 'any', timers: 'any' } as const

/**
 * Opens a WebSocket to the server at the other end, as a client that a test controls.
 *
 * @param transport A connected socket, or one end of a pair in memory. It is destroyed if the opening fails.
 * @returns The peer, once a valid 101 has arrived. Rejects with an error that describes any other answer.
 * @throws TypeError or RangeError for wrong options.
 * @see RFC 6455 §4.1
 * @example
 * const peer = await openPeer(connect(8080, 'localhost'), { url: 'ws://localhost:8080/chat' })
 * await peer.send({ opcode: Opcode.Text, payload: 'Hello', rsv: Rsv.RSV1 })
 * await peer.closed() // { code: 1002, reason: '' }
 */
export async function openPeer(transport: DuplexLike, options: OpenPeerOptions = {}): Promise<TestPeer> {
  requireOptions(options, { ...peerKinds, url: 'string', subprotocols: 'array' }, 'the options of openPeer')
  const { url = 'ws://localhost/', subprotocols = [], fields = {} } = options
  const parsed = parseUrl(url)
  if (parsed === undefined) throw wrongArgument('`url`', 'a URL such as ws://localhost:8080/', JSON.stringify(url))
  const key = generateKey()
  const values: Values = {
    host: parsed.host,
    path: `${parsed.pathname}${parsed.search}`,
    key,
    accept: computeAccept(key),
    subprotocol: subprotocols[0] ?? '',
  }
  const offer = subprotocols.length === 0 ? {} : { [field.protocol]: subprotocols.join(', ') }
  const text = requestText({ do: 'open', fields: { ...offer, ...fields } }, values)
  const opening = new Opening('client', transport, options)
  const request = readable(() => parseRequestHead(headBytes(text))?.head)
  opening.write(text)
  const response = (await opening.head()) as ResponseHead
  if (response.status !== 101) opening.fail(`expected status 101, but the server answered ${describeStatus(response)}`)
  const sent = request?.headers ?? []
  opening.check(findResponseError(response.headers, sent, 'http/1.1'), 'response')
  opening.wire.incoming.startFrames(readDeflateAgreement(sent, response.headers))
  return opening.peer(request, response)
}

/**
 * Reads the opening request of the client at the other end, and answers it as a server that a test controls.
 *
 * @param transport An accepted socket, or one end of a pair in memory. It is destroyed if the opening fails.
 * @returns The peer, once the response has been written. Rejects with an error that describes a wrong or missing request.
 * @throws TypeError or RangeError for wrong options.
 * @see RFC 6455 §4.2
 * @example
 * import { createServer } from 'node:net'
 *
 * createServer(async (socket) => {
 *   const peer = await acceptPeer(socket, { fields: { 'Sec-WebSocket-Protocol': 'not-offered' } })
 *   await peer.ended() // A correct client fails such a connection.
 * })
 */
export async function acceptPeer(transport: DuplexLike, options: AcceptPeerOptions = {}): Promise<TestPeer> {
  requireAcceptOptions(options)
  const { line, fields } = options
  const opening = new Opening('server', transport, options)
  const request = (await opening.head()) as RequestHead
  opening.check(findRequestError(request), 'request')
  const text = responseText(
    { do: 'open', ...(line !== undefined && { line }), ...(fields !== undefined && { fields }) },
    valuesOf(request),
  )
  const response = readable(() => parseResponseHead(headBytes(text))?.head)
  const { incoming } = opening.wire
  if (incoming.heldSize > 0)
    opening.fail(`the client sent ${incoming.heldSize} bytes after its request (RFC 6455 §4.1)`)
  if (response?.status === 101) incoming.startFrames(readDeflateAgreement(request.headers, response.headers))
  else incoming.expectNone()
  opening.write(text)
  return opening.peer(request, response)
}

/** Throws `TypeError` or `RangeError` for wrong options. */
export function requireAcceptOptions(options: AcceptPeerOptions): void {
  requireOptions(options, { ...peerKinds, line: 'string' }, 'the options of acceptPeer')
  if (options.timeout !== undefined) requireWhole(options.timeout, '`timeout`', 0)
}

/** Reads the suite's own head, which may be broken on purpose. */
function readable<Head>(parse: () => Head): Head | undefined {
  const head = attempt(parse)
  return head instanceof ProtocolError ? undefined : head
}

/** A connection during its opening handshake. */
class Opening {
  readonly wire: Wire
  readonly #role: Role
  readonly #timeout: number
  readonly #frames: ReceivedFrame[] = []

  constructor(role: Role, transport: DuplexLike, { timeout = 2000, codec, timers }: PeerOptions) {
    requireWhole(timeout, '`timeout`', 0)
    this.#role = role
    this.#timeout = timeout
    const events = { head: () => {}, frame: (frame: ReceivedFrame) => void this.#frames.push(frame) }
    this.wire = new Wire(role, events, codec, timers)
    this.wire.attach(transport)
  }

  write(text: string): void {
    const bytes = headBytes(text)
    void this.wire.write(() => ({ chunks: [bytes], notes: headNotes(text), headSize: bytes.length }))
  }

  /** The head of the other side. */
  async head(): Promise<RequestHead | ResponseHead> {
    const { incoming } = this.wire
    await this.wire.wait(() => incoming.head !== undefined || this.wire.over, this.#timeout)
    if (incoming.head !== undefined) return incoming.head
    const what = this.#role === 'client' ? 'a response' : 'a request'
    if (incoming.fault !== undefined) return this.fail(`waited for ${what}: ${incoming.fault.reason}`)
    const { ended } = this.wire
    if (ended === undefined) return this.fail(`waited ${this.#timeout} ms for ${what}; ${incoming.size} bytes arrived`)
    const end = ended === 'fin' ? 'ended' : 'reset'
    return this.fail(`waited for ${what}, but the connection was ${end} after ${incoming.size} bytes`)
  }

  /** Throws if the head breaks a rule of the handshake. */
  check(error: ProtocolError | undefined, what: string): void {
    if (error !== undefined) this.fail(`the ${what} breaks ${error.reference}: ${error.message}`)
  }

  fail(message: string): never {
    this.wire.destroy()
    throw new Error(message)
  }

  peer(request: RequestHead | undefined, response: ResponseHead | undefined): TestPeer {
    const { wire } = this
    return new TestPeer({ wire, role: this.#role, request, response, frames: this.#frames, timeout: this.#timeout })
  }
}
