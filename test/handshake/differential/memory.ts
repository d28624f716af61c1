/** A connection without a network: keeps the bytes written to it, and reads pushed bytes as if they came from a peer. */

import { Duplex } from 'node:stream'

export class MemorySocket extends Duplex {
  /** The written bytes, each a character. */
  written = ''

  constructor() {
    super({ allowHalfOpen: true, decodeStrings: true })
  }

  override _read(): void {
    // Incoming bytes are pushed.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written += chunk.toString('latin1')
    done()
  }

  // The methods of a `net.Socket` that Node's HTTP calls.
  setTimeout(): this {
    return this
  }
  setNoDelay(): this {
    return this
  }
  setKeepAlive(): this {
    return this
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }
}

/** Waits until all pending callbacks have run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
