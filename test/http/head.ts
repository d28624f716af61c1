/** Reads heads in tests: every split of the same bytes must give the same result, and a parser must not write to a chunk or keep it. */

import { expect } from 'vitest'
import type { ProtocolError } from '../../src/errors.ts'
import { concat, splits } from '../wire.ts'

/** Encodes one code unit per byte, without the code under test. */
export function latin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (unit) => unit.charCodeAt(0))
}

export function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}

interface Parser<Result> {
  push(chunk: Uint8Array): Result | undefined
}

/** The result of a parser as data: `rest` is all bytes that it did not read, and errors are plain objects. */
export type Read<Result> = Omit<Result, 'rest' | 'errors'> & { rest: string; errors?: unknown[] }

export function read<Result extends { rest: Uint8Array; errors?: readonly ProtocolError[] }>(
  parser: Parser<Result>,
  chunks: readonly Uint8Array[],
): Read<Result> | undefined {
  for (const [index, chunk] of chunks.entries()) {
    const before = Uint8Array.from(chunk)
    const result = parser.push(chunk)
    if (Buffer.compare(chunk, before) !== 0) throw new Error('the parser wrote to the chunk')
    if (result !== undefined) {
      const { errors, ...plain } = result
      const rest = toText(concat(result.rest, ...chunks.slice(index + 1)))
      chunk.fill(0x21)
      return { ...plain, rest, ...(errors && { errors: errors.map((error) => error.toJSON()) }) } as Read<Result>
    }
    // The transport reuses its buffer, so the parser must not have kept it.
    chunk.fill(0x21)
  }
  return undefined
}

/** Reads bytes split at every position, byte by byte, in a larger buffer, and as a `Buffer`. */
export function readInEverySplit<Result extends { rest: Uint8Array; errors?: readonly ProtocolError[] }>(
  makeParser: () => Parser<Result>,
  wire: string,
): Read<Result> | undefined {
  const bytes = latin1(wire)
  const whole = read(makeParser(), [bytes.slice()])
  for (const chunks of splits(bytes)) expect(read(makeParser(), chunks)).toEqual(whole)
  return whole
}
