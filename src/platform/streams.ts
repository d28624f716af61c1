/**
 * Adapter for the platform's WHATWG streams, which carry bytes and messages: interfaces that fit those of browsers, Node, Deno, Bun
 * and Workers without their types, and the two constructors.
 *
 * @module
 */

import type { AbortSignalLike } from './abort.ts'

/** Reads chunks: the part of a runtime's `ReadableStreamDefaultReader` that is used. */
export interface ChunkReader<Chunk> {
  /** Rejects once the stream has failed. */
  readonly closed: Promise<unknown>
  /** Reads the next chunk; `done` is true after the last one. */
  read(): Promise<{
    /** Whether the stream has ended. */
    readonly done: boolean
    /** The chunk; absent at the end. */
    readonly value?: Chunk | undefined
  }>
  /** Discards the rest. */
  cancel(reason?: unknown): Promise<unknown>
  /** Unlocks the stream. */
  releaseLock(): void
}

/** Writes chunks: the part of a runtime's `WritableStreamDefaultWriter` that is used. */
export interface ChunkWriter<Chunk> {
  /** Rejects once the stream has failed. */
  readonly closed: Promise<unknown>
  /** Resolves when the chunk has been accepted. */
  write(chunk: Chunk): Promise<unknown>
  /** Ends the stream after pending writes. */
  close(): Promise<unknown>
  /** Ends the stream at once; pending writes are lost. */
  abort(reason?: unknown): Promise<unknown>
  /** Unlocks the stream. */
  releaseLock(): void
}

/** The part of a readable stream that is used. */
export interface ChunkSource<Chunk> {
  /** Locks the stream for one reader. */
  getReader(): ChunkReader<Chunk>
}

/** The part of a writable stream that is used. */
export interface ChunkTarget<Chunk> {
  /** Locks the stream for one writer. */
  getWriter(): ChunkWriter<Chunk>
}

/** The result of `read()`. */
export type ReadResultLike<Chunk> =
  | {
      /** There is a chunk. */
      done: false
      /** The chunk. */
      value: Chunk
    }
  | {
      /** The stream has ended. */
      done: true
      /** Nothing. */
      value: undefined
    }

/** A `ReadableStreamDefaultReader` by shape. */
export interface ReaderLike<Chunk> {
  /** Resolves at the end of the stream; rejects once it has failed. */
  readonly closed: Promise<undefined>
  /** Reads the next chunk, or the end. */
  read(): Promise<ReadResultLike<Chunk>>
  /** Discards the rest, and closes the WebSocket. */
  cancel(reason?: unknown): Promise<void>
  /** Unlocks the stream. */
  releaseLock(): void
}

/** A `WritableStreamDefaultWriter` by shape. */
export interface WriterLike<Chunk> {
  /** Resolves once the stream has been closed; rejects once it has failed. */
  readonly closed: Promise<undefined>
  /** The number of chunks that may be written before the writer should wait; `null` once the stream has failed. */
  readonly desiredSize: number | null
  /** Resolves when a chunk can be written. */
  readonly ready: Promise<undefined>
  /** Resolves when the transport has accepted the chunk. */
  write(chunk?: Chunk): Promise<void>
  /** Closes the WebSocket after pending writes, and waits for the peer. */
  close(): Promise<void>
  /** Closes the WebSocket at once; pending writes are lost. */
  abort(reason?: unknown): Promise<void>
  /** Unlocks the stream. */
  releaseLock(): void
}

/** The options of a pipe. `signal` is an `AbortSignal`. */
export interface PipeOptionsLike {
  /** Whether to leave the target open if the source fails. */
  readonly preventAbort?: boolean
  /** Whether to leave the source open if the target fails. */
  readonly preventCancel?: boolean
  /** Whether to leave the target open when the source ends. */
  readonly preventClose?: boolean
  /** Aborts the pipe. */
  readonly signal?: {
    /** Whether the signal has been aborted. */
    readonly aborted: boolean
  }
}

/** A `ReadableStream` by shape: assignable to a runtime's own type. */
export interface ReadableStreamLike<Chunk> {
  /** Whether it has a reader. */
  readonly locked: boolean
  /** Discards the rest, and closes the WebSocket. */
  cancel(reason?: unknown): Promise<void>
  /** Throws: these are not byte streams. */
  getReader(options: { mode: 'byob' }): never
  /** Locks the stream for one reader. */
  getReader(options?: { mode?: 'byob' }): ReaderLike<Chunk>
  /** Pipes the stream through a transform, and returns its readable side. */
  pipeThrough<Result>(
    transform: { readonly readable: Result; readonly writable: ChunkTarget<Chunk> },
    options?: PipeOptionsLike,
  ): Result
  /** Pipes the stream into another; resolves at the end. */
  pipeTo(destination: ChunkTarget<Chunk>, options?: PipeOptionsLike): Promise<void>
  /** Splits the stream into two streams; each returns every chunk. */
  tee(): [ReadableStreamLike<Chunk>, ReadableStreamLike<Chunk>]
  // `for await` never calls `throw`; TypeScript 5.4 lacks the narrower types.
  /** Iterates over the chunks, for `for await`. Leaving the loop cancels the stream, unless `preventCancel` is true. */
  values(options?: { preventCancel?: boolean }): AsyncGenerator<Chunk, undefined, unknown>
  /** As `values`. */
  [Symbol.asyncIterator](options?: { preventCancel?: boolean }): AsyncGenerator<Chunk, undefined, unknown>
}

/** A `WritableStream` by shape: assignable to a runtime's own type. */
export interface WritableStreamLike<Chunk> {
  /** Whether it has a writer. */
  readonly locked: boolean
  /** Closes the WebSocket at once; pending writes are lost. */
  abort(reason?: unknown): Promise<void>
  /** Closes the WebSocket after pending writes, and waits for the peer. */
  close(): Promise<void>
  /** Locks the stream for one writer. */
  getWriter(): WriterLike<Chunk>
}

/** The controller of a readable stream. */
export interface ReadableController<Chunk> {
  enqueue(chunk: Chunk): void
  close(): void
  error(reason: unknown): void
}

/** The controller of a writable stream. */
export interface WritableController {
  /** Aborted as soon as the stream is; the sink's `abort` waits for the pending write. Not every runtime has it. */
  readonly signal?: AbortSignalLike
  /** Has no effect if the stream has already ended. */
  error(reason: unknown): void
}

declare const ReadableStream: new <Chunk>(
  source: {
    start(controller: ReadableController<Chunk>): void
    pull(): void
    cancel(reason: unknown): void
  },
  strategy: { readonly highWaterMark: number },
) => ReadableStreamLike<Chunk>

declare const WritableStream: new <Chunk>(sink: {
  start(controller: WritableController): void
  write(chunk: Chunk): Promise<void>
  close(): Promise<void>
  abort(reason: unknown): Promise<void>
}) => WritableStreamLike<Chunk>

/** Creates a stream without a buffer: the stream calls `pull` when a reader waits. */
export function createReadable<Chunk>(
  source: ConstructorParameters<typeof ReadableStream<Chunk>>[0],
): ReadableStreamLike<Chunk> {
  return new ReadableStream<Chunk>(source, { highWaterMark: 0 })
}

/** Creates a stream that accepts one chunk at a time. */
export function createWritable<Chunk>(
  sink: ConstructorParameters<typeof WritableStream<Chunk>>[0],
): WritableStreamLike<Chunk> {
  return new WritableStream<Chunk>(sink)
}
