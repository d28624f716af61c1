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
  read(): Promise<{ readonly done: boolean; readonly value?: Chunk | undefined }>
  cancel(reason?: unknown): Promise<unknown>
  releaseLock(): void
}

/** Writes chunks. A `WritableStreamDefaultWriter` of any runtime, as far as it is used. */
export interface ChunkWriter<Chunk> {
  /** Rejects once the stream has failed. */
  readonly closed: Promise<unknown>
  /** Resolves when the chunk has been taken. */
  write(chunk: Chunk): Promise<unknown>
  close(): Promise<unknown>
  abort(reason?: unknown): Promise<unknown>
  releaseLock(): void
}

/** Any readable stream, as far as it is used. */
export interface ChunkSource<Chunk> {
  getReader(): ChunkReader<Chunk>
}

/** Any writable stream, as far as it is used. */
export interface ChunkTarget<Chunk> {
  getWriter(): ChunkWriter<Chunk>
}

/** What `read()` resolves to. */
export type ReadResultLike<Chunk> = { done: false; value: Chunk } | { done: true; value: undefined }

/** A `ReadableStreamDefaultReader` by shape. */
export interface ReaderLike<Chunk> {
  readonly closed: Promise<undefined>
  read(): Promise<ReadResultLike<Chunk>>
  cancel(reason?: unknown): Promise<void>
  releaseLock(): void
}

/** A `WritableStreamDefaultWriter` by shape. */
export interface WriterLike<Chunk> {
  readonly closed: Promise<undefined>
  readonly desiredSize: number | null
  readonly ready: Promise<undefined>
  write(chunk?: Chunk): Promise<void>
  close(): Promise<void>
  abort(reason?: unknown): Promise<void>
  releaseLock(): void
}

/** How one stream is led into another. `signal` is an `AbortSignal`. */
export interface PipeOptionsLike {
  readonly preventAbort?: boolean
  readonly preventCancel?: boolean
  readonly preventClose?: boolean
  readonly signal?: { readonly aborted: boolean }
}

/** A `ReadableStream` by shape: fits wherever a runtime's own type is asked for. */
export interface ReadableStreamLike<Chunk> {
  readonly locked: boolean
  cancel(reason?: unknown): Promise<void>
  /** Throws: these are no streams of bytes. */
  getReader(options: { mode: 'byob' }): never
  getReader(options?: { mode?: 'byob' }): ReaderLike<Chunk>
  pipeThrough<Result>(
    transform: { readonly readable: Result; readonly writable: ChunkTarget<Chunk> },
    options?: PipeOptionsLike,
  ): Result
  pipeTo(destination: ChunkTarget<Chunk>, options?: PipeOptionsLike): Promise<void>
  tee(): [ReadableStreamLike<Chunk>, ReadableStreamLike<Chunk>]
  // What comes has no `throw`, which `for await` never calls; the narrower types of the language are not in TypeScript 5.4.
  values(options?: { preventCancel?: boolean }): AsyncGenerator<Chunk, undefined, unknown>
  [Symbol.asyncIterator](options?: { preventCancel?: boolean }): AsyncGenerator<Chunk, undefined, unknown>
}

/** A `WritableStream` by shape: fits wherever a runtime's own type is asked for. */
export interface WritableStreamLike<Chunk> {
  readonly locked: boolean
  abort(reason?: unknown): Promise<void>
  close(): Promise<void>
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
