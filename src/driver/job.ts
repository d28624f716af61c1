/**
 * Compression of large messages. It takes long, so it is done in slices, and the event loop runs in between. Messages that are sent after
 * such a message wait for it; pings, pongs and other peers do not.
 *
 * @module
 */

import { Queue } from '../bytes/queue.ts'
import type { AnyConnection } from '../connection/connection.ts'
import { readCompress } from '../connection/options.ts'
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
  withoutWritten,
} from './messages.ts'

/** Messages of more bytes, or of more code units if they are strings, are compressed in slices. */
const MAX_AT_ONCE = 262_144

/** The size of a slice. Compressing one takes some milliseconds. */
const SLICE = 131_072

/** What a small message counts for, in addition to its size. */
const MESSAGE_SIZE = 64

/** The parts that the peers of an endpoint share. */
export interface JobHost {
  readonly timers: Timers
  readonly deadlines: Deadlines
  readonly numbers: { readonly closeTimeout: number }
  /**
   * Jobs take turns, one large message each. So one slice is compressed at a time, few compressors are in use, and a peer that always has
   * another large message does not block the others.
   */
  readonly jobs: Queue<Job>
}

/** The part of a peer that jobs use. */
export interface JobPeer {
  readonly connection: AnyConnection
  readonly host: JobHost
  /** Sends ahead of the messages that wait. */
  sendNow(message: PlainMessage, options: PeerSendOptions | undefined): boolean
  /** Notes that `size` bytes of a message have been queued. `written` is given if the message ends there. */
  mark(size: number, sends: boolean, written: PeerSendOptions['written']): void
  /** The peer's job while messages wait. */
  job: Job | undefined
  /** Called when a user's function has thrown. */
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

/** A queued message. */
interface Waiting {
  readonly message: PlainMessage
  readonly size: number
  readonly isLarge: boolean
  /** `false` if the message was sent after `close`: it is dropped, and only its `written` is called in turn. */
  readonly sends: boolean
  readonly options: PeerSendOptions | undefined
}

/** A large message of a peer, and all messages queued after it. */
export class Job implements Timed {
  dueAt = 0
  place = -1
  /** The size of the queued messages, in bytes, or in code units for strings. */
  size = 0
  /** Whether the queue is empty for good. */
  isOver = false
  readonly #peer: JobPeer
  readonly #waiting: Queue<Waiting> = new Queue()
  /** Writes the first message, if it is large. */
  #writer: OutgoingMessage | undefined = undefined
  /** How much of the first message has been written. */
  #at = 0
  #close: { readonly code: number | undefined; readonly reason: string | undefined; readonly at: number } | undefined =
    undefined

  constructor(peer: JobPeer) {
    this.#peer = peer
  }

  /** Whether no message is partly written. */
  get isBetween(): boolean {
    return this.#at === 0
  }

  /** Whether messages may be added. */
  get sends(): boolean {
    return this.#close === undefined && this.#peer.connection.lifecycle.sends
  }

  /** Adds a message. Copies it unless it is large. */
  add(message: PlainMessage, options: PeerSendOptions | undefined): boolean {
    requireMessage(message)
    readCompress(withoutWritten(options)) // a mistake throws now, and not when the message's turn comes
    const { connection } = this.#peer
    const { sends } = this
    const large = sends && isLarge(connection, message, options)
    const kept = large ? message : sends ? copyOf(message) : ''
    const size = sizeOf(kept)
    // If a message is still open, this throws now and not later.
    if (large && this.#waiting.size === 0) this.#writer = start(connection, message, options)
    this.#waiting.push({ message: kept, size, isLarge: large, sends, options })
    this.size += size
    return sends
  }

  /** Closes after all queued messages. The timeout starts now. */
  close(code: number | undefined, reason: string | undefined): boolean {
    formatClosePayload(code, reason)
    if (!this.sends) return false
    const { timers, deadlines, numbers } = this.#peer.host
    this.#close = { code, reason, at: timers.now() }
    deadlines.set(this, this.#close.at + numbers.closeTimeout)
    return true
  }

  /** Compresses as much as one slice, but no more than one large message. */
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

  /** Drops all queued messages. */
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
    // The connection starts its timeout at the time of the next call.
    if (connection.close(code, reason)) connection.poll(at)
  }

  /** The close has timed out. The connection notices that too. */
  due(): void {
    this.drop()
  }
}

function start(
  connection: AnyConnection,
  message: PlainMessage,
  options: PeerSendOptions | undefined,
): OutgoingMessage {
  return startMessage(connection, typeOf(message), withoutWritten(options))
}
