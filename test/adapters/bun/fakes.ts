/**
 * An invented socket of Bun's, which behaves as the real ones do (Bun 1.4.5): it takes what the system has room for, says -1 once it is
 * shut or closed, calls `close` inside `end` and `terminate`, and closes by itself once both directions have ended.
 *
 * @module
 */

import { type BunSocketHandlers, type BunSocketLike, socketHandlers } from '../../../src/adapters/bun/index.ts'
import type { DuplexLike } from '../../../src/driver/shapes.ts'

/** A socket, from the system's side. It reads on in spite of `pause`, as one with TLS may for a while. */
export class FakeSocket implements BunSocketLike {
  declare data: DuplexLike
  readonly handlers: BunSocketHandlers
  /** What was called. */
  calls: string[] = []
  /** What was taken. */
  readonly taken: number[] = []
  /** Bytes that the system has room for. */
  room = Infinity
  isShut = false
  isEnded = false
  isClosed = false

  constructor(handlers: BunSocketHandlers) {
    this.handlers = handlers
    handlers.open(this)
  }

  write(bytes: Uint8Array): number {
    if (this.isShut || this.isClosed) return -1
    const size = Math.min(this.room, bytes.length)
    this.room -= size
    this.taken.push(...bytes.subarray(0, size))
    return size
  }

  pause(): void {
    this.calls.push('pause')
  }

  resume(): void {
    this.calls.push('resume')
  }

  setNoDelay(noDelay: boolean): void {
    this.calls.push(`setNoDelay ${noDelay}`)
  }

  shutdown(): void {
    this.calls.push('shutdown')
    this.isShut = true
    if (this.isEnded) queueMicrotask(() => this.close())
  }

  end(): void {
    this.calls.push('end')
    this.close()
  }

  terminate(): void {
    this.calls.push('terminate')
    this.close()
  }

  /** The system has room again. */
  drain(room: number): void {
    this.room = room
    this.handlers.drain(this)
  }

  /** The peer has sent these bytes. */
  receive(...bytes: number[]): void {
    this.handlers.data(this, Uint8Array.from(bytes))
  }

  /** The peer has ended its direction. */
  receiveEnd(): void {
    this.isEnded = true
    this.handlers.end(this)
    if (this.isShut) this.close()
  }

  /** It is closed, or was reset. */
  close(error?: Error): void {
    if (this.isClosed) return
    this.isClosed = true
    this.handlers.close(this, error)
  }
}

/** A stream over an invented socket, and what it tells. */
export function openStream(): { socket: FakeSocket; stream: DuplexLike; told: unknown[] } {
  const told: unknown[] = []
  const socket = new FakeSocket(
    socketHandlers((stream) => {
      stream.on('data', (chunk: Uint8Array) => told.push([...chunk]))
      stream.on('end', () => told.push('end'))
      stream.on('error', (error: Error) => told.push(error.message))
      stream.on('close', () => told.push('close'))
    }),
  )
  socket.calls = []
  return { socket, stream: socket.data, told }
}

/** Runs the microtasks. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await Promise.resolve()
}
