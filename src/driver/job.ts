/**
 * Large messages that are compressed: that takes long, so it is done slice by slice, and the event loop goes on in between. What a peer
 * sends behind such a message waits for it; pings, pongs and other peers do not.
 *
 * @module
 */

import { Queue } from '../bytes/queue.ts'
import type { AnyConnection } from '../connection/connection.ts'
import type { SendOptions } from '../connection/options.ts'
import { type OutgoingMessage, startMessage } from '../connection/start-message.ts'
import { formatClosePayload } from '../frame/close.ts'
import type { Timers } from '../platform/timers.ts'
import type { Deadlines, Timed } from './deadlines.ts'
import {
  copyOf,
  type PeerSendOptions,
  type PlainMessage,
  requireMessage,
  sizeOf,
  typeOf,
  wholeDataOf,
} from './messages.ts'

/** Messages of more bytes, or code units of a string, are compressed in slices. */
const MAX_AT_ONCE = 262_144

/** The size of a slice: some milliseconds. */
const SLICE = 131_072

/** What a small message counts for, besides its size. */
const MESSAGE_SIZE = 64

/** What the peers of an endpoint share. */
export interface JobHost {
  readonly timers: Timers
  readonly deadlines: Deadlines
  readonly numbers: { readonly closeTimeout: number }
  /**
   * They take turns, one large message each: one slice is compressed at a time, few compressors are in use, and a peer that always has
   * another one keeps nobody waiting.
   */
  readonly jobs: Queue<Job>
}

/** The peer of a job, as far as jobs know it. */
export interface JobPeer {
  readonly connection: AnyConnection
  readonly host: JobHost
  /** Sends in front of what waits. */
  sendNow(message: PlainMessage, options: PeerSendOptions | undefined): boolean
  /** Notes that `size` bytes of a message have been put out; `written`, if its end is among them. */
  mark(size: number, sends: boolean, written: PeerSendOptions['written']): void
  /** Until nothing waits any more. */
  job: Job | undefined
  /** Something of the user's has thrown. */
  threw(error: unknown): void
}

/** Whether a message is to be compressed in slices. */
export function isLarge(
  connection: AnyConnection,
  message: PlainMessage,
  options: PeerSendOptions | undefined,
): boolean {
  const { pipeline, lifecycle } = connection
  if (pipeline === undefined || !lifecycle.sends) return false
  const size = wholeDataOf(message)?.length ?? 0
  return size > MAX_AT_ONCE && pipeline.encodesInPieces(size, options?.compress)
}

/**
 * Starts a job with its first message, which is large.
 *
 * @throws TypeError as {@link Connection.send} does; nothing has been started then.
 */
export function startJob(peer: JobPeer, message: PlainMessage, options: PeerSendOptions | undefined): Job {
  const job = new Job(peer)
  job.add(message, options)
  const { jobs } = peer.host
  jobs.push(job)
  if (jobs.size === 1) workSoon(peer.host)
  return job
}

function workSoon(host: JobHost): void {
  host.timers.soon(() => {
    const { jobs } = host
    const { first } = jobs
    first?.work()
    if (first?.isBetween && !first.isOver) jobs.push(jobs.take() as Job)
    while (jobs.first?.isOver) jobs.take()
    if (jobs.size > 0) workSoon(host)
  })
}

/** A message that waits. */
interface Waiting {
  readonly message: PlainMessage
  readonly size: number
  readonly isLarge: boolean
  /** `false`: it came behind `close`, and only its `written` has its turn. */
  readonly sends: boolean
  readonly options: PeerSendOptions | undefined
}

/** A large message of a peer, and all that waits behind it. */
export class Job implements Timed {
  dueAt = 0
  place = -1
  /** Bytes that wait: of a string its code units. */
  size = 0
  /** Nothing waits any more. */
  isOver = false
  readonly #peer: JobPeer
  readonly #waiting: Queue<Waiting> = new Queue()
  /** Writes the first message, if it is large. */
  #writer: OutgoingMessage | undefined = undefined
  /** How much of it has been written. */
  #at = 0
  #close: { readonly code: number | undefined; readonly reason: string | undefined; readonly at: number } | undefined =
    undefined

