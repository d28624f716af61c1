/**
 * Connects a peer to a pair of message streams.
 *
 * @module
 */

import { describeValue, wrongArgument } from '../arguments.ts'
import { viewOf } from '../bytes/view.ts'
import type { ConnectionClosed, ConnectionEvent } from '../connection/events.ts'
import { ClosedError, type ClosedErrorDetails } from '../driver/closed-error.ts'
import type { Timed } from '../driver/deadlines.ts'
import { formatClosePayload } from '../frame/close.ts'
import type { AbortSignalLike } from '../platform/abort.ts'
import { createWritable, type WritableController, type WritableStreamLike } from '../platform/streams.ts'
import { encodeUtf8 } from '../platform/text.ts'
import { inMicrotask } from '../platform/timers.ts'
import { CloseCode } from '../registry/websocket.ts'
import { closeArguments } from './close-code.ts'
import type { StreamDuplex } from './duplex.ts'
import type { Host, StreamPeer } from './host.ts'
import { Inbox } from './inbox.ts'
import type { MessageStreams, StreamMessage } from './options.ts'
import type { Setup } from './setup.ts'

/**
 * How long the answer to the peer's Close waits for a reader that takes nothing more, in ms. A reader that replies to each message, like a
 * pipe, takes the next message much earlier. A stalled reader must not hold up the peer or pending writes.
 */
const PATIENCE = 1000

/** A ping whose pong is awaited. */
interface SentPing {
  readonly data: Uint8Array
  readonly at: number
  readonly resolve: (roundTrip: number) => void
  readonly reject: (error: Error) => void
}

/** The streams of one peer. */
export class Bridge implements Timed, MessageStreams {
  dueAt = 0
  place = -1
  readonly writable: WritableStreamLike<StreamMessage>
  readonly closed: Promise<ConnectionClosed>
  readonly #host: Host
  readonly #peer: StreamPeer
  readonly #duplex: StreamDuplex
  readonly #signal: AbortSignalLike | undefined
  readonly #inbox: Inbox
  /** Whether reading has stopped. */
  #paused = false

  /** Ends the writable stream. */
  #sink: WritableController | undefined
  /** The number of messages written so far. */
  #writes = 0
  /** Fails the message that is being written. */
  #failWrite: ((error: Error) => void) | undefined
  /** Completes the closing of the writable stream. */
  #completeClose: (() => void) | undefined
  #pings: SentPing[] = []
  #lastPing = 0

  /** The code and reason of our own Close. */
  #sent: ClosedErrorDetails = { closeCode: CloseCode.NoStatus }
  /** The close event. */
  #end: ConnectionClosed | undefined
  #resolveClosed: (end: ConnectionClosed) => void = () => {}
  /** The answer to the peer's Close waits for a reader; `#lastSeenWrite` is the last write at the time of the last check. */
  #answerWaits = false
  #lastSeenWrite = 0
  #stopWaiting: () => void = () => {}
  /** Whether nothing can be written any more. */
  #writesNothing = false

