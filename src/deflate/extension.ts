/**
 * permessage-deflate as one extension: negotiation and compression under the name that peers know (RFC 7692 §7). Knows how
 * they are put together; each has its own room.
 *
 * @module
 */

import type { Transform } from '../frame/transform.ts'
import type { Extension } from '../handshake/extension.ts'
import { Rsv } from '../registry/websocket.ts'
import type { Role } from '../types.ts'
import type { DeflateCodec } from './codec.ts'
import { answerDeflateOffer, offerDeflate, verifyDeflateResponse } from './negotiate.ts'
import { checkDeflateParams, DEFLATE_NAME, type DeflateParams, type DeflateWishes } from './params.ts'
import { type CompressionOptions, DeflateEngines, DeflateTransform } from './transform.ts'

/** What is wished of the other side, and how messages are compressed. */
export interface DeflateOptions extends DeflateWishes, CompressionOptions {
  /** The library that compresses, of `websocket-primitives/codec/…` or of your own. */
  readonly codec: DeflateCodec
}

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
 * @throws RangeError for wishes and options out of range, `TypeError` for a codec that is none.
 *
 * @example
 * import { zlib } from 'websocket-primitives/codec/zlib'
 *
 * const extensions = [permessageDeflate({ codec: zlib })]
 * const accepted = acceptHandshake(request, { extensions })
 * if (accepted.ok) connection = new Connection({ role: 'server', agreement: accepted, extensions })
 */
export function permessageDeflate(options: DeflateOptions): DeflateExtension {
  const { codec } = options
  if (typeof codec?.createCompressor !== 'function')
    throw new TypeError('permessageDeflate needs a codec, such as `zlib` of websocket-primitives/codec/zlib')
  const engines = new DeflateEngines(codec, options)
  const offers = offerDeflate(options, codec)
  return {
    name: DEFLATE_NAME,
    // "This document allocates the RSV1 bit of the WebSocket header for PMCEs"                          RFC 7692 §6
    rsv: Rsv.RSV1,
    offer: () => offers,
    accept: (offer) => answerDeflateOffer(offer, options, codec),
    verify: (response, offered) => verifyDeflateResponse(response, offered, codec),
    open: (params, role) => new DeflateTransform(checkDeflateParams(params), role, engines),
  }
}
