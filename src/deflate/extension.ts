/**
 * permessage-deflate as one extension: negotiation and compression under the name that peers know (RFC 7692 §7). Knows how
 * they are put together.
 *
 * @module
 */

import { checkOptionNames } from '../arguments.ts'
import type { Transform } from '../frame/transform.ts'
import type { Extension } from '../handshake/extension.ts'
import { Rsv } from '../registry/websocket.ts'
import type { Role } from '../types.ts'
import type { DeflateCodec } from './codec.ts'
import { answer, makeOffers, verify } from './negotiate.ts'
import { checkRole, requireOptions } from './options.ts'
import { checkDeflateParams, DEFLATE_NAME, type DeflateParams, type DeflateWishes } from './params.ts'
import { type CompressionOptions, compressionNames, DeflateEngines, DeflateTransform } from './transform.ts'
import { resolveWishes, wishNames } from './wishes.ts'

/** What is wished of the other side, and how messages are compressed. */
export interface DeflateOptions extends DeflateWishes, CompressionOptions {
  /** The library that compresses, of `websocket-primitives/codec/…` or of your own. */
  readonly codec: DeflateCodec
}

const optionNames: readonly string[] = ['codec', ...wishNames, ...compressionNames]

/** permessage-deflate, whose work is done at once. */
export interface DeflateExtension extends Extension<DeflateParams> {
  open(params: DeflateParams, role: Role): Transform
}

/**
 * All of RFC 7692: what is offered, accepted, verified, and done to messages. One object for a whole program; its connections
 * share `maxCompressors` compressors and nothing that could be seen.
 *
 * Compression and encryption together tell the length of secrets that stand beside what an attacker may write (RFC 7692 §8):
 * such messages want `{ compress: false }`.
 *
 * @throws TypeError for a codec that is none, unknown options, options of other types and contradictions; `RangeError` for options out
 * of range. `offer` and `accept` throw a `RangeError` for a window in `demand` that is smaller than the codec's compressor can do.
 *
 * @example
 * import { zlib } from 'websocket-primitives/codec/zlib'
 *
 * const extensions = [permessageDeflate({ codec: zlib })]
 * const accepted = acceptHandshake(request, { extensions })
 * if (accepted.ok) connection = new Connection({ role: 'server', agreement: accepted, extensions })
 */
export function permessageDeflate(options: DeflateOptions): DeflateExtension {
  requireOptions(options, 'the options of permessageDeflate')
  checkOptionNames(options, optionNames, 'the options of permessageDeflate')
  const { codec } = options
  const engines = new DeflateEngines(codec, options)
  const wished = resolveWishes(options)
  const least = codec.minWindowBits
  return {
    name: DEFLATE_NAME,
    // "This document allocates the RSV1 bit of the WebSocket header for PMCEs"                          RFC 7692 §6
    rsv: Rsv.RSV1,
    offer: () => makeOffers(wished, least),
    accept: (offer) => answer(offer, wished, least),
    verify: (response, offered) => verify(response, offered, wished, least),
    open: (params, role) => new DeflateTransform(checkDeflateParams(params), checkRole(role), engines),
  }
}
