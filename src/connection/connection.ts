/**
 * A WebSocket after the handshake: bytes in, events out; messages in, bytes out. Knows frames, messages and the order of
 * an end; neither HTTP nor any transport, and no clock.
 *
 * @module
 */

import { requireBytes } from '../bytes/view.ts'
import { ProtocolError } from '../errors.ts'
import { formatClosePayload, parseClosePayload } from '../frame/close.ts'
import { FrameDecoder } from '../frame/decoder.ts'
import { FIN_BIT } from '../frame/header.ts'
import { MAX_CONTROL_PAYLOAD } from '../frame/rules.ts'
import { refusesLoneSurrogates, requireWellFormed } from '../frame/surrogates.ts'
import { resolveLimits } from '../limits.ts'
import { encodeUtf8 } from '../platform/text.ts'
import { CloseCode, Opcode } from '../registry/websocket.ts'
import type { Bytes, Role } from '../types.ts'
import type { ConnectionClosed, ConnectionEvent } from './events.ts'
import { Messages } from './messages.ts'
import { type ConnectionOptions, checkOptions, type SendOptions } from './options.ts'
import { Output } from './output.ts'
import { openPipeline, type Pipeline } from './pipeline.ts'
import { type Input, type State, states } from './state.ts'

const nothing: readonly ConnectionEvent[] = /* @__PURE__ */ Object.freeze([])

/**
 * A connection. In: `receive` and `receiveEnd`, each returning the events that it caused. Out: all that is to be sent, one's
 * own messages and the automatic answers, in order, by `takeOutput`. Never throws for what a peer sent: a fault is the
 * error of the close event, and the Close frame that it is owed is in the output.
 *
 * @example
 * const connection = new Connection({ role: 'server', agreement: accepted })
 * socket.on('data', (chunk) => {
 *   for (const event of connection.receive(chunk)) if (event.type === 'text') connection.sendText(event.data)
 *   const output = connection.takeOutput()
 *   if (output) socket.write(output)
 *   if (connection.done) socket.end()
 * })
 */
export class Connection {
  readonly role: Role
  private current: State = 'open'
  /** The payload of our Close frame, until the output is taken: it goes behind all else. */
  private owedClose: Bytes | undefined
  private readonly pipeline: Pipeline | undefined
  private readonly decoder: FrameDecoder
  private readonly messages: Messages
  private readonly output: Output
  private readonly refusesLone: boolean

  /**
   * @throws {RangeError} for a limit or fragment size that is no number of bytes.
   * @throws {TypeError} for a role or a `loneSurrogates` that is none, and for an agreement on extensions that are not among
   *   `extensions`.
   */
  constructor(options: ConnectionOptions) {
    checkOptions(options)
    const { role, agreement, extensions, ownsChunks, maskKeys, fragmentSize = Infinity } = options
    const limits = resolveLimits(options.limits)
    this.role = role
    this.pipeline = openPipeline(agreement, extensions, role, limits)
    this.refusesLone = refusesLoneSurrogates(options.loneSurrogates)
    this.decoder = new FrameDecoder({ role, limits, rsv: this.pipeline?.rsv, ownsChunks, pieces: true })
    this.messages = new Messages(limits, this.pipeline)
    this.output = new Output({ role, maskKeys, fragmentSize, pipeline: this.pipeline })
  }

  /** `'closing'`: `close()` has been called, their Close is awaited; `'closed'`: the close event has been reported. */
  get state(): 'open' | 'closing' | 'closed' {
    if (this.current === 'open') return 'open'
    return this.current === 'closing-local' ? 'closing' : 'closed'
  }

  /**
   * Nothing more comes and nothing more goes: once the output is written, end the transport. For a server that is so once
   * both Close frames have gone; a client lets the server end it first (RFC 6455 §7.1.1).
   */
  get done(): boolean {
    return (
      this.current === 'ended' || this.current === 'failed' || (this.current === 'closed' && this.role === 'server')
    )
  }

  /**
   * Reads the bytes that came, in chunks of any size.
   *
   * @param chunk Borrowed during the call, unless `ownsChunks` gives it away.
   * @returns What it caused, in order. After the close event: nothing, whatever comes (RFC 6455 §5.5.1).
   */
  receive(chunk: Uint8Array): readonly ConnectionEvent[] {
    requireBytes(chunk, 'a chunk')
    if (!states[this.current].receives || chunk.length === 0) return nothing
    const events: ConnectionEvent[] = []
    try {
      this.decoder.push(chunk)
      while (states[this.current].receives && this.decoder.next()) this.readPiece(events)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      events.push(this.fail(error))
    }
    return events
  }

  /** The transport has ended, in order or not. Without a Close before it that is a 1006; a second call reports nothing. */
  receiveEnd(): readonly ConnectionEvent[] {
    const wasAwaited = states[this.current].receives
    const by = this.current === 'open' ? 'transport' : 'local'
    this.move('end')
    if (!wasAwaited) return nothing
    return [{ type: 'close', code: CloseCode.Abnormal, reason: '', clean: false, by, error: undefined }]
  }

  /**
   * Sends a text.
   *
   * @param text A string (a lone surrogate goes as U+FFFD, or is a TypeError, as `loneSurrogates` says), or bytes that are
   *   UTF-8: they are not checked. Copied.
   * @returns `false`: the connection no longer sends, and nothing was taken. That is a race, not a mistake.
   */
  sendText(text: string | Uint8Array, options?: SendOptions): boolean {
    if (typeof text !== 'string') return this.send(Opcode.Text, text, options)
    if (this.refusesLone) requireWellFormed(text)
    if (!states[this.current].sends) return false
    this.output.addText(text, options?.compress)
    return true
  }

