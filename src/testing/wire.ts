/**
 * The suite's end of a connection: a transport, what came over it, and what was written to it. The runner and `TestPeer` stand on it.
 *
 * @module
 */

import type { DeflateCodec } from '../deflate/codec.ts'
import type { DuplexLike } from '../driver/shapes.ts'
import { systemTimers, type Timers } from '../platform/timers.ts'
import type { Role } from '../types.ts'
import { Boundary } from './boundary.ts'
import { Incoming, type ReceivedFrame } from './incoming.ts'
import { Transcript } from './transcript.ts'

/** CANCEL, the code of a reset over HTTP/2 (RFC 9113 §7). */
const CANCEL = 8

/** A transport that can be reset. */
type Resettable = DuplexLike & { resetAndDestroy?(): unknown }

/** How a direction ended. */
export type TransportEnd = 'fin' | 'reset'

/** Called for what an agent sent. */
export interface WireEvents {
  /** A head is there, and nothing after it has been read. */
  head(): void
  frame(frame: ReceivedFrame): void
}

/** Bytes to write. */
export interface Output {
  readonly chunks: readonly Uint8Array[]
  /** What they are, in words. */
  readonly notes?: readonly string[]
  /** How many of them are a head: frames follow. */
  readonly headSize?: number
}

/** One connection with an agent. Nothing here rejects or throws for what the agent does. */
export class Wire {
  readonly incoming: Incoming
  readonly transcript: Transcript
  /** How the agent ended its direction. */
  ended: TransportEnd | undefined
  /** Who ended the transport first. */
  endedFirst: 'agent' | 'suite' | undefined
  /** How many chunks the transport has taken. */
  taken = 0
  /** What was written since the handshake. */
  readonly boundary: Boundary = new Boundary()
  readonly timers: Timers
  readonly #begin: number
  #transport: Resettable | undefined
  /** Our direction is over. */
  #closed = false
  #destroyed = false
  #lastWrite: Promise<void> = Promise.resolve()
  readonly #waiting: Set<() => void> = new Set()

  /** @param role The suite's. */
  constructor(role: Role, events: WireEvents, codec?: DeflateCodec, timers: Timers = systemTimers) {
    this.timers = timers
    this.#begin = timers.now()
    this.transcript = new Transcript(() => this.elapsed)
    this.incoming = new Incoming(role, this.transcript, events, codec)
  }

