/**
 * A stream is held by one thing at a time: a head that is awaited, a request that is decided on, a peer, a refusal. They follow each
 * other, while the listeners stay; these are shared by all streams and find the holder in a property of the stream.
 *
 * @module
 */

import { describeType, wrongArgument } from '../arguments.ts'
import type { Timed } from './deadlines.ts'
import type { DuplexLike } from './shapes.ts'

/** What holds a stream. */
export interface Holder extends Timed {
  /** Bytes have come. */
  read(chunk: Uint8Array): void
  /** The peer has ended its direction. */
  ended(): void
  /** The stream is over in both directions: closed, failed or reset. Called again for each of these. */
  lost(error: Error | undefined): void
  /** The endpoint has begun to close: what waits for an answer is refused, and what does not has no such function. */
  shutDown?(): void
  /** Lets go of the stream at once. */
  abandon(): void
}

/** Where a stream keeps its holder. */
const holderOf = Symbol('holder')

interface Held extends DuplexLike {
  [holderOf]?: Holder | undefined
}

/** Over HTTP/2, "RST exceptions are represented with the RST_STREAM frame … with the CANCEL error code" (RFC 8441 §5). */
const CANCEL = 8

/** Makes this the holder of a stream. The stream is paused until the holder resumes it. */
export function hold(stream: DuplexLike, holder: Holder): void {
  const held: Held = stream
  if (held[holderOf] === undefined) {
    // A listener of `data` makes a stream flow, and one that was paused stays so: now it is known which.
    stream.pause()
    stream.on('data', onData)
    stream.on('end', onEnd)
    stream.on('close', onClose)
    stream.on('error', onError)
    stream.setNoDelay?.(true)
    stream.setTimeout?.(0)
    if (stream.allowHalfOpen === false) stream.allowHalfOpen = true
  }
  held[holderOf] = holder
}

/** Throws unless a stream is free to be taken by an endpoint. */
export function requireFree(stream: DuplexLike): void {
  if (typeof stream?.write !== 'function' || typeof stream.on !== 'function')
    throw wrongArgument('the stream', 'a Duplex of Node', describeType(stream))
  if ((stream as Held)[holderOf] !== undefined) throw new TypeError('the stream has been given to an endpoint already')
}

/** Ends the hold on a stream. The listener of `error` stays, because a late error would end the process. */
export function release(stream: DuplexLike): void {
  const held: Held = stream
  held[holderOf] = undefined
  stream.off('data', onData)
  stream.off('end', onEnd)
  stream.off('close', onClose)
}

/** Ends the hold on a stream that goes to somebody else: no listener stays. */
export function giveAway(stream: DuplexLike): void {
  release(stream)
  stream.off('error', onError)
}

/** Ends a stream at once, in both directions. `destroy` alone would say NO_ERROR over HTTP/2. */
export function destroy(stream: DuplexLike): void {
  if (stream.destroyed) return
  if (isHttp2(stream)) stream.close?.(CANCEL)
  stream.destroy()
}

/** Whether nothing can be written to a stream any more. One of HTTP/2 that was reset is `closed` before it is destroyed. */
export function isOver(stream: DuplexLike): boolean {
  return stream.destroyed || stream.closed === true
}

/** Whether it is one of many streams of a connection. */
export function isHttp2(stream: DuplexLike): boolean {
  return 'rstCode' in stream
}

function onData(this: Held, chunk: Uint8Array): void {
  this[holderOf]?.read(chunk)
}

/** Node shows the reset of an HTTP/2 stream as an end, too. */
function onEnd(this: Held): void {
  if (this.rstCode) this[holderOf]?.lost(undefined)
  else this[holderOf]?.ended()
}

function onClose(this: Held): void {
  this[holderOf]?.lost(undefined)
}

function onError(this: Held, error: Error): void {
  this[holderOf]?.lost(error)
}
