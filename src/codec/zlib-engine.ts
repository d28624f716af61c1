/**
 * One native stream of `node:zlib`, used synchronously. Knows the part of it that is not documented, and is the only file that
 * does: the handle inside a stream, which Node 20 to 26, Bun, Deno and workerd all have. Whether it does here what is written here
 * is for {@link streamsWork} to say. Knows nothing of messages.
 *
 * @module
 */

import type { Bytes } from '../types.ts'
import type { Drain, Source } from './output.ts'

/** zlib's number. `node:zlib` has it as well, among constants that not every runtime has. */
export const Z_SYNC_FLUSH = 2

/** An error of `node:zlib`, as its documented calls throw it. */
export interface ZlibError extends Error {
  readonly code?: unknown
  readonly errno?: unknown
}

/** What zlib says of itself, of the machine and of its caller: no fault of who sent the data. */
const libraryErrors: readonly unknown[] = ['Z_MEM_ERROR', 'Z_STREAM_ERROR', 'Z_VERSION_ERROR', 'Z_ERRNO']

/**
 * Returns an error about the data.
 *
 * @throws The same error where it is about anything else, such as a lack of memory.
 */
export function requireDataError(error: ZlibError): ZlibError {
  const { code } = error
  const isLibrarys = libraryErrors.includes(code) || (typeof code === 'string' && code.startsWith('ERR_'))
  if (isLibrarys || error instanceof RangeError) throw error
  return error
}

/** The native half of a stream. */
interface Handle {
  /** Takes from the input and gives to the output what it can; {@link NativeStream._writeState} says how much that was. */
  writeSync(
    flush: number,
    input: Uint8Array,
    inputOffset: number,
    inputSize: number,
    output: Uint8Array,
    outputOffset: number,
    outputSize: number,
  ): void
  /** Begins a new stream, with the same settings. */
  reset(): void
  close(): void
  /** Called during `writeSync`: zlib's message, number and name of the error. */
  onerror: (message: string, status: number, code: string) => void
}

/** What {@link NativeStream._writeState} never holds by itself. */
const UNTOUCHED = 0xffff_ffff

/** What `createDeflateRaw` and `createInflateRaw` return, and nobody writes to. */
interface NativeStream {
  readonly _handle: Handle
  /** Room that is left in the output, bytes that are left of the input; not touched where there was an error. */
  readonly _writeState: Uint32Array
  /** Without a listener an error would be thrown at nobody, later on. */
  on(event: 'error', listener: () => void): void
}

/** Native code counts in 32 bits, and would take a longer input for a shorter one. */
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
  /** Bytes of the last input that were not read. */
  left = 0
  /** What was wrong with the last write. The stream is of no use from there on. */
  error: ZlibError | undefined = undefined

  /** @param stream From `createDeflateRaw` or `createInflateRaw`; nobody else uses it. */
  constructor(stream: object) {
    const native = stream as NativeStream
    this.handle = native._handle
    this.state = native._writeState
    this.handle.onerror = (message, errno, code) => {
      this.error = Object.assign(new Error(message), { errno, code })
    }
    native.on('error', ignore)
  }

  /** What comes of `input`, as {@link Drain.take} says. Look at {@link error} then. */
  run(drain: Drain, input: Uint8Array, room: number, wanted: number, expected: number): Bytes | undefined {
    this.feed(input)
    const output = drain.take(this, room, wanted, expected)
    this.input = this.nothing
    return output
  }

  /** Like {@link run}, for input of which only the effect on the window is of use. */
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
    // workerd calls its own handler, and only leaves the state as it was.
    if (room === UNTOUCHED) this.error ??= unknownError()
    if (this.error !== undefined) return 0
    this.at += this.left - left
    this.left = left
    return size - room
  }

  /**
   * Begins a new stream with nothing before it. Not for compressors: Node's hash four bytes, and the fourth behind the end of an
   * input is what lay there before the reset, so that the output tells an onlooker about it.
   */
  reset(): void {
    this.handle.reset()
  }

  /** Frees native memory, at once. The stream's own `close` is the same and an event later on, at twice the price. */
  close(): void {
    try {
      this.handle.close()
    } catch {
      // After an error workerd has done so already.
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

/** Data are the likely cause: lack of memory shows when a stream is made. */
function unknownError(): ZlibError {
  return Object.assign(new Error('node:zlib does not say what is wrong'), { code: 'Z_DATA_ERROR' })
}

function ignore(): void {}
