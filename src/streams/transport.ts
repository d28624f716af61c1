/**
 * The lowest part of the streams layer: locks a pair of byte streams, reads and writes them with backpressure, ends or aborts them,
 * and releases them.
 *
 * @module
 */

import { describeType } from '../arguments.ts'
import type { ChunkReader, ChunkWriter } from '../platform/streams.ts'
import type { Bytes } from '../types.ts'
import type { ByteStreams } from './options.ts'

/**
 * How many bytes to discard after the close. Tearing down a transport while the peer still sends may destroy our last bytes, such
 * as a Close or a refusal; so we wait for the peer's end, but not without a limit.
 */
const MAX_DISCARDED = 2 ** 20

/** Holds the only reader and the only writer of a transport. */
export class Transport {
  private readonly reader: ChunkReader<Uint8Array>
  private readonly writer: ChunkWriter<Bytes>
  private unread: Uint8Array | undefined
  private ending: Promise<void> | undefined
  private released = false

  /** @throws TypeError for anything but a pair of streams, and for streams that are already locked. */
  constructor(streams: ByteStreams) {
    requireStreams(streams)
    const { readable, writable } = streams
    this.reader = readable.getReader()
    try {
      this.writer = writable.getWriter()
    } catch (error) {
      this.reader.releaseLock()
      throw error
    }
  }

  /** Calls back if either direction fails, even while idle; not after {@link release}. */
  watch(onFailure: (error: unknown) => void): void {
    const report = (error: unknown): void => {
      if (!this.released) onFailure(error)
    }
    this.reader.closed.catch(report)
    this.writer.closed.catch(report)
  }

  /** The next chunk; `undefined` at the peer's end. Rejects with the transport's error. */
  async read(): Promise<Uint8Array | undefined> {
    const { unread } = this
    this.unread = undefined
    if (unread !== undefined && unread.length > 0) return unread
    const { done, value } = await this.reader.read()
    return done ? undefined : value
  }

  /** Puts back bytes that were read past the head. */
  unshift(bytes: Uint8Array): void {
    this.unread = bytes
  }

  /**
   * Writes bytes; resolves when the transport has accepted them, rejects with its error. `ready` would say less: Node's
   * `Duplex.toWeb` counts chunks as if they were bytes, and is ready for 16 384 of any size.
   */
  async write(bytes: Bytes): Promise<void> {
    await this.writer.write(bytes)
  }

  /** Ends our direction after pending writes, once; resolves when that is done or has failed. */
  end(): Promise<void> {
    this.ending ??= this.writer.close().then(ignore, ignore)
    return this.ending
  }

  /** Aborts both directions: pending reads and writes settle. */
  abort(error: unknown): void {
    this.writer.abort(error).catch(ignore)
    this.reader.cancel(error).catch(ignore)
  }

  /** Discards bytes up to the peer's end, or cancels once there are too many. */
  async discard(): Promise<void> {
    let room = MAX_DISCARDED
    for (let chunk = await this.read(); chunk !== undefined; chunk = await this.read()) {
      room -= chunk.length
      if (room < 0) return void this.reader.cancel().catch(ignore)
    }
  }

  /** Releases both streams, as they are. */
  release(): void {
    if (this.released) return
    this.released = true
    // Runtimes may throw here: one failure must not keep the other stream locked.
    for (const held of [this.reader, this.writer]) {
      try {
        held.releaseLock()
      } catch {
        // Older runtimes throw while a read is pending.
      }
    }
  }
}

function ignore(): void {}

function requireStreams(streams: ByteStreams | null | undefined): void {
  if (typeof streams?.readable?.getReader === 'function' && typeof streams.writable?.getWriter === 'function') return
  throw new TypeError(
    `\`transport\` must have a \`readable\` and a \`writable\` stream; this is ${describeType(streams)} without them`,
  )
}
