/**
 * The shapes of what Node provides, so that nothing of Node's is imported: streams of bytes in both directions, and those of HTTP/2.
 *
 * @module
 */

/** What a listener is for Node: it knows what comes with its event. */
// biome-ignore lint/suspicious/noExplicitAny: as in Node's own types, or no stream of Node's would fit.
export type Listener = (...args: any[]) => void

/**
 * The part of a Node `Duplex` that is used. Sockets of `node:net` and `node:tls`, streams of `node:http2`, pipes and your own
 * streams fit it.
 */
export interface DuplexLike {
  /** `data`, `end`, `error` and `close`. */
  on(event: string, listener: Listener): unknown
  /** Removes a listener. */
  off(event: string, listener: Listener): unknown
  /** Calls back once the bytes have been taken, or with the error. */
  write(chunk: Uint8Array, callback?: (error?: Error | null) => void): boolean
  /** Until {@link uncork}, writes wait, so that they go out together. */
  cork?(): void
  /** Lets the writes go out that {@link cork} made wait. */
  uncork?(): void
  /** Ends our direction behind what was written. */
  end(callback?: () => void): unknown
  /** Ends both directions at once. */
  destroy(error?: Error): unknown
  /** Stops `data`. */
  pause(): unknown
  /** Continues it. */
  resume(): unknown
  /** Bytes that were written and not taken yet. Streams of Node's have it; with it, small writes need no callback. */
  readonly writableLength?: number
  /** Only where this is false, `writableLength` counts bytes. */
  readonly writableObjectMode?: boolean
  /** Whether it has been destroyed. */
  readonly destroyed: boolean
  /** Whether it is over. */
  readonly closed?: boolean
  /** Whether `end` has been emitted already. */
  readonly readableEnded?: boolean
  /** Set to true: our direction ends when the connection says so. */
  allowHalfOpen?: boolean
  /** Called, so that nothing small waits. Sockets alone have it: what they read is nobody else's, and is unmasked in place. */
  setNoDelay?(noDelay?: boolean): unknown
  /** Called with 0: the endpoint has its own deadlines. */
  setTimeout?(ms: number): unknown
  /** HTTP/2: resets the stream with this code. */
  close?(code?: number): unknown
  /** HTTP/2: the code of a reset, 0 without one. */
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
