/**
 * The suite's end of a connection: a transport, the input that was read from it, and the output. The runner and `TestPeer` use it.
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

/** Callbacks for the agent's input. */
export interface WireEvents {
  /** Called when a head is complete and nothing after it has been read. */
  head(): void
  frame(frame: ReceivedFrame): void
}

/** Bytes to write. */
export interface Output {
  readonly chunks: readonly Uint8Array[]
  /** Their description. */
  readonly notes?: readonly string[]
  /** The size of the head at their start. Frames follow it. */
  readonly headSize?: number
}

/** One connection with an agent. Its methods never reject or throw for what the agent does. */
export class Wire {
  readonly incoming: Incoming
  readonly transcript: Transcript
  /** How the agent ended its direction. */
  ended: TransportEnd | undefined
  /** Who ended the transport first. */
  endedFirst: 'agent' | 'suite' | undefined
  /** How many chunks the transport has accepted. */
  taken = 0
  /** Follows the frames that were written since the handshake. */
  readonly boundary: Boundary = new Boundary()
  readonly timers: Timers
  readonly #begin: number
  #transport: Resettable | undefined
  /** Whether the suite's direction has ended. */
  #closed = false
  #destroyed = false
  #lastWrite: Promise<void> = Promise.resolve()
  readonly #waiting: Set<() => void> = new Set()

  /** @param role The suite's role. */
  constructor(role: Role, events: WireEvents, codec?: DeflateCodec, timers: Timers = systemTimers) {
    this.timers = timers
    this.#begin = timers.now()
    this.transcript = new Transcript(() => this.elapsed)
    this.incoming = new Incoming(role, this.transcript, events, codec)
  }

  /** Milliseconds since the start, in tenths. */
  get elapsed(): number {
    return Math.round(10 * (this.timers.now() - this.#begin)) / 10
  }

  /** Whether the suite can write. */
  get writable(): boolean {
    return this.#transport !== undefined && !this.#closed && !this.#destroyed && this.ended !== 'reset'
  }

  /** Whether nothing more can arrive. */
  get over(): boolean {
    return this.ended !== undefined || this.#destroyed
  }

  /** Whether the suite has released the transport. */
  get isDestroyed(): boolean {
    return this.#destroyed
  }

  /** Starts reading. */
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
   * Writes chunks, each after the transport has accepted the previous one, and after everything that is already queued.
   *
   * @param make Called when it is their turn. Returns `undefined` if there is nothing to write.
   * @returns Resolves when the transport has accepted all chunks, or has ended.
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
      // Read first what the agent has answered by now.
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
      // A transport that has ended may throw. Its events report the end.
      return
    }
    await this.wait(() => taken || !this.writable, Infinity)
  }

  /** Called if there is no transport, which counts as a reset. */
  lost(): void {
    this.#failed()
  }

  /** Ends the suite's direction after the queued output. */
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

  /** Releases the transport and destroys it. */
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
    // The listener for errors stays, because an error may still follow.
    destroy()
    this.changed()
  }

  /** Resolves with true as soon as `done` returns true, or with false after `ms` milliseconds. */
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

  /** Wakes the waits, because something has changed. */
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
    // Node reports the reset of an HTTP/2 stream as an end.
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
