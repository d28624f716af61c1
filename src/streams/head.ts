/**
 * Reads the head of a request or response from a transport.
 *
 * @module
 */

import { destroy, type Holder, hold, isOver, release } from '../driver/holder.ts'
import { ProtocolError, type ProtocolErrorDetails } from '../errors.ts'
import type { AbortSignalLike } from '../platform/abort.ts'
import type { StreamDuplex } from './duplex.ts'
import type { Host } from './host.ts'
import type { Setup } from './setup.ts'

/** A request or response parser. */
export interface HeadParser<Parsed> {
  push(chunk: Uint8Array): Parsed | undefined
}

/** The result if no head arrived: the transport ended or failed, or the wait timed out. */
export interface NoHead {
  readonly missing: ProtocolError
  /** The number of bytes that arrived. */
  readonly size: number
}

/**
 * Reads until the parser returns a head, for at most `headTimeout`. The transport is held, and is paused after the head.
 *
 * @param late The error's details if the head does not arrive in time.
 * @returns Rejects with the reason of `signal` when it is aborted.
 */
export function readHead<Parsed>(
  { host, signal }: Setup,
  duplex: StreamDuplex,
  parser: HeadParser<Parsed>,
  late?: ProtocolErrorDetails,
): Promise<Parsed | NoHead> {
  return new Promise((resolve, reject) => {
    new Awaited(host, duplex, parser, signal, late, { resolve, reject }).start()
  })
}

/** Whether the result of {@link readHead} is not a head. */
export function isMissing(head: object): head is NoHead {
  return 'missing' in head
}

/** Settles a promise. */
interface Settle<Result> {
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/** The holder of a transport until its head has arrived. */
class Awaited<Parsed> implements Holder {
  dueAt = 0
  place = -1
  readonly #host: Host
  readonly #duplex: StreamDuplex
  readonly #parser: HeadParser<Parsed>
  readonly #signal: AbortSignalLike | undefined
  readonly #late: ProtocolErrorDetails | undefined
  readonly #settle: Settle<Parsed | NoHead>
  #size = 0

  constructor(
    host: Host,
    duplex: StreamDuplex,
    parser: HeadParser<Parsed>,
    signal: AbortSignalLike | undefined,
    late: ProtocolErrorDetails | undefined,
    settle: Settle<Parsed | NoHead>,
  ) {
    this.#host = host
    this.#duplex = duplex
    this.#parser = parser
    this.#signal = signal
    this.#late = late
    this.#settle = settle
  }

  start(): void {
    const { deadlines, timers, numbers } = this.#host
    hold(this.#duplex, this)
    this.#signal?.addEventListener('abort', this.#aborted)
    deadlines.set(this, timers.now() + numbers.headTimeout)
    if (this.#signal?.aborted) this.#aborted()
    else if (isOver(this.#duplex)) this.lost(undefined)
    else this.#duplex.resume()
  }

  read(chunk: Uint8Array): void {
    const parsed = this.#parser.push(chunk)
    if (parsed !== undefined) this.#finish(parsed)
    this.#size += chunk.length
  }

  ended(): void {
    this.#missing(`the transport ended after ${this.#size} bytes of the head`)
  }

  lost(cause: Error | undefined): void {
    this.#missing(`the transport failed after ${this.#size} bytes of the head`, cause)
  }

  due(): void {
    const message = `no complete head within ${this.#host.numbers.headTimeout} ms (\`headTimeout\`)`
    this.#fail(new ProtocolError('timeout', message, this.#late))
  }

  shutDown(): void {}

  abandon(): void {}

  // "A server that receives an incomplete request message … MAY send an error response prior to closing the connection."
  //                                                                                                    RFC 9112 §8
  #missing(message: string, cause?: unknown): void {
    this.#fail(new ProtocolError('head-syntax', message, { reference: 'RFC 9112 §8', offset: this.#size, cause }))
  }

  #fail(error: ProtocolError): void {
    this.#finish({ missing: error, size: this.#size })
  }

  readonly #aborted = (): void => {
    this.#leave()
    destroy(this.#duplex)
    this.#settle.reject(this.#signal?.reason)
  }

  #finish(result: Parsed | NoHead): void {
    this.#leave()
    this.#duplex.pause()
    this.#settle.resolve(result)
  }

  #leave(): void {
    this.#host.deadlines.remove(this)
    this.#signal?.removeEventListener('abort', this.#aborted)
  }
}

/** Destroys and releases a transport. */
export function leave(duplex: StreamDuplex): void {
  destroy(duplex)
  release(duplex)
}
