/**
 * One native stream of `node:zlib`, used synchronously by compressors and decompressors. The only file that relies on undocumented
 * parts: the handle inside a stream, which Node, Bun, Deno and workerd all have. {@link streamsWork} tests whether it behaves as
 * described here.
 *
 * @module
 */

import type { Bytes } from '../types.ts'
import type { Drain, Source } from './output.ts'

/** zlib's value. `node:zlib` exports it as well, among constants that not every runtime has. */
export const Z_SYNC_FLUSH = 2

/** An error of `node:zlib`, as its documented calls throw it. */
export interface ZlibError extends Error {
  readonly code?: unknown
  readonly errno?: unknown
}

/** zlib's errors about itself, the machine or its caller: not the sender's fault. */
const libraryErrors: readonly unknown[] = ['Z_MEM_ERROR', 'Z_STREAM_ERROR', 'Z_VERSION_ERROR', 'Z_ERRNO']

/**
 * Returns an error if it is about the data.
 *
 * @throws The same error if it is about anything else, such as a lack of memory.
 */
export function requireDataError(error: ZlibError): ZlibError {
  const { code } = error
  const isLibrarys = libraryErrors.includes(code) || (typeof code === 'string' && code.startsWith('ERR_'))
  if (isLibrarys || error instanceof RangeError) throw error
  return error
}

/** The native half of a stream. */
interface Handle {
  /** Consumes input and produces output as far as possible; {@link NativeStream._writeState} says how much. */
  writeSync(
    flush: number,
    input: Uint8Array,
    inputOffset: number,
    inputSize: number,
    output: Uint8Array,
    outputOffset: number,
    outputSize: number,
  ): void
  /** Starts a new stream with the same settings. */
  reset(): void
  close(): void
  /** Called during `writeSync`: message, status and name of zlib's error. */
  onerror: (message: string, status: number, code: string) => void
}

/** A value that zlib never writes to {@link NativeStream._writeState}. */
const UNTOUCHED = 0xffff_ffff

/** What `createDeflateRaw` and `createInflateRaw` return; never written to as a stream. */
interface NativeStream {
  readonly _handle: Handle
  /** Bytes left in the output and in the input; unchanged after an error. */
  readonly _writeState: Uint32Array
  /** Without a listener an error would be thrown later, uncaught. */
  on(event: 'error', listener: () => void): void
}

/** Native code counts in 32 bits, and would truncate the length of a longer input. */
const MAX_INPUT = 2 ** 31 - 1

/**
 * A native stream as a {@link Source}.
 */
export class Engine implements Source {
  private readonly handle: Handle
  private readonly state: Uint32Array
  private readonly nothing: Bytes = new Uint8Array(0)
  private input: Uint8Array = this.nothing
  private at = 0
  /** Unread bytes of the last input. */
  left = 0
  /** The error of the last write. The stream is unusable afterwards. */
  error: ZlibError | undefined = undefined

  /** @param stream From `createDeflateRaw` or `createInflateRaw`; owned by the engine. */
  constructor(stream: object) {
    const native = stream as NativeStream
    this.handle = native._handle
    this.state = native._writeState
    this.handle.onerror = (message, errno, code) => {
      this.error = Object.assign(new Error(message), { errno, code })
    }
    native.on('error', ignore)
  }

  /** The output for `input`, as {@link Drain.take} returns it. Check {@link error} afterwards. */
  run(drain: Drain, input: Uint8Array, room: number, wanted: number, expected: number): Bytes | undefined {
    this.feed(input)
    const output = drain.take(this, room, wanted, expected)
    this.input = this.nothing
    return output
  }

  /** Like {@link run}, but only updates the window: the output is dropped. */
  swallow(drain: Drain, input: Uint8Array): void {
    this.feed(input)
    drain.discard(this)
    this.input = this.nothing
  }

  fill(output: Bytes, size: number): number {
    this.error = undefined
    this.state[0] = UNTOUCHED
    this.handle.writeSync(Z_SYNC_FLUSH, this.input, this.at, this.left, output, 0, size)
    const [room = UNTOUCHED, left = 0] = this.state
    // workerd calls its own handler, and only leaves the state unchanged.
    if (room === UNTOUCHED) this.error ??= unknownError()
    if (this.error !== undefined) return 0
    this.at += this.left - left
    this.left = left
    return size - room
  }

  /**
   * Starts a new stream with an empty window. Not for compressors: Node hashes four bytes, and the fourth past the end of an input
   * is left over from before the reset, so the output would reveal it.
   */
  reset(): void {
    this.handle.reset()
  }

  /** Frees native memory at once. The stream's own `close` does the same plus a later event, and is slower. */
  close(): void {
    try {
      this.handle.close()
    } catch {
      // workerd closes the handle itself after an error.
    }
  }

  private feed(input: Uint8Array): void {
    if (input.length > MAX_INPUT)
      throw new RangeError(`node:zlib takes ${MAX_INPUT} bytes at once, not ${input.length}`)
    this.input = input
    this.at = 0
    this.left = input.length
  }
}

/** Invalid data are the likely cause: a lack of memory shows when a stream is created. */
function unknownError(): ZlibError {
  return Object.assign(new Error('node:zlib does not say what is wrong'), { code: 'Z_DATA_ERROR' })
}

function ignore(): void {}
