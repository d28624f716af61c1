/**
 * A stream has one holder at a time: a head reader, a request being decided on, a peer, or a refusal. Holders follow each other while the
 * listeners stay. All streams share these listeners, which find the holder in a property of the stream.
 *
 * @module
 */

import { describeType, wrongArgument } from '../arguments.ts'
import type { Timed } from './deadlines.ts'
import type { DuplexLike } from './shapes.ts'

/** An object that holds a stream. */
export interface Holder extends Timed {
  /** Called when bytes have arrived. */
  read(chunk: Uint8Array): void
  /** Called when the peer has ended its direction. */
  ended(): void
  /** Called when both directions are over: closed, failed or reset. May be called more than once. */
  lost(error: Error | undefined): void
  /** Called when the endpoint begins to close: refuses a request that waits for an answer. Other holders do not have it. */
  shutDown?(): void
  /** Releases the stream at once. */
  abandon(): void
}

/** Where a stream keeps its holder. */
const holderOf = Symbol('holder')

interface Held extends DuplexLike {
  [holderOf]?: Holder | undefined
}

/** Over HTTP/2, "RST exceptions are represented with the RST_STREAM frame … with the CANCEL error code" (RFC 8441 §5). */
const CANCEL = 8

/** Makes an object the holder of a stream. The stream is paused until the holder resumes it. */
export function hold(stream: DuplexLike, holder: Holder): void {
  const held: Held = stream
  if (held[holderOf] === undefined) {
    // A `data` listener makes a stream flow unless it was paused. Pausing first makes the state known.
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

/** Throws unless an endpoint can take over the stream. */
export function requireFree(stream: DuplexLike): void {
  if (typeof stream?.write !== 'function' || typeof stream.on !== 'function')
    throw wrongArgument('the stream', 'a Node Duplex', describeType(stream))
  if ((stream as Held)[holderOf] !== undefined) throw new TypeError('the stream was already given to an endpoint')
}

/** Ends the hold on a stream. The `error` listener stays, because an unhandled late error would end the process. */
export function release(stream: DuplexLike): void {
  const held: Held = stream
  held[holderOf] = undefined
  stream.off('data', onData)
  stream.off('end', onEnd)
  stream.off('close', onClose)
}

/** Ends the hold on a stream that goes to somebody else: removes all listeners. */
export function giveAway(stream: DuplexLike): void {
  release(stream)
  stream.off('error', onError)
}

/** Ends a stream at once, in both directions. Over HTTP/2 `destroy` alone would send NO_ERROR. */
export function destroy(stream: DuplexLike): void {
  if (stream.destroyed) return
  if (isHttp2(stream)) stream.close?.(CANCEL)
  stream.destroy()
}

/** Whether nothing can be written to a stream any more. A reset HTTP/2 stream is `closed` before it is destroyed. */
export function isOver(stream: DuplexLike): boolean {
  return stream.destroyed || stream.closed === true
}

/** Whether a stream is one of many streams of an HTTP/2 session. */
export function isHttp2(stream: DuplexLike): boolean {
  return 'rstCode' in stream
}

function onData(this: Held, chunk: Uint8Array): void {
  this[holderOf]?.read(chunk)
}

/** Node also reports the reset of an HTTP/2 stream as an end. */
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
