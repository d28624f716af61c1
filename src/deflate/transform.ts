/**
 * Both halves of one connection's compression as one `Transform`, and what can be told to them. Knows which side uses which
 * parameter; nothing of negotiation.
 *
 * @module
 */

import { requireRecord } from '../arguments.ts'
import type { PieceInfo, Transform } from '../frame/transform.ts'
import type { Bytes, Role } from '../types.ts'
import type { DeflateCodec } from './codec.ts'
import { MessageCompressor } from './compress.ts'
import { Compressors, DEFAULT_COMPRESSORS } from './compressors.ts'
import { MessageDecompressor } from './decompress.ts'
import { Decompressors } from './decompressors.ts'
import { checkDeflateParams, type DeflateParams } from './params.ts'

/** How messages are compressed. */
export interface CompressionOptions {
  /** Messages of fewer bytes go as they are, unless the sender wishes otherwise. Default 1024. */
  readonly threshold?: number | undefined
  /** From 1 (fast) to 9 (small), 0: not at all. Default -1: what the library takes for the middle, 6 in zlib. */
  readonly level?: number | undefined
  /** From 1 (little memory) to 9 (fast); a compressor's tables take 2^(memLevel + 9) bytes in zlib. Default 8. */
  readonly memLevel?: number | undefined
  /**
   * How many compressors serve all connections; the one that has waited longest moves to who needs one, which then costs as much as
   * some KiB of compressing: more than are busy at once is best. Default 32, which is about 8 MiB at most.
   */
  readonly maxCompressors?: number | undefined
}

/** Compressors and decompressors of one codec, for any number of connections. */
export class DeflateEngines {
  readonly compressors: Compressors
  readonly decompressors: Decompressors
  readonly threshold: number
  /** What decides how a message is compressed, but for the window. */
  readonly sharing: string

  /** @throws RangeError for a number that is none of those which an option may be. */
  constructor(codec: DeflateCodec, options: CompressionOptions) {
    const { threshold = 1024, level = -1, memLevel = 8, maxCompressors = DEFAULT_COMPRESSORS } = options
    this.threshold = checked('threshold', threshold, 0, Infinity)
    checked('level', level, -1, 9)
    checked('memLevel', memLevel, 1, 9)
    checked('maxCompressors', maxCompressors, 1, Infinity)
    this.sharing = `${numberOf(codec)} ${level} ${memLevel} ${threshold}`
    this.compressors = new Compressors(codec, level, memLevel, maxCompressors)
    this.decompressors = new Decompressors(codec)
  }
}

/** By which what codecs make is told apart: the name is for people, and two may have the same. */
let codecNumbers: WeakMap<DeflateCodec, number> | undefined
let codecCount = 0

function numberOf(codec: DeflateCodec): number {
  codecNumbers ??= new WeakMap()
  const known = codecNumbers.get(codec)
  if (known !== undefined) return known
  codecNumbers.set(codec, ++codecCount)
  return codecCount
}

function checked(name: keyof CompressionOptions, value: number, least: number, most: number): number {
  if ((Number.isInteger(value) || value === Infinity) && value >= least && value <= most) return value
  throw new RangeError(`${name} is a whole number from ${least} to ${most}; this one is ${value}`)
}

/** One connection's compression. */
export class DeflateTransform implements Transform {
  /** Messages that each begin anew are the same for every peer with such a window, where they are compressed alike. */
  readonly sharing: string | undefined
  private readonly compressor: MessageCompressor
  private readonly decompressor: MessageDecompressor

  constructor(params: DeflateParams, role: Role, engines: DeflateEngines) {
    const { compressors, decompressors, threshold } = engines
    const server = { bits: params.serverMaxWindowBits, takesOver: !params.serverNoContextTakeover }
    const client = { bits: params.clientMaxWindowBits, takesOver: !params.clientNoContextTakeover }
    const [own, other] = role === 'server' ? [server, client] : [client, server]
    this.sharing = own.takesOver ? undefined : `${own.bits} ${engines.sharing}`
    this.compressor = new MessageCompressor(compressors, own.bits, own.takesOver, threshold)
    this.decompressor = new MessageDecompressor(decompressors, other.bits, other.takesOver)
  }

  encode(piece: Uint8Array, info: PieceInfo): Uint8Array | undefined {
    return this.compressor.encode(piece, info)
  }

  decode(piece: Uint8Array, info: PieceInfo): Bytes {
    return this.decompressor.decode(piece, info)
  }

  /** The windows; `undefined` in the middle of a message that comes in, for nothing can be told of a decompressor at work. */
  snapshot(): unknown {
    const peer = this.decompressor.snapshot()
    return peer === undefined ? undefined : { own: this.compressor.snapshot(), peer }
  }

  resume(state: unknown): void {
    requireRecord(state, 'the state of permessage-deflate')
    const { own, peer } = state as { readonly own: string; readonly peer: string }
    this.compressor.resume(own)
    this.decompressor.resume(peer)
  }

  close(): void {
    this.compressor.close()
    this.decompressor.close()
  }
}

/**
 * The compression of one connection without a negotiation: messages and pieces of them, as they stand in frames with RSV1.
 *
 * @param params What was agreed.
 * @param role The side that this object plays.
 * @returns State of its own, a compressor included. `decode` throws `ProtocolError` `extension-data` (1007), `too-large` and
 *   `too-many` (1009).
 * @throws RangeError for parameters and options that are out of range, `TypeError` for a role that is none.
 *
 * @see RFC 7692 §7.2
 * @example
 * const { params } = answerDeflateOffer([])
 * const server = deflateTransform(params, 'server', pako, { threshold: 0 })
 * const client = deflateTransform(params, 'client', pako)
 * // A message in one piece, of 1 MiB at most when it is inflated.
 * const whole = { opcode: Opcode.Text, first: true, last: true, room: 2 ** 20 }
 * const payload = server.encode(new TextEncoder().encode('Hello Hello Hello'), whole)
 * payload // f2 48 cd c9 c9 57 f0 40 90 00 00
 * new TextDecoder().decode(payload && client.decode(payload, whole)) // 'Hello Hello Hello'
 */
export function deflateTransform(
  params: DeflateParams,
  role: Role,
  codec: DeflateCodec,
  options: CompressionOptions = {},
): Transform {
  if (role !== 'client' && role !== 'server')
    throw new TypeError(`role is 'client' or 'server', not ${JSON.stringify(role)}`)
  return new DeflateTransform(
    checkDeflateParams(params),
    role,
    new DeflateEngines(codec, { maxCompressors: 1, ...options }),
  )
}