  /** Sends a binary message, copied. `false`: the connection no longer sends, and nothing was taken. */
  sendBinary(bytes: Uint8Array, options?: SendOptions): boolean {
    return this.send(Opcode.Binary, bytes, options)
  }

  /**
   * Sends a ping.
   *
   * @param data 125 bytes at most, a string as UTF-8; the peer's pong brings them back (RFC 6455 §5.5.2).
   * @returns `false`: the connection no longer sends, and nothing was taken.
   * @throws {RangeError} for more than 125 bytes.
   */
  ping(data: string | Uint8Array = ''): boolean {
    return this.sendControl(Opcode.Ping, data)
  }

  /** Sends a pong that nobody asked for (RFC 6455 §5.5.3); otherwise as {@link Connection.ping}. */
  pong(data: string | Uint8Array = ''): boolean {
    return this.sendControl(Opcode.Pong, data)
  }

  /**
   * Begins the end: a Close frame goes out behind all that waits. What still comes until the peer's Close is reported as before.
   *
   * @param code 1000–1003, 1007–1014 or 3000–4999; none: an empty Close.
   * @param reason At most 123 bytes of UTF-8.
   * @returns `false`: it has begun already.
   * @throws {RangeError} for a code that may not travel or a reason that is too long; `TypeError` for a reason alone.
   */
  close(code?: number, reason?: string): boolean {
    if (this.refusesLone && reason !== undefined) requireWellFormed(reason)
    const payload = formatClosePayload(code, reason)
    if (this.current !== 'open') return false
    this.owedClose = payload
    this.move('close')
    return true
  }

  /**
   * What must be sent now, in one piece, and is yours; `undefined`: nothing. The Close that answers the peer's, or a fault,
   * goes in here, behind what has been sent since.
   */
  takeOutput(): Bytes | undefined {
    const output = this.output.take(this.owedClose)
    if (this.owedClose !== undefined) this.move('close-taken')
    this.owedClose = undefined
    return output
  }

  private move(input: Input): void {
    const before = states[this.current]
    this.current = before.next[input] ?? this.current
    const { sends, receives } = states[this.current]
    if ((before.sends || before.receives) && !sends && !receives) this.pipeline?.close()
  }

  private readPiece(events: ConnectionEvent[]): void {
    const { decoder } = this
    switch (decoder.opcode) {
      case Opcode.Close:
        events.push(this.receiveClose(decoder.payload()))
        return
      case Opcode.Ping:
        events.push(this.receivePing(decoder.payload()))
        return
      case Opcode.Pong:
        events.push({ type: 'pong', data: decoder.payload() })
        return
    }
    const message = this.messages.read(decoder)
    if (message !== undefined) events.push(message)
  }

  // "Upon receipt of a Ping frame, an endpoint MUST send a Pong frame in response, unless it already received a Close
  // frame." Nor after it has sent one (§5.5.1).                                                     RFC 6455 §5.5.2
  private receivePing(data: Bytes): ConnectionEvent {
    if (states[this.current].sends) this.output.addPong(data)
    return { type: 'ping', data }
  }

  // "If an endpoint receives a Close frame and did not previously send a Close frame, the endpoint MUST send a Close frame
  // in response. (When sending a Close frame in response, the endpoint typically echos the status code it received.)"
  //                                                                                                 RFC 6455 §5.5.1
  private receiveClose(payload: Bytes): ConnectionClosed {
    const { code, reason } = parseClosePayload(payload)
    const by = this.current === 'open' ? 'remote' : 'local'
    if (by === 'remote') this.owedClose = payload.length === 0 ? payload : formatClosePayload(code)
    this.move('close-received')
    return { type: 'close', code, reason, clean: true, by, error: undefined }
  }

  // "If _The WebSocket Connection is Established_ … the endpoint SHOULD send a Close frame with an appropriate status code
  // before proceeding to _Close the WebSocket Connection_", and reads nothing more.                 RFC 6455 §7.1.7
  private fail(error: ProtocolError): ConnectionClosed {
    const code = error.closeCode ?? CloseCode.ProtocolError
    if (this.current === 'open') this.owedClose = formatClosePayload(code)
    this.move('fault')
    return { type: 'close', code, reason: '', clean: false, by: 'local', error }
  }

  private send(opcode: number, message: Uint8Array, options: SendOptions | undefined): boolean {
    requireBytes(message, 'a message that is no string')
    if (!states[this.current].sends) return false
    this.output.addMessage(opcode, message, options?.compress)
    return true
  }

  private sendControl(opcode: number, data: string | Uint8Array): boolean {
    if (this.refusesLone && typeof data === 'string') requireWellFormed(data)
    const payload = typeof data === 'string' ? encodeUtf8(data) : data
    requireBytes(payload, 'what a ping or pong carries, where it is no string,')
    // "All control frames MUST have a payload length of 125 bytes or less"                             RFC 6455 §5.5
    if (payload.length > MAX_CONTROL_PAYLOAD)
      throw new RangeError(`a ping or pong carries at most ${MAX_CONTROL_PAYLOAD} bytes, not ${payload.length}`)
    if (!states[this.current].sends) return false
    this.output.addFrame(FIN_BIT | opcode, payload)
    return true
  }
}
