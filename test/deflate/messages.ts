/**
 * What the tests of permessage-deflate share: the codecs, helpers that pass one message through a transform in any pieces, and
 * contents that compress well, badly and not at all.
 *
 * @module
 */

import { pako } from '../../src/codec/pako.ts'
import { zlib } from '../../src/codec/zlib.ts'
import type { DeflateCodec } from '../../src/deflate/codec.ts'
import type { DeflateParams } from '../../src/deflate/params.ts'
import { ProtocolError } from '../../src/errors.ts'
import type { Transform } from '../../src/frame/transform.ts'
import { createRandom } from '../peers/support.ts'
import { concat } from '../wire.ts'

export const codecs: [name: string, codec: DeflateCodec][] = [
  ['pako', pako],
  ['zlib', zlib],
]

export const none: Uint8Array = new Uint8Array(0)

/** Removed by RFC 7692 §7.2.1, and restored by §7.2.2. */
export const TAIL: Uint8Array = Uint8Array.of(0, 0, 0xff, 0xff)

/** The same for both sides. */
export function paramsOf(bits = 15, takesOver = true): DeflateParams {
  return {
    serverNoContextTakeover: !takesOver,
    clientNoContextTakeover: !takesOver,
    serverMaxWindowBits: bits,
    clientMaxWindowBits: bits,
  }
}

/** Decodes a message that arrives in these pieces. */
export function receive(transform: Transform, pieces: readonly Uint8Array[], remaining = 2 ** 24): Uint8Array {
  const outputs: Uint8Array[] = []
  let left = remaining
  for (const [index, piece] of pieces.entries()) {
    const [first, last] = [index === 0, index === pieces.length - 1]
    const output = transform.decode(piece, { opcode: 2, first, last, remaining: left, wanted: Infinity })
    outputs.push(output)
    left -= output.length
  }
  return concat(...outputs)
}

/** Encodes a message in these pieces; `undefined`: it is sent uncompressed. */
export function send(
  transform: Transform,
  pieces: readonly Uint8Array[],
  compress?: boolean | undefined,
): Uint8Array | undefined {
  const outputs: Uint8Array[] = []
  for (const [index, piece] of pieces.entries()) {
    const [first, last] = [index === 0, index === pieces.length - 1]
    const output = transform.encode(piece, { opcode: 2, first, last, remaining: 0, wanted: Infinity, compress })
    if (output === undefined && first) return undefined
    if (output === undefined) throw new Error('only the first piece can be told to go as it is')
    outputs.push(output)
  }
  return concat(...outputs)
}

/** The result: bytes, or the `ProtocolError` that was thrown. Other errors pass through. */
export function outcome(read: () => Uint8Array): Uint8Array | ProtocolError {
  try {
    return read()
  } catch (error) {
    if (error instanceof ProtocolError) return error
    throw error
  }
}

/** The code and close code of the error, or `'none'`: quick to compare, and readable in a failure. */
export function errorOf(result: Uint8Array | ProtocolError): string {
  return result instanceof ProtocolError ? `${result.code} ${result.closeCode} ${result.reference}` : 'none'
}

export const BAD_DATA = 'extension-data 1007 RFC 7692 §7.2.2'
export const TOO_LARGE = 'too-large 1009 RFC 6455 §10.4'
export const TOO_MANY = 'too-many 1009 RFC 6455 §10.4'

/** In two pieces, cut at `at`. */
export function cutAt(bytes: Uint8Array, ...places: readonly number[]): Uint8Array[] {
  const edges = [0, ...places, bytes.length]
  return edges.slice(1).map((end, index) => bytes.subarray(edges[index], end))
}

export function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** Incompressible bytes. */
export function noise(size: number, seed = 1): Uint8Array {
  const random = createRandom(seed)
  return Uint8Array.from({ length: size }, () => random() * 256)
}

/** Typical JSON: the same names, different numbers. */
export function json(size: number, seed = 1): Uint8Array {
  const random = createRandom(seed)
  let text = ''
  while (text.length < size)
    text += `{"id":${Math.floor(random() * 1e9)},"name":"user-${Math.floor(random() * 999)}","active":${random() > 0.5}},`
  return utf8(text.slice(0, size))
}
