/**
 * Combines both directions of one connection's compression into a `Transform`, which messages pass between the application and
 * their frames, and defines its options.
 *
 * @module
 */

import { checkOptionNames } from '../arguments.ts'
import { requireObject } from '../bytes/plain.ts'
import type { PieceInfo, Transform } from '../frame/transform.ts'
import type { Bytes, Role } from '../types.ts'
import type { DeflateCodec } from './codec.ts'
import { MessageCompressor } from './compress.ts'
import { Compressors, DEFAULT_COMPRESSORS } from './compressors.ts'
import { MessageDecompressor } from './decompress.ts'
import { Decompressors } from './decompressors.ts'
import { checkCodec, checkNumber, checkRole } from './options.ts'
import { checkDeflateParams, type DeflateParams } from './params.ts'

/** Compression options. */
export interface CompressionOptions {
  /** Messages of fewer bytes are sent uncompressed, unless the sender says otherwise. Default 1024. */
  readonly threshold?: number | undefined
  /** From 1 (fast) to 9 (small); 0: no compression. Default -1: the library's own default, 6 in zlib. */
  readonly level?: number | undefined
  /** From 1 (little memory) to 9 (fast); a compressor's tables take 2^(memLevel + 9) bytes in zlib. Default 8. */
  readonly memLevel?: number | undefined
  /**
   * How many compressors all connections share. The least recently used one is reassigned on demand, which costs as much as
   * compressing some KiB: use more than are busy at once. Default 32, about 8 MiB at most.
   */
  readonly maxCompressors?: number | undefined
}

/** The members of {@link CompressionOptions}. */
export const compressionNames: readonly string[] = ['threshold', 'level', 'memLevel', 'maxCompressors']

/** Compressors and decompressors of one codec, for any number of connections. */
export class DeflateEngines {
  readonly compressors: Compressors
  readonly decompressors: Decompressors
  readonly threshold: number
  /** Identifies how messages are compressed, apart from the window. */
  readonly sharing: string

  /** @throws TypeError for an invalid codec or an option that is not a number; `RangeError` for one out of range. */
  constructor(codec: DeflateCodec, options: CompressionOptions) {
    const { threshold = 1024, level = -1, memLevel = 8, maxCompressors = DEFAULT_COMPRESSORS } = options
    checkCodec(codec)
    this.threshold = checkNumber('threshold', threshold, 0, Infinity)
    checkNumber('level', level, -1, 9)
    checkNumber('memLevel', memLevel, 1, 9)
    checkNumber('maxCompressors', maxCompressors, 1, Infinity)
    this.sharing = `${numberOf(codec)} ${level} ${memLevel} ${threshold}`
    this.compressors = new Compressors(codec, level, memLevel, maxCompressors)
    this.decompressors = new Decompressors(codec)
  }
}

/** Numbers that identify codecs: two codecs may have the same name. */
let codecNumbers: WeakMap<DeflateCodec, number> | undefined
let codecCount = 0

function numberOf(codec: DeflateCodec): number {
  codecNumbers ??= new WeakMap()
  const known = codecNumbers.get(codec)
  if (known !== undefined) return known
  codecNumbers.set(codec, ++codecCount)
  return codecCount
}

/** One connection's compression. */
export class DeflateTransform implements Transform {
  /** Without takeover, a message compresses to the same bytes for every peer with the same window and settings. */
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

  hasMore(): boolean {
    return this.decompressor.hasMore()
  }

  /** The windows; `undefined` in the middle of an incoming message: the state of an active decompressor cannot be read. */
  snapshot(): unknown {
    const peer = this.decompressor.snapshot()
    return peer === undefined ? undefined : { own: this.compressor.snapshot(), peer }
  }

  resume(state: unknown): void {
    const { own, peer } = requireObject(state as { readonly own: unknown; readonly peer: unknown })
    if (typeof own !== 'string' || typeof peer !== 'string')
      throw new TypeError('a snapshot of permessage-deflate needs its two windows as base64, `own` and `peer`')
    this.compressor.resume(own)
    this.decompressor.resume(peer)
  }

  close(): void {
    try {
      this.compressor.close()
    } finally {
      this.decompressor.close()
    }
  }
}

/**
 * The compression of one connection, without negotiation: transforms messages and their pieces to and from payloads of frames with
 * RSV1.
 *
 * @param params The agreed parameters.
 * @param role Which side we are.
 * @returns Independent state, a compressor included. `decode` throws `ProtocolError` `extension-data` (1007; `cause` is the
 *   library's error, or one that says that an end is missing, `offset` the compressed bytes of the message before the piece that
 *   showed it), `too-large` and `too-many` (1009).
 * @throws TypeError for arguments of the wrong type and unknown options, `RangeError` for parameters and options out of range.
 *
 * @see RFC 7692 §7.2
 * @example
 * const { params } = answerDeflateOffer([])
 * const server = deflateTransform(params, 'server', pako, { threshold: 0 })
 * const client = deflateTransform(params, 'client', pako)
 * // A message in one piece, of 1 MiB at most when it is inflated.
 * const whole = { opcode: Opcode.Text, first: true, last: true, room: 2 ** 20, wanted: Infinity }
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
  checkOptionNames(options, compressionNames, 'the options of deflateTransform')
  return new DeflateTransform(
    checkDeflateParams(params),
    checkRole(role),
    new DeflateEngines(codec, { maxCompressors: 1, ...options }),
  )
}