  constructor({ host, readAhead, signal }: Setup, peer: StreamPeer, duplex: StreamDuplex) {
    this.#host = host
    this.#peer = peer
    this.#duplex = duplex
    this.#signal = signal
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve
    })
    this.#inbox = new Inbox(readAhead, {
      onAsked: () => this.#readerAsked(),
      onRead: () => {
        this.#answer()
        this.#giveUp()
      },
      onCancel: (reason) => this.#cancel(reason),
    })
    this.writable = createWritable({
      start: (controller: WritableController) => {
        this.#sink = controller
        const { signal } = controller
        signal?.addEventListener('abort', () => this.#stopWriting(signal.reason))
      },
      write: (message) => this.#write(message),
      close: () => this.#closeAfterWrites(),
      abort: async (reason) => this.#abort(reason),
    })
    peer.handlers = {
      event: (_, event) => this.#event(event),
      close: (_, event) => this.#closed(event),
      gone: () => this.#gone(),
    }
    duplex.onprogress = () => this.#settle()
    this.#flow()
    signal?.addEventListener('abort', this.#signalled)
    if (signal?.aborted) this.#signalled()
  }

  get readable(): MessageStreams['readable'] {
    return this.#inbox.readable
  }

  // Reading

  #event(event: ConnectionEvent): void {
    if (event.type === 'text' || event.type === 'binary') this.#receive(event.data)
    else if (event.type === 'pong') this.#ponged(event.data)
  }

  #receive(message: Parameters<Inbox['push']>[0]): void {
    // A later reader must not mistake the queued messages for all messages.
    if (this.#inbox.isFull) {
      if (this.#skipsUnread) this.#inbox.finish(this.#error('unread messages after our Close were dropped'), false)
      else if (this.#duplex.destroyed)
        this.#inbox.finish(this.#error('the transport failed: unread messages were dropped'), false)
    }
    this.#inbox.push(message)
    this.#flow()
  }

  /** After our own Close we continue to read for the peer's Close, past messages that have no reader. */
  get #skipsUnread(): boolean {
    return this.#peer.connection.state !== 'open' && !this.readable.locked
  }

  /** Starts or stops reading. */
  #flow(): void {
    const paused = !(this.#inbox.wants || this.#skipsUnread)
    if (paused === this.#paused) return
    this.#paused = paused
    if (paused) this.#peer.pause()
    else this.#peer.resume()
  }

  #readerAsked(): void {
    this.#flow()
    if (this.#answerWaits) this.#waitForReader()
  }

  #cancel(reason: unknown): void {
    this.#closeFor(reason, CloseCode.Normal)
    this.#giveUp()
  }

  // Writing

  #write(message: StreamMessage): Promise<void> {
    // A released lock is not reported, so check for it here.
    if (this.#answerWaits && !this.#inbox.isAtWork) this.#answer()
    return new Promise((resolve, reject) => {
      this.#writes++
      this.#failWrite = reject
      const written = (error?: Error): void => {
        this.#failWrite = undefined
        if (error === undefined) return void resolve()
        // The close event may follow in the same turn.
        inMicrotask(() => reject(this.#refusal()))
        this.#writesEnd()
      }
      try {
        this.#peer.send(requireMessage(message), { written })
      } catch (error) {
        // The error ends the writable stream, so close now: nothing could close it later.
        this.#failWrite = undefined
        this.#closeFor(error, CloseCode.InternalError)
        this.#writesEnd()
        throw error
      }
    })
  }

  #closeAfterWrites(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#completeClose = resolve
      this.#begin(CloseCode.Normal)
      this.#writesEnd()
      void this.closed.then(() => {
        const error = this.#failure()
        if (error === undefined) resolve()
        else reject(error)
      })
    })
  }

  /** Handles the abort of the stream. It does not wait for the message that is being written. */
  #stopWriting(reason: unknown): void {
    const [closeCode = CloseCode.NoStatus] = closeArguments(reason, CloseCode.InternalError)
    this.#failWrite?.(new ClosedError('not written: the stream was aborted', { closeCode, cause: reason }))
    // A caller that gives up does not wait for a Close.
    this.#completeClose?.()
    this.#writesEnd()
  }

  #abort(reason: unknown): void {
    this.#closeFor(reason, CloseCode.InternalError)
    this.#writesEnd()
  }

  /** Fails pending writes, unless the stream is closing: that has its own outcome. */
  #failWrites(): void {
    if (this.#completeClose !== undefined) return
    this.#sink?.error(this.#refusal())
    this.#writesEnd()
  }

  #writesEnd(): void {
    this.#writesNothing = true
    this.#giveUp()
  }

  // Pings

  ping(data: string | Uint8Array = String(++this.#lastPing)): Promise<number> {
    return new Promise((resolve, reject) => {
      // An error thrown here rejects the promise.
      if (this.#end !== undefined || !this.#peer.ping(data)) throw this.#refusal()
      const payload = typeof data === 'string' ? encodeUtf8(data) : new Uint8Array(data)
      this.#pings.push({ data: payload, at: this.#host.timers.now(), resolve, reject })
    })
  }

  /** A pong answers the newest ping with its data, and all earlier ones (RFC 6455 §5.5.3). */
  #ponged(data: Uint8Array): void {
    let answered = this.#pings.length
    while (answered > 0 && !isEqual(this.#pings[answered - 1]?.data, data)) answered--
    const now = this.#host.timers.now()
    for (const { at, resolve } of this.#pings.splice(0, answered)) resolve(now - at)
  }

  // The end

  close(code?: number, reason?: string): void {
    // Wrong arguments must have no effect.
    formatClosePayload(code, reason)
    if (this.#begin(code, reason)) this.#failWrites()
    this.#flow()
  }

  /** Begins our Close, or answers the peer's. */
  #begin(code: number | undefined, reason?: string): boolean {
    if (this.#end !== undefined) {
      this.#answer()
      return false
    }
    const began = this.#peer.close(code, reason)
    if (began) this.#sent = { closeCode: code ?? CloseCode.NoStatus, reason: reason ?? '' }
    return began
  }

  #closeFor(cause: unknown, fallback: number): void {
    if (this.#begin(...closeArguments(cause, fallback))) this.#failWrites()
    this.#flow()
  }

  readonly #signalled = (): void => {
    const reason = this.#signal?.reason
    this.#stopWriting(reason)
    this.#abort(reason)
    // Also if the WebSocket was closing.
    this.#sink?.error(this.#refusal())
    this.#giveUp(true)
  }

  /** When nobody reads or writes any more, the transport has `closeTimeout` left. */
  #giveUp(readsNothing: boolean = this.#inbox.isOver): void {
    const { deadlines, timers, numbers } = this.#host
    if (readsNothing && this.#writesNothing && !this.#duplex.destroyed)
      deadlines.setLatest(this, timers.now() + numbers.closeTimeout)
  }

  #closed(event: ConnectionClosed): void {
    this.#end = event
    const waits = event.clean && event.by === 'remote' && this.#inbox.isAtWork
    const error = this.#failure()
    this.#inbox.finish(error, waits)
    if (error !== undefined) this.#failWrites()
    for (const ping of this.#pings.splice(0)) ping.reject(this.#refusal())
    if (waits) {
      // A peer may end its direction right after its Close and still read. If we reported that end, nothing more could be sent.
      this.#duplex.beforeEnd = new Promise((resolve) => {
        this.#stopWaiting = resolve
      })
      this.#answerWaits = true
      this.#waitForReader()
    } else if (event.clean) this.#answer()
    this.#flow()
    this.#settle()
  }

  /** Restarts the wait, because a reader has taken something, or a write that it may wait for is still pending. */
  #waitForReader(): void {
    const { deadlines, timers } = this.#host
    this.#lastSeenWrite = this.#writes
    deadlines.set(this, timers.now() + PATIENCE)
  }

  due(): void {
    if (!this.#answerWaits) return void this.#peer.terminate()
    // A pipe takes the next message after its last reply has been written. The answer could only be written after that reply anyway.
    if (this.#failWrite !== undefined && this.#writes === this.#lastSeenWrite) this.#waitForReader()
    else this.#answer()
  }

  /** Answers the peer's Close. */
  #answer(): void {
    if (this.#end?.by !== 'remote') return
    if (this.#answerWaits) {
      this.#answerWaits = false
      this.#host.deadlines.remove(this)
      this.#inbox.stopWaiting()
    }
    const { code } = this.#end
    this.#peer.close(code === CloseCode.NoStatus ? undefined : code)
    this.#stopWaiting()
  }

  /** Resolves `closed` when everything has been written. */
  #settle(): void {
    if (this.#end === undefined) return
    const { lifecycle, outputSize } = this.#peer.connection
    const isWritten = !lifecycle.sends && outputSize === 0 && this.#duplex.isFlushed
    // The transport ended without a Close, so nobody waits for our bytes.
    const isLost = !this.#end.clean && this.#end.error === undefined
    if (isWritten || isLost) this.#resolve(this.#end)
  }

  #gone(): void {
    this.#host.deadlines.remove(this)
    this.#stopWaiting()
    this.#signal?.removeEventListener('abort', this.#signalled)
    this.#inbox.stopWaiting()
    this.#failWrites()
    if (this.#end !== undefined) this.#resolve(this.#end)
  }

  /** Resolves `closed`. Our Close was not known at the time of the event. */
  #resolve(end: ConnectionClosed): void {
    this.#resolveClosed({ ...end, sentCode: this.#peer.connection.lifecycle.sentCode || undefined })
  }

  /** Why the WebSocket did not close cleanly; `undefined` if it did, or is still open. */
  #failure(): Error | undefined {
    if (this.#end?.clean !== false) return undefined
    return this.#end.error ?? this.#error('the transport ended without a Close')
  }

  /** The error for messages that cannot be written any more. */
  #refusal(): Error {
    return this.#failure() ?? this.#error('nothing can be written after a Close')
  }

  /** Creates an error with the code of the close event or, before that, of our own Close. */
  #error(message: string): ClosedError {
    const end = this.#end
    if (end === undefined) return new ClosedError(message, this.#sent)
    const { code, reason, cause = this.#host.thrown } = end
    return new ClosedError(message, { closeCode: code, reason, cause })
  }
}

/** Converts a message to what a peer sends. Rejects a message with a type, which a peer would accept. */
function requireMessage(message: StreamMessage): string | Uint8Array {
  const plain = typeof message === 'string' ? message : viewOf(message)
  // A detached or out-of-bounds view only looks empty. Calling a method of it throws a `TypeError`.
  if (plain?.length === 0) (message as Partial<Uint8Array>).keys?.()
  if (plain !== undefined) return plain
  throw wrongArgument('a message', 'a string, an ArrayBuffer or a view of one', describeValue(message))
}

function isEqual(one: Uint8Array | undefined, other: Uint8Array): boolean {
  return one?.length === other.length && one.every((byte, i) => byte === other[i])
}
