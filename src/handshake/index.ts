/**
 * The WebSocket opening handshake: offer, accept and verify, and helpers for the header fields that they use.
 *
 * @module
 */

export {
  ProtocolError,
  type ProtocolErrorCode,
  type ProtocolErrorData,
  type ProtocolErrorDetails,
  type ProtocolErrors,
} from '../errors.ts'
export { defineExtension } from '../extensions/define.ts'
export type {
  AcceptedOffer,
  AgreedExtension,
  DefinedExtension,
  Extension,
  ExtensionEntry,
  ExtensionParams,
  ExtensionParamsSource,
} from '../extensions/extension.ts'
export { getParam } from '../extensions/extension.ts'
export { formatExtensions, parseExtensions } from '../extensions/header.ts'
export type { RandomSource } from '../platform/random.ts'
export type { Accepted } from './accept.ts'
export { acceptHandshake } from './accept.ts'
export { type AcceptOptions, type HandshakeOptions, handshakeOptions } from './accept-options.ts'
export type { Agreement } from './agreement.ts'
export type { OffWire } from './hosts.ts'
export { computeAccept, generateKey } from './key.ts'
export type { Offer, Offered, OfferOptions } from './offer.ts'
export { offerHandshake } from './offer.ts'
export type { OriginPolicy } from './origin.ts'
export type { ChosenSubprotocol, SelectSubprotocolOptions, SubprotocolPolicy } from './subprotocol.ts'
export { getSubprotocolToken, offerSubprotocolToken, selectSubprotocol } from './subprotocol.ts'
export type { Rejected, Verified } from './verify.ts'
export { verifyHandshake } from './verify.ts'
export { negotiateVersion } from './version.ts'
