/**
 * A pair of byte streams while it is ours: read, written with backpressure, ended in order or given up, and let go of. Knows
 * nothing of what the bytes say.
 *
 * @module
 */

import { describeType } from '../arguments.ts'
import type { ChunkReader, ChunkWriter } from '../platform/streams.ts'
import type { Bytes } from '../types.ts'
import type { ByteStreams } from './options.ts'

/**
 * Bytes that may come behind the end, unread by anybody. A transport that is torn down while the peer still sends may take
 * our last bytes with it, a Close or a refusal among them; so the end is waited for, but not for whoever never stops.
 */
const MAX_DISCARDED = 2 ** 20

/** The one reader and the one writer of a transport. */
export class Transport {
  private readonly reader: ChunkReader<Uint8Array>
  private readonly writer: ChunkWriter<Bytes>
  private unread: Uint8Array | undefined
  private ending: Promise<void> | undefined
  private released = false

  /** @throws TypeError for what is no pair of streams, and for streams that are locked already. */
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

  /** Told once if either direction fails, read and written or not; not for what happens after {@link release}. */
  watch(onFailure: (error: unknown) => void): void {
    const report = (error: unknown): void => {
      if (!this.released) onFailure(error)
    }
    this.reader.closed.catch(report)
    this.writer.closed.catch(report)
  }

  /** The next chunk; `undefined`: the peer has ended. Rejects with what the transport fails with. */
  async read(): Promise<Uint8Array | undefined> {
    const { unread } = this
    this.unread = undefined
    if (unread !== undefined && unread.length > 0) return unread
    const { done, value } = await this.reader.read()
    return done ? undefined : value
  }

  /** Puts back what was read too far. */
  unshift(bytes: Uint8Array): void {
    this.unread = bytes
  }

  /**
   * Hands bytes over; done when the transport has taken them. Rejects with what it fails with. That a stream is ready for more
   * says less: Node's `Duplex.toWeb` counts chunks as if they were bytes, and is ready for 16 384 of any size.
   */
  async write(bytes: Bytes): Promise<void> {
    await this.writer.write(bytes)
  }

  /** Ends our direction behind all that was written, once; done when that is through, or has failed. */
  end(): Promise<void> {
    this.ending ??= this.writer.close().then(ignore, ignore)
    return this.ending
  }

  /** Gives both directions up: whatever waits for them goes on. */
  abort(error: unknown): void {
    this.writer.abort(error).catch(ignore)
    this.reader.cancel(error).catch(ignore)
  }

  /** Reads to the peer's end without looking, or as far as is bearable, and then lets the rest go. */
  async discard(): Promise<void> {
    let room = MAX_DISCARDED
    for (let chunk = await this.read(); chunk !== undefined; chunk = await this.read()) {
      room -= chunk.length
      if (room < 0) return void this.reader.cancel().catch(ignore)
    }
  }

  /** Lets both streams go, as they are. */
  release(): void {
    if (this.released) return
    this.released = true
    // The locks of a runtime's own: what they say to being let go of must not keep the other locked.
    for (const held of [this.reader, this.writer]) {
      try {
        held.releaseLock()
      } catch {
        // A read that still waits forbids it in older runtimes.
      }
    }
  }
}

function ignore(): void {}

function requireStreams(streams: ByteStreams | null | undefined): void {
  if (typeof streams?.readable?.getReader === 'function' && typeof streams.writable?.getWriter === 'function') return
  throw new TypeError(
    `\`transport\` must have a \`readable\` and a \`writable\` of WHATWG streams, such as Duplex.toWeb(socket); this is ${describeType(streams)} without them`,
  )
}
