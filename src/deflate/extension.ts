/**
 * permessage-deflate as one extension object (RFC 7692 §7): negotiation for the handshake, compression for the messages.
 *
 * @module
 */

import { checkOptionNames } from '../arguments.ts'
import { defineExtension } from '../extensions/define.ts'
import type { DefinedExtension } from '../extensions/extension.ts'
import type { Transform } from '../frame/transform.ts'
import { Rsv } from '../registry/websocket.ts'
import type { Role } from '../types.ts'
import type { DeflateCodec } from './codec.ts'
import { answer, makeOffers, verify } from './negotiate.ts'
import { checkRole, requireOptions } from './options.ts'
import { checkDeflateParams, DEFLATE_NAME, type DeflateParams, type DeflateWishes } from './params.ts'
import { type CompressionOptions, compressionNames, DeflateEngines, DeflateTransform } from './transform.ts'
import { resolveWishes, wishNames } from './wishes.ts'

/** The options of {@link permessageDeflate}. */
export interface DeflateOptions extends DeflateWishes, CompressionOptions {
  /** The compression library: from `websocket-primitives/codec/…`, or your own. */
  readonly codec: DeflateCodec
}

const optionNames: readonly string[] = ['codec', ...wishNames, ...compressionNames]

/** permessage-deflate, which works synchronously. */
export interface DeflateExtension extends DefinedExtension<DeflateParams> {
  open(params: DeflateParams, role: Role): Transform
}

/**
 * All of RFC 7692: offers, answers, verification and compression. Create one for the whole program; its connections share
 * `maxCompressors` compressors, and nothing observable.
 *
 * Compression before encryption reveals the length of secrets that are sent next to attacker-chosen text (RFC 7692 §8): send such
 * messages with `{ compress: false }`.
 *
 * @throws TypeError for an invalid codec, unknown options, options of the wrong type and contradictions; `RangeError` for options
 *   out of range. `offer` and `accept` throw a `RangeError` if `demand` names a window smaller than the codec's compressor
 *   supports.
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
  return defineExtension<DeflateParams>({
    name: DEFLATE_NAME,
    // "This document allocates the RSV1 bit of the WebSocket header for PMCEs"                          RFC 7692 §6
    rsv: Rsv.RSV1,
    offer: () => makeOffers(wished, least),
    accept: (offer) => answer(offer, wished, least),
    verify: (response, offered) => verify(response, offered, wished, least),
    open: (params, role) => new DeflateTransform(checkDeflateParams(params), checkRole(role), engines),
  }) as DeflateExtension
}