  /** Milliseconds since the beginning, to a tenth. */
  get elapsed(): number {
    return Math.round(10 * (this.timers.now() - this.#begin)) / 10
  }

  /** Whether something can be written. */
  get writable(): boolean {
    return this.#transport !== undefined && !this.#closed && !this.#destroyed && this.ended !== 'reset'
  }

  /** Whether nothing more can come. */
  get over(): boolean {
    return this.ended !== undefined || this.#destroyed
  }

  /** Whether the suite has let go of the transport. */
  get isDestroyed(): boolean {
    return this.#destroyed
  }

  /** Begins to read. */
  attach(transport: DuplexLike): void {
    this.#transport = transport
    if ('allowHalfOpen' in transport) transport.allowHalfOpen = true
    transport.setNoDelay?.(true)
    transport.setTimeout?.(0)
    transport.on('data', this.#read)
    transport.on('end', this.#readEnd)
    transport.on('error', this.#failed)
    transport.on('close', this.#failed)
    transport.resume()
    if (transport.destroyed) this.#failed()
    else if (transport.readableEnded) this.#readEnd()
  }

  /**
   * Writes chunks, each when the one before has been taken, and after what is being written already.
   *
   * @param make Called when it is their turn; `undefined`: nothing is to be written.
   * @returns When all have been taken, or the transport is over.
   */
  write(make: () => Output | undefined): Promise<void> {
    const written = this.#lastWrite.then(() => this.#writeAll(make()))
    this.#lastWrite = written
    return written
  }

  async #writeAll(output: Output | undefined): Promise<void> {
    if (output === undefined) return
    const { chunks, notes = [], headSize = 0 } = output
    let size = 0
    for (const [index, chunk] of chunks.entries()) {
      // What the agent has answered by now is read first.
      if (index > 0) await new Promise<void>((resolve) => this.timers.soon(resolve))
      if (!this.writable) return
      this.transcript.bytes('suite', chunk, size < headSize)
      if (index === 0) for (const note of notes) this.transcript.note('suite', () => note)
      this.boundary.push(chunk.subarray(Math.max(0, headSize - size)))
      size += chunk.length
      await this.#writeOne(chunk)
      this.taken++
      this.changed()
    }
  }

  async #writeOne(chunk: Uint8Array): Promise<void> {
    let taken = false
    try {
      this.#transport?.write(chunk, () => {
        taken = true
        this.changed()
      })
    } catch {
      // A transport that is over may throw; its end is told by its events.
      return
    }
    await this.wait(() => taken || !this.writable, Infinity)
  }

  /** The transport could not be had: that is as good as a reset. */
  lost(): void {
    this.#failed()
  }

  /** Ends the suite's direction after what was written. */
  end(): void {
    if (!this.writable) return
    this.#closed = true
    this.endedFirst ??= 'suite'
    this.transcript.ended('suite', 'end')
    this.#transport?.end()
    this.changed()
  }

  /** Resets the transport. */
  reset(): void {
    const transport = this.#transport
    if (transport === undefined || this.#destroyed) return
    this.transcript.ended('suite', 'reset')
    this.#let(transport, () => {
      if (transport.resetAndDestroy !== undefined) transport.resetAndDestroy()
      else if ('rstCode' in transport) transport.close?.(CANCEL)
      else transport.destroy(new Error('reset by the test'))
    })
  }

  /** Lets go of the transport. */
  destroy(): void {
    const transport = this.#transport
    if (transport !== undefined && !this.#destroyed) this.#let(transport, () => transport.destroy())
    this.#destroyed = true
    this.incoming.stop()
    this.changed()
  }

  #let(transport: Resettable, destroy: () => void): void {
    this.#destroyed = true
    this.endedFirst ??= 'suite'
    transport.off('data', this.#read)
    transport.off('end', this.#readEnd)
    // The listener of errors stays: one may still come.
    destroy()
    this.changed()
  }

  /** Resolves with true as soon as it is done, or with false `ms` milliseconds later. */
  wait(done: () => boolean, ms: number): Promise<boolean> {
    if (done()) return Promise.resolve(true)
    if (ms <= 0) return Promise.resolve(false)
    return new Promise((resolve) => {
      const settle = (result: boolean): void => {
        this.#waiting.delete(check)
        if (timer !== undefined) this.timers.clear(timer)
        resolve(result)
      }
      const check = (): void => {
        if (done()) settle(true)
      }
      const timer = ms === Infinity ? undefined : this.timers.set(() => settle(done()), ms, true)
      this.#waiting.add(check)
    })
  }

  /** Says that something has changed which somebody may wait for. */
  changed(): void {
    for (const check of [...this.#waiting]) check()
  }

  readonly #read = (chunk: Uint8Array): void => {
    this.incoming.push(chunk)
    if (this.incoming.failed) this.destroy()
    this.changed()
  }

  readonly #readEnd = (): void => {
    if (this.ended !== undefined) return
    // Node tells a reset of an HTTP/2 stream as an end.
    const reset = (this.#transport?.rstCode ?? 0) !== 0
    this.#endedBy(reset ? 'reset' : 'fin')
  }

  readonly #failed = (): void => {
    if (this.ended === undefined && !this.#destroyed) this.#endedBy('reset')
    this.changed()
  }

  #endedBy(end: TransportEnd): void {
    this.ended = end
    this.endedFirst ??= 'agent'
    this.incoming.noteUnfinished()
    this.transcript.ended('agent', end === 'fin' ? 'end' : 'reset')
    this.changed()
  }
}
