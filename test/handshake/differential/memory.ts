/** A connection without a network: what is written to it is kept, and what is pushed comes in as if from afar. */

import { Duplex } from 'node:stream'

export class MemorySocket extends Duplex {
  /** Characters are bytes. */
  written = ''

  constructor() {
    super({ allowHalfOpen: true, decodeStrings: true })
  }

  override _read(): void {
    // What comes in is pushed.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written += chunk.toString('latin1')
    done()
  }

  // What Node's HTTP asks of a socket of its own.
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

/** Until everything that was to happen at once has happened. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