  constructor(peer: JobPeer) {
    this.#peer = peer
  }

  /** No message is half written. */
  get isBetween(): boolean {
    return this.#at === 0
  }

  /** Whether messages may be added. */
  get sends(): boolean {
    return this.#close === undefined && this.#peer.connection.lifecycle.sends
  }

  /** Adds a message. What is not large is copied. */
  add(message: PlainMessage, options: PeerSendOptions | undefined): boolean {
    requireMessage(message)
    const { connection } = this.#peer
    const { sends } = this
    const large = sends && isLarge(connection, message, options)
    const kept = large ? message : sends ? copyOf(message) : ''
    const size = sizeOf(kept)
    // An open message makes this throw, now.
    if (large && this.#waiting.size === 0) this.#writer = start(connection, message, options)
    this.#waiting.push({ message: kept, size, isLarge: large, sends, options })
    this.size += size
    return sends
  }

  /** Closes behind all that waits; its time runs from now on. */
  close(code: number | undefined, reason: string | undefined): boolean {
    formatClosePayload(code, reason)
    if (!this.sends) return false
    const { timers, deadlines, numbers } = this.#peer.host
    this.#close = { code, reason, at: timers.now() }
    deadlines.set(this, this.#close.at + numbers.closeTimeout)
    return true
  }

  /** Does as much as one slice, but no more than one large message. */
  work(): void {
    try {
      let left = SLICE
      let wasLarge = false
      for (let next = this.#waiting.first; next !== undefined && left > 0; next = this.#waiting.first) {
        if (wasLarge && next.isLarge) break
        wasLarge ||= next.isLarge
        left -= next.isLarge ? this.#slice(next) : this.#send(next)
      }
      if (this.#waiting.size === 0) this.#finish()
    } catch (error) {
      this.drop()
      this.#peer.threw(error)
    }
  }

  #slice({ message, size, options }: Waiting): number {
    const { connection } = this.#peer
    const data = wholeDataOf(message) as string | Uint8Array
    if (data.length !== size) throw new TypeError('the array of a message was transferred before it was written')
    this.#writer ??= start(connection, message, options)
    const end = Math.min(size, this.#at + SLICE)
    const piece = typeof data === 'string' ? data.slice(this.#at, end) : data.subarray(this.#at, end)
    const isLast = end === size
    const before = connection.outputSize
    if (isLast ? this.#writer.end(piece) : this.#writer.write(piece)) {
      this.#peer.mark(connection.outputSize - before, true, isLast ? options?.written : undefined)
      this.size -= piece.length
      this.#at = end
      if (isLast) this.#next()
    } else this.drop()
    return piece.length
  }

  #send({ message, size, sends, options }: Waiting): number {
    if (sends) this.#peer.sendNow(message, options)
    else this.#peer.mark(0, false, options?.written)
    this.size -= size
    this.#next()
    return size + MESSAGE_SIZE
  }

  #next(): void {
    this.#waiting.take()
    this.#writer = undefined
    this.#at = 0
  }

  /** Nothing that waits is sent any more. */
  drop(): void {
    for (let next = this.#waiting.take(); next !== undefined; next = this.#waiting.take())
      this.#peer.mark(0, false, next.options?.written)
    this.size = 0
    this.#finish()
  }

  #finish(): void {
    if (this.isOver) return
    const { host, connection } = this.#peer
    this.isOver = true
    this.#peer.job = undefined
    host.deadlines.remove(this)
    if (this.#close === undefined) return
    const { code, reason, at } = this.#close
    // The connection counts from the time of the next call.
    if (connection.close(code, reason)) connection.poll(at)
  }

  /** The close has taken too long; the connection sees that, too. */
  due(): void {
    this.drop()
  }
}

function start(connection: AnyConnection, message: PlainMessage, options: SendOptions | undefined): OutgoingMessage {
  return startMessage(connection, typeOf(message), { compress: options?.compress })
}
