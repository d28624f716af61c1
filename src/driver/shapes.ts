/**
 * The shapes of Node's objects that are used, so that nothing is imported from Node: byte streams in both directions, and HTTP/2 streams.
 *
 * @module
 */

/** A listener as Node types it. */
// biome-ignore lint/suspicious/noExplicitAny: as in Node's own types, or no stream of Node's would fit.
export type Listener = (...args: any[]) => void

/**
 * The part of a Node `Duplex` that is used. Sockets of `node:net` and `node:tls`, streams of `node:http2`, pipes and your own streams fit
 * it.
 */
export interface DuplexLike {
  /** Adds a listener for `data`, `end`, `error` or `close`. */
  on(event: string, listener: Listener): unknown
  /** Removes a listener. */
  off(event: string, listener: Listener): unknown
  /** Calls back after the bytes have been taken, or with the error. */
  write(chunk: Uint8Array, callback?: (error?: Error | null) => void): boolean
  /** Holds back writes until {@link uncork}, so that they go out together. */
  cork?(): void
  /** Sends the writes that {@link cork} has held back. */
  uncork?(): void
  /** Ends our direction after everything that was written. */
  end(callback?: () => void): unknown
  /** Ends both directions at once. */
  destroy(error?: Error): unknown
  /** Stops `data` events. */
  pause(): unknown
  /** Continues `data` events. */
  resume(): unknown
  /** The bytes that were written and not taken yet. Node's streams have it; with it, small writes need no callback. */
  readonly writableLength?: number
  /** `writableLength` counts bytes only if this is false. */
  readonly writableObjectMode?: boolean
  /** Whether it has been destroyed. */
  readonly destroyed: boolean
  /** Whether both directions are over. */
  readonly closed?: boolean
  /** Whether `end` has been emitted already. */
  readonly readableEnded?: boolean
  /** Set to true, so that our direction ends only when the connection ends it. */
  allowHalfOpen?: boolean
  /** Called to send small writes at once. Only sockets have it: nobody else has the chunks they read, so they are unmasked in place. */
  setNoDelay?(noDelay?: boolean): unknown
  /** Called with 0: the endpoint has its own deadlines. */
  setTimeout?(ms: number): unknown
  /** HTTP/2: resets the stream with a code. */
  close?(code?: number): unknown
  /** HTTP/2: the code of a reset, or 0 without one. */
  readonly rstCode?: number | undefined
}

/** The part of a `ServerHttp2Stream` that is used. */
export interface ServerStreamLike extends DuplexLike {
  /** Sends the head of the response. */
  respond(headers?: object): unknown
  /** Whether it has been sent. */
  readonly headersSent: boolean
}

/** The part of a `ClientHttp2Stream` that is used. */
export interface ClientStreamLike extends DuplexLike {
  /** Resets the stream. */
  close(code?: number): unknown
}
