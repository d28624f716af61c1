/**
 * permessage-deflate as one extension object (RFC 7692 §7): negotiation for the handshake, and for each connection a transform
 * that messages pass on their way to and from the frames.
 *
 * @module
 */

import { type Kinds, requireOptions, requireRecord, requireWhole } from '../arguments.ts'
import { defineExtension } from '../extensions/define.ts'
import type { DefinedExtension } from '../extensions/extension.ts'
import type { PieceInfo, Transform } from '../frame/transform.ts'
import { Rsv } from '../registry/websocket.ts'
import type { Bytes, Role } from '../types.ts'
import { type DeflateCodec, requireCodec } from './codec.ts'
import { Compressors, MessageCompressor } from './compress.ts'
import { Decompressors, MessageDecompressor } from './decompress.ts'
import { answerOffer, makeOffers, verifyResponse } from './negotiate.ts'
import { DEFLATE_NAME, type DeflateParams, requireSides } from './params.ts'
import { type DeflatePreferences, preferenceKinds, resolveStance } from './preferences.ts'

/**
 * Compression options.
 *
 * @category Compression and extensions
 */
export interface CompressionOptions {
  /** Messages of fewer bytes are sent uncompressed, unless the sender requests compression. Default: 1024. */
  readonly threshold?: number | undefined
  /** From 1 (fast) to 9 (small); 0 for no compression. Default: -1, the library's own default, which is 6 in zlib. */
  readonly level?: number | undefined
  /** From 1 (little memory) to 9 (fast). A compressor's tables take 2^(memLevel + 9) bytes in zlib. Default: 8. */
  readonly memLevel?: number | undefined
  /**
   * How many compressors all connections share. The least recently used one is reassigned on demand, which costs as much as compressing a
   * few KiB. Choose more than are busy at once. Default: 32, at most about 8 MiB.
   */
  readonly maxCompressors?: number | undefined
}

/**
 * The options of {@link permessageDeflate}.
 *
 * @category Compression and extensions
 */
export interface DeflateOptions extends DeflatePreferences, CompressionOptions {
  /** The compression library: from `websocket-primitives/codec/…`, or your own. */
  readonly codec: DeflateCodec
}

const compressionKinds: Kinds = { threshold: 'number', level: 'number', memLevel: 'number', maxCompressors: 'number' }

/**
 * permessage-deflate, which works synchronously.
 *
 * @category Compression and extensions
 */
export interface DeflateExtension extends DefinedExtension<DeflateParams> {
  open(params: DeflateParams, role: Role): Transform
}

/**
 * Creates an extension that implements all of RFC 7692: offers, answers, verification and compression. Create one for the whole program.
 * Its connections share `maxCompressors` compressors, and nothing that peers can observe.
 *
 * Compression before encryption reveals the length of secrets that are sent next to text chosen by an attacker (RFC 7692 §8): send such
 * messages with `{ compress: false }`.
 *
 * @throws TypeError for an invalid codec, unknown options, options of the wrong type and contradictions; `RangeError` for options out of
 *   range. `offer` and `accept` throw a `RangeError` if `demand` lists a window smaller than the codec's compressor supports.
 *
 * @example
 * import { zlib } from 'websocket-primitives/codec/zlib'
 *
 * const extensions = [permessageDeflate({ codec: zlib })]
 * const accepted = acceptHandshake(request, { extensions })
 * if (accepted.ok) connection = new Connection({ role: 'server', agreement: accepted, extensions })
 *
 * @category Compression and extensions
 */
export function permessageDeflate(options: DeflateOptions): DeflateExtension {
  if (typeof (options as Partial<DeflateCodec> | undefined)?.createCompressor === 'function')
    throw new TypeError('expected `{ codec }`, not the codec itself')
  const kinds = { codec: 'any', ...preferenceKinds, ...compressionKinds } as const
  requireOptions(options, kinds, 'the options of permessageDeflate')
  const open = prepareTransforms(options.codec, options)
  const stance = resolveStance(options, options.codec.minWindowBits)
  return defineExtension<DeflateParams>({
    name: DEFLATE_NAME,
    // "This document allocates the RSV1 bit of the WebSocket header for PMCEs"                          RFC 7692 §6
    rsv: Rsv.RSV1,
    offer: () => makeOffers(stance),
    accept: (offer) => answerOffer(offer, stance),
    verify: (response, offered) => verifyResponse(response, offered, stance),
    open,
  }) as DeflateExtension
}

