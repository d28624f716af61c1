/**
 * The door to the platform's WHATWG streams: their shapes, so that those of browsers, Node, Deno, Bun and Workers fit without
 * any of their types, and the two constructors. Knows nothing of what flows.
 *
 * @module
 */

/** Reads chunks. A `ReadableStreamDefaultReader` of any runtime, as far as it is used. */
export interface ChunkReader<Chunk> {
  /** Rejects once the stream has failed. */
  readonly closed: Promise<unknown>
  /** The next chunk; `done` behind the last one. */
  read(): Promise<{
    /** Whether that was the end. */
    readonly done: boolean
    /** Nothing at the end. */
    readonly value?: Chunk | undefined
  }>
  /** Nobody wants the rest. */
  cancel(reason?: unknown): Promise<unknown>
  /** Lets somebody else read. */
  releaseLock(): void
}

/** Writes chunks. A `WritableStreamDefaultWriter` of any runtime, as far as it is used. */
export interface ChunkWriter<Chunk> {
  /** Rejects once the stream has failed. */
  readonly closed: Promise<unknown>
  /** Resolves when the chunk has been taken. */
  write(chunk: Chunk): Promise<unknown>
  /** Ends the stream behind what was written. */
  close(): Promise<unknown>
  /** Ends the stream at once; what waits is lost. */
  abort(reason?: unknown): Promise<unknown>
  /** Lets somebody else write. */
  releaseLock(): void
}

/** Any readable stream, as far as it is used. */
export interface ChunkSource<Chunk> {
  /** Locks the stream for one reader. */
  getReader(): ChunkReader<Chunk>
}

/** Any writable stream, as far as it is used. */
export interface ChunkTarget<Chunk> {
  /** Locks the stream for one writer. */
  getWriter(): ChunkWriter<Chunk>
}

/** What `read()` resolves to. */
export type ReadResultLike<Chunk> =
  | {
      /** There is a chunk. */
      done: false
      /** The chunk. */
      value: Chunk
    }
  | {
      /** That was the end. */
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
  /** Nobody wants the rest: closes the WebSocket. */
  cancel(reason?: unknown): Promise<void>
  /** Lets somebody else read. */
  releaseLock(): void
}

/** A `WritableStreamDefaultWriter` by shape. */
export interface WriterLike<Chunk> {
  /** Resolves once the stream has been closed; rejects once it has failed. */
  readonly closed: Promise<undefined>
  /** Chunks that may be written before somebody has to wait; `null`: failed. */
  readonly desiredSize: number | null
  /** Resolves when there is room for a chunk. */
  readonly ready: Promise<undefined>
  /** Resolves when the transport has taken the chunk. */
  write(chunk?: Chunk): Promise<void>
  /** Closes the WebSocket behind what was written, and waits for the peer. */
  close(): Promise<void>
  /** Closes the WebSocket at once; what waits is lost. */
  abort(reason?: unknown): Promise<void>
  /** Lets somebody else write. */
  releaseLock(): void
}

/** How one stream is led into another. `signal` is an `AbortSignal`. */
export interface PipeOptionsLike {
  /** A source that fails leaves the target as it is. */
  readonly preventAbort?: boolean
  /** A target that fails leaves the source as it is. */
  readonly preventCancel?: boolean
  /** A source that ends leaves the target open. */
  readonly preventClose?: boolean
  /** Ends the piping. */
  readonly signal?: {
    /** Whether it is time to end. */
    readonly aborted: boolean
  }
}

/** A `ReadableStream` by shape: fits wherever a runtime's own type is asked for. */
export interface ReadableStreamLike<Chunk> {
  /** Somebody has a reader. */
  readonly locked: boolean
  /** Nobody wants the rest: closes the WebSocket. */
  cancel(reason?: unknown): Promise<void>
  /** Throws: these are no streams of bytes. */
  getReader(options: { mode: 'byob' }): never
  /** Locks the stream for one reader. */
  getReader(options?: { mode?: 'byob' }): ReaderLike<Chunk>
  /** Leads the stream through a pair of others, and returns what comes out. */
  pipeThrough<Result>(
    transform: { readonly readable: Result; readonly writable: ChunkTarget<Chunk> },
    options?: PipeOptionsLike,
  ): Result
  /** Leads the stream into another; resolves when it is over. */
  pipeTo(destination: ChunkTarget<Chunk>, options?: PipeOptionsLike): Promise<void>
  /** Two streams in place of this one, each with every chunk. */
  tee(): [ReadableStreamLike<Chunk>, ReadableStreamLike<Chunk>]
  // What comes has no `throw`, which `for await` never calls; the narrower types of the language are not in TypeScript 5.4.
  /** The chunks, for `for await`; leaving the loop cancels, unless `preventCancel` says otherwise. */
  values(options?: { preventCancel?: boolean }): AsyncGenerator<Chunk, undefined, unknown>
  /** As `values`. */
  [Symbol.asyncIterator](options?: { preventCancel?: boolean }): AsyncGenerator<Chunk, undefined, unknown>
}

/** A `WritableStream` by shape: fits wherever a runtime's own type is asked for. */
export interface WritableStreamLike<Chunk> {
  /** Somebody has a writer. */
  readonly locked: boolean
  /** Closes the WebSocket at once; what waits is lost. */
  abort(reason?: unknown): Promise<void>
  /** Closes the WebSocket behind what was written, and waits for the peer. */
  close(): Promise<void>
  /** Locks the stream for one writer. */
  getWriter(): WriterLike<Chunk>
}

/** What feeds a readable stream. */
export interface ReadableController<Chunk> {
  enqueue(chunk: Chunk): void
  close(): void
  error(reason: unknown): void
}

/** What a writable stream can be told. */
export interface WritableController {
  /** Nothing happens where it has ended already. */
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

/** A stream that holds nothing back itself: `pull` says that somebody waits for a chunk. */
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
