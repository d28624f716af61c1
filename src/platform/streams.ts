/**
 * Adapter for the platform's WHATWG streams, which carry bytes and messages: interfaces that fit those of browsers, Node, Deno, Bun
 * and Workers without their types, and the two constructors.
 *
 * @module
 */

import type { AbortSignalLike } from './abort.ts'

/** Reads chunks: the used part of any runtime's `ReadableStreamDefaultReader`. */
export interface ChunkReader<Chunk> {
  /** Rejects once the stream has failed. */
  readonly closed: Promise<unknown>
  /** The next chunk; `done` after the last one. */
  read(): Promise<{
    /** Whether the stream has ended. */
    readonly done: boolean
    /** Nothing at the end. */
    readonly value?: Chunk | undefined
  }>
  /** Discards the rest. */
  cancel(reason?: unknown): Promise<unknown>
  /** Unlocks the stream. */
  releaseLock(): void
}

/** Writes chunks: the used part of any runtime's `WritableStreamDefaultWriter`. */
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

/** The used part of any readable stream. */
export interface ChunkSource<Chunk> {
  /** Locks the stream for one reader. */
  getReader(): ChunkReader<Chunk>
}

/** The used part of any writable stream. */
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
  /** The next chunk, or the end. */
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
  /** Chunks that may be written before the writer should wait; `null`: failed. */
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
  /** If the source fails, do not abort the target. */
  readonly preventAbort?: boolean
  /** If the target fails, do not cancel the source. */
  readonly preventCancel?: boolean
  /** If the source ends, do not close the target. */
  readonly preventClose?: boolean
  /** Aborts the pipe. */
  readonly signal?: {
    /** Whether to abort. */
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
  /** Splits the stream into two, each with every chunk. */
  tee(): [ReadableStreamLike<Chunk>, ReadableStreamLike<Chunk>]
  // No `throw`, which `for await` never calls; TypeScript 5.4 lacks the narrower types.
  /** The chunks, for `for await`; leaving the loop cancels, unless `preventCancel` says otherwise. */
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
  /** Aborted as soon as the stream is: `abort` of the sink waits for the write before it. Not every runtime has it. */
  readonly signal?: AbortSignalLike
  /** No effect if it has already ended. */
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

/** A stream without a buffer of its own: `pull` means that a reader waits. */
export function createReadable<Chunk>(
  source: ConstructorParameters<typeof ReadableStream<Chunk>>[0],
): ReadableStreamLike<Chunk> {
  return new ReadableStream<Chunk>(source, { highWaterMark: 0 })
}

/** A stream that takes one chunk at a time. */
export function createWritable<Chunk>(
  sink: ConstructorParameters<typeof WritableStream<Chunk>>[0],
): WritableStreamLike<Chunk> {
  return new WritableStream<Chunk>(sink)
}
