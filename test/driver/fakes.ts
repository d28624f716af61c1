/**
 * Fake time and fake streams, so that tests of the driver are exact: no socket, no timer, no waiting.
 *
 * @module
 */

import { EventEmitter } from 'node:events'
import type { DuplexLike } from '../../src/driver/shapes.ts'
import { encodeFrame, type FrameInit } from '../../src/frame/encode.ts'
import type { Timers } from '../../src/platform/timers.ts'

interface Timer {
  readonly callback: () => void
  readonly at: number
  readonly keepsProcess: boolean
}

/** A clock that advances only when told to, and its timers. */
export class Clock implements Timers {
  time = 0
  readonly timers: Set<Timer> = new Set()
  #soon: (() => void)[] = []
  /** How often `soon` was called. */
  turns = 0

  now(): number {
    return this.time
  }

  set(callback: () => void, ms: number, keepsProcess: boolean): Timer {
    const timer = { callback, at: this.time + ms, keepsProcess }
    this.timers.add(timer)
    return timer
  }

  clear(handle: unknown): void {
    this.timers.delete(handle as Timer)
  }

  soon(callback: () => void): void {
    this.turns++
    this.#soon.push(callback)
  }

  /** Runs everything that is due now, until nothing is left. */
  async settle(): Promise<void> {
    for (let calm = 0; calm < 3; calm++) {
      await Promise.resolve()
      const soon = this.#soon
      this.#soon = []
      for (const callback of soon) callback()
      if (soon.length > 0) calm = -1
    }
  }

  /** Advances the time; timers fire in their order. */
  async advance(ms: number): Promise<void> {
    await this.settle()
    const end = this.time + ms
    for (;;) {
      const next = [...this.timers].sort((one, other) => one.at - other.at)[0]
      if (next === undefined || next.at > end) break
      this.timers.delete(next)
      this.time = Math.max(this.time, next.at)
      next.callback()
      await this.settle()
    }
    this.time = end
    await this.settle()
  }
}

/** A stream whose other side is the test. */
export class FakeStream extends EventEmitter implements DuplexLike {
  readonly written: Uint8Array[] = []
  readonly callbacks: ((error?: Error | null) => void)[] = []
  flowing: boolean | undefined = undefined
  ended = false
  destroyed = false
  /** Whether writes are taken at once. */
  takes = true
  /** Whether `close` is emitted after `destroy`. */
  closes = true

  write(chunk: Uint8Array, callback: (error?: Error | null) => void = () => {}): boolean {
    if (this.ended || this.destroyed) throw new Error('written after the end')
    this.written.push(chunk.slice())
    this.callbacks.push(callback)
    if (this.takes) queueMicrotask(() => this.take())
    return false
  }

  /** Takes a number of writes, or all. */
  take(count: number = this.callbacks.length): void {
    for (const callback of this.callbacks.splice(0, count)) callback()
  }

  end(callback: () => void = () => {}): void {
    this.ended = true
    if (this.takes) queueMicrotask(callback)
    else this.callbacks.push(callback)
  }

  destroy(): void {
    if (this.destroyed) return
    this.destroyed = true
    this.flowing = false
    for (const callback of this.callbacks.splice(0)) queueMicrotask(() => callback(new Error('destroyed')))
    if (this.closes) queueMicrotask(() => this.emit('close'))
  }

  pause(): void {
    this.flowing = false
  }

  resume(): void {
    this.flowing = true
  }

  /** What has been written since the last call, as hex. */
  get sent(): string {
    return Buffer.concat(this.written.splice(0)).toString('hex')
  }

  /** The same as text. */
  get said(): string {
    return Buffer.concat(this.written.splice(0)).toString('latin1')
  }

  /** Receives bytes. */
  data(...chunks: (Uint8Array | string)[]): void {
    this.emit('data', Buffer.concat(chunks.map((chunk) => Buffer.from(chunk as string, 'latin1'))))
  }

  /** The peer ends its direction. */
  finish(): void {
    this.emit('end')
  }
}

/** A stream that counts what it has not taken yet, as Node's streams do. */
export class CountingStream extends FakeStream {
  readonly writableObjectMode = false
  writableLength = 0

  override write(chunk: Uint8Array, callback?: (error?: Error | null) => void): boolean {
    const { length } = chunk
    this.writableLength += length
    return super.write(chunk, (error) => {
      this.writableLength -= length
      callback?.(error)
    })
  }
}

/** A Node socket, which takes several arrays in one call. */
export class CountingSocket extends CountingStream {
  setNoDelay(): void {}
  cork(): void {}
  uncork(): void {}
}

const maskKey = Uint8Array.of(1, 2, 3, 4)

/** A client's frame. */
export function frame(opcode: number, payload: string | Uint8Array = '', more: Partial<FrameInit> = {}): Uint8Array {
  return encodeFrame({ opcode, payload, maskKey, ...more })
}

/** A client's text. */
export const text = (payload: string): Uint8Array => frame(1, payload)

/** A client's Close. */
export const closeFrame = (code: number): Uint8Array => frame(8, Uint8Array.of(code >> 8, code & 0xff))

/** The head of an opening request. */
export const opening = [
  'GET /chat?a HTTP/1.1',
  'Host: a.example',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '',
  '',
].join('\r\n')

/** The answer that accepts it. */
export const granted = [
  'HTTP/1.1 101 Switching Protocols',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
  '',
  '',
].join('\r\n')

/** The same request as Node's `upgrade` event passes it. */
export const upgradeRequest = {
  method: 'GET',
  url: '/chat?a',
  httpVersion: '1.1',
  rawHeaders: opening
    .split('\r\n')
    .slice(1, -2)
    .flatMap((line) => line.split(': ')),
}

/** The bytes after it: none. */
export const noHead = new Uint8Array(0)
