/**
 * The native functions of Node and compatible runtimes: the members of {@link Native}, and `Buffer`, the class that Node programs
 * expect for bytes. Nothing is imported: the functions are looked up at run time.
 *
 * @module
 */

import type { Native } from '../native.ts'

/** The shapes of the globals used here; only Node and compatible runtimes have them. */
declare const Buffer:
  | {
      readonly prototype: Utf8Methods
      allocUnsafe(size: number): Uint8Array
      from(memory: ArrayBufferLike, start: number, size: number): Uint8Array
    }
  | undefined
declare const process:
  | {
      readonly versions?: { readonly openssl?: string }
      getBuiltinModule?(name: 'node:buffer'): { isUtf8?(bytes: Uint8Array): boolean } | undefined
      getBuiltinModule?(name: 'node:crypto'): Crypto | undefined
    }
  | undefined
declare const Deno: unknown

/** The part of `node:crypto` that is used. `hash` is faster; Node has it from 20.12 on. */
interface Crypto {
  hash?(algorithm: 'sha1', data: string, encoding: 'base64'): string
  createHash(algorithm: 'sha1'): { update(data: string): { digest(encoding: 'base64'): string } }
}

/** Methods of a `Buffer` that accept any `Uint8Array` as `this`. They take offsets, so no view is needed. */
interface Utf8Methods {
  utf8Slice?(this: Uint8Array, start: number, end: number): string
  utf8Write?(this: Uint8Array, text: string, offset: number, size: number): number
}

/**
 * The native functions of this runtime, for the option `native` of connections, decoders and handshakes. An {@link Endpoint} uses them
 * by default. In Node and Bun the object has all members; in Deno only `allocate`, because Deno's other functions are not faster; in
 * other runtimes none. Arrays from `allocate` share memory with other arrays: do not transfer them.
 *
 * @example
 * const connection = new Connection(connectionOptions({ role: 'server', native }))
 */
export const native: Native = /* @__PURE__ */ findNative()

function findNative(): Native {
  if (typeof Buffer === 'undefined') return {}
  const { allocUnsafe: allocate, prototype } = Buffer
  if (typeof process === 'undefined' || typeof Deno !== 'undefined') return { allocate }
  const { utf8Slice, utf8Write } = prototype
  return {
    allocate,
    decodeUtf8: utf8Slice && ((bytes, start, end) => utf8Slice.call(bytes, start, end)),
    encodeUtf8Into:
      utf8Write && ((text, target, offset) => utf8Write.call(target, text, offset, target.length - offset)),
    isUtf8: process.getBuiltinModule?.('node:buffer')?.isUtf8,
    sha1: process.getBuiltinModule !== undefined && process.versions?.openssl !== undefined ? sha1 : undefined,
  }
}

/** Found on first use: loading `node:crypto` takes some milliseconds. */
let hash: ((text: string) => string) | undefined

function sha1(text: string): string {
  hash ??= findHash()
  return hash(text)
}

function findHash(): (text: string) => string {
  const crypto = process?.getBuiltinModule?.('node:crypto') as Crypto
  if (crypto.hash !== undefined) return (text) => (crypto as Required<Crypto>).hash('sha1', text, 'base64')
  return (text) => crypto.createHash('sha1').update(text).digest('base64')
}

/** Returns a `Buffer` on the same memory; in runtimes without that class, the bytes themselves. */
export function asBuffer(bytes: Uint8Array): Uint8Array {
  return typeof Buffer === 'undefined' ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}
