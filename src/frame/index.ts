/**
 * Frames: decoded, checked, encoded, and assembled into messages. Usable without HTTP or connections.
 *
 * @module
 */

export { Utf8Validator, type Utf8ValidatorOptions } from '../bytes/utf8.ts'
export { ProtocolError, type ProtocolErrorCode, type ProtocolErrorData, type ProtocolErrorDetails } from '../errors.ts'
export type { Limits } from '../limits.ts'
export type { Native } from '../native.ts'
export type { RandomSource } from '../platform/random.ts'
export { CloseCode, Opcode, Rsv } from '../registry/websocket.ts'
export type { Bytes, Role } from '../types.ts'
export {
  type ClosePayload,
  fitCloseReason,
  formatClosePayload,
  isBrowserCloseCode,
  isSendableCloseCode,
  isValidCloseCode,
  parseClosePayload,
  relayCloseCode,
} from './close.ts'
export { FrameDecoder, type FrameDecoderOptions } from './decoder.ts'
export { describeFrame } from './describe.ts'
export {
  encodeFrame,
  encodeFrameInto,
  encodeFrameParts,
  type FrameInit,
  frameSize,
  type LoneSurrogates,
} from './encode.ts'
export { type Fragment, fragmentMessage, type MessageInit } from './fragment.ts'
export {
  decodeFrameHeader,
  encodeFrameHeader,
  type FrameHeader,
  type FrameHeaderInit,
  frameHeaderSize,
} from './header.ts'
export { applyMask, generateMaskKey, type MaskKey } from './mask.ts'
export { type FramePiece, MessageAssembler } from './messages.ts'
export { frameBytes, type PreparedFrame, prepareFrame } from './prepare.ts'
export { findFrameHeaderError, type HeaderState } from './rules.ts'
export type { PieceInfo, Transform } from './transform.ts'
