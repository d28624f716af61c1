/**
 * permessage-deflate (RFC 7692): negotiation without a compressor, and compression with any codec. Usable without a connection.
 *
 * @module
 */

export { ProtocolError, type ProtocolErrorCode, type ProtocolErrorData, type ProtocolErrorDetails } from '../errors.ts'
export type { DefinedExtension, Extension, ExtensionEntry, ExtensionParams } from '../extensions/extension.ts'
export type { PieceInfo, Transform } from '../frame/transform.ts'
export type { Bytes, Role } from '../types.ts'
export type { Compressor, CompressorSettings, Decompressed, Decompressor, DeflateCodec } from './codec.ts'
export {
  type CompressionOptions,
  type DeflateExtension,
  type DeflateOptions,
  deflateTransform,
  permessageDeflate,
} from './extension.ts'
export { type DeflateMemory, deflateMemory } from './memory.ts'
export {
  answerDeflateOffer,
  type DeflateAnswer,
  type DeflateNegotiated,
  negotiateDeflate,
  offerDeflate,
  verifyDeflateResponse,
} from './negotiate.ts'
export type { DeflateParam, DeflateParams } from './params.ts'
export type { DeflateCapabilities, DeflatePreferences } from './preferences.ts'