/**
 * Returns the compression of one connection, without negotiation: transforms messages and their pieces to and from payloads of frames with
 * RSV1.
 *
 * @param params The agreed parameters.
 * @param role The side that we play.
 * @returns Independent state, including its own compressor. `decode` throws `ProtocolError` `extension-data` (1007), `too-large` and
 *   `too-many` (1009). For `extension-data`, `cause` is the library's error, or an error that reports a missing end, and `offset` is the
 *   number of compressed bytes of the message before the piece that showed it.
 * @throws TypeError for arguments of the wrong type and unknown options, `RangeError` for parameters and options out of range.
 *
 * @see RFC 7692 §7.2
 * @example
 * const { params } = answerDeflateOffer([])
 * const server = deflateTransform(params, 'server', pako, { threshold: 0 })
 * const client = deflateTransform(params, 'client', pako)
 * // A message in one piece, at most 1 MiB when it is inflated.
 * const whole = { opcode: Opcode.Text, first: true, last: true, remaining: 2 ** 20, wanted: Infinity }
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
  requireOptions(options, compressionKinds, 'the options of deflateTransform')
  return prepareTransforms(codec, { maxCompressors: 1, ...options })(params, role)
}

/** Checks the codec and the values of the options. The result opens transforms that share compressors. */
function prepareTransforms(codec: DeflateCodec, options: CompressionOptions): DeflateExtension['open'] {
  requireCodec(codec)
  const threshold = requireWhole(options.threshold ?? 1024, '`threshold`', 0, Infinity)
  const level = requireWhole(options.level ?? -1, '`level`', -1, 9)
  const memLevel = requireWhole(options.memLevel ?? 8, '`memLevel`', 1, 9)
  const maxCompressors = requireWhole(options.maxCompressors ?? 32, '`maxCompressors`', 1, Infinity)
  const compressors = new Compressors(codec, { level, memLevel }, maxCompressors)
  const decompressors = new Decompressors(codec)
  const settings = `${numberOf(codec)} ${level} ${memLevel} ${threshold}`
  return (params, role) => {
    const [own, peer] = requireSides(params, role)
    return new DeflateTransform(
      new MessageCompressor(compressors, own, threshold),
      new MessageDecompressor(decompressors, peer),
      own.takesOver ? undefined : `${own.windowBits} ${settings}`,
      threshold,
    )
  }
}

/** Numbers that identify codecs, because two codecs may have the same name. */
const codecNumbers: WeakMap<DeflateCodec, number> = /* @__PURE__ */ new WeakMap()
let codecCount = 0

function numberOf(codec: DeflateCodec): number {
  const number = codecNumbers.get(codec) ?? ++codecCount
  codecNumbers.set(codec, number)
  return number
}

/** Both directions of one connection. */
class DeflateTransform implements Transform {
  readonly #compressor: MessageCompressor
  readonly #decompressor: MessageDecompressor
  /** Without takeover, a message compresses to the same bytes for every peer with the same window and settings. */
  readonly sharing: string | undefined
  readonly threshold: number

  constructor(
    compressor: MessageCompressor,
    decompressor: MessageDecompressor,
    sharing: string | undefined,
    threshold: number,
  ) {
    this.#compressor = compressor
    this.#decompressor = decompressor
    this.sharing = sharing
    this.threshold = threshold
  }

  encode(piece: Uint8Array, info: PieceInfo): Uint8Array | undefined {
    return this.#compressor.encode(piece, info)
  }

  decode(piece: Uint8Array, info: PieceInfo): Bytes {
    return this.#decompressor.decode(piece, info)
  }

  hasMore(): boolean {
    return this.#decompressor.hasMore()
  }

  /** Returns the windows, or `undefined` in the middle of an incoming message: the state of an active decompressor cannot be read. */
  snapshot(): unknown {
    const peer = this.#decompressor.snapshot()
    return peer === undefined ? undefined : { own: this.#compressor.snapshot(), peer }
  }

  resume(state: unknown): void {
    requireRecord(state, 'the state')
    const { own, peer } = state as { readonly own: string; readonly peer: string }
    this.#compressor.resume(own)
    this.#decompressor.resume(peer)
  }

  close(): void {
    try {
      this.#compressor.close()
    } finally {
      this.#decompressor.close()
    }
  }
}
