/**
 * A fake Bun socket, which behaves as the real ones do (Bun 1.4.5): it takes as much as the system can buffer, returns -1 when it is shut
 * or closed, calls `close` inside `end` and `terminate`, and closes on its own when both directions have ended.
 *
 * @module
 */

import { type BunSocketHandlers, type BunSocketLike, socketHandlers } from '../../../src/adapters/bun/index.ts'
import type { DuplexLike } from '../../../src/driver/shapes.ts'

/** A socket, as the system sees it. It continues to read in spite of `pause`, as a TLS socket may for a while. */
export class FakeSocket implements BunSocketLike {
  declare data: DuplexLike
  readonly handlers: BunSocketHandlers
  /** The calls of the socket's methods. */
  calls: string[] = []
  /** The bytes that were taken. */
  readonly taken: number[] = []
  /** How many bytes the system can buffer. */
  space = Infinity
  isShut = false
  isEnded = false
  isClosed = false

  constructor(handlers: BunSocketHandlers) {
    this.handlers = handlers
    handlers.open(this)
  }

  write(bytes: Uint8Array): number {
    if (this.isShut || this.isClosed) return -1
    const size = Math.min(this.space, bytes.length)
    this.space -= size
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

  /** The system can buffer more bytes. */
  drain(space: number): void {
    this.space = space
    this.handlers.drain(this)
  }

  /** The peer has sent bytes. */
  receive(...bytes: number[]): void {
    this.handlers.data(this, Uint8Array.from(bytes))
  }

  /** The peer has ended its direction. */
  receiveEnd(): void {
    this.isEnded = true
    this.handlers.end(this)
    if (this.isShut) this.close()
  }

  /** The socket is closed, or was reset. */
  close(error?: Error): void {
    if (this.isClosed) return
    this.isClosed = true
    this.handlers.close(this, error)
  }
}

/** A stream over a fake socket, and its events. */
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
