/**
 * Frames: read, judged, written, put together into messages. Works on its own; knows nothing of HTTP or of connections.
 *
 * @module
 */

export { Utf8Validator } from '../bytes/utf8.ts'
export { ProtocolError, type ProtocolErrorCode, type ProtocolErrorData, type ProtocolErrorDetails } from '../errors.ts'
export type { Limits } from '../limits.ts'
export { CloseCode, Opcode, Rsv } from '../registry/websocket.ts'
export type { Bytes, Role } from '../types.ts'
export { type ClosePayload, fitCloseReason, formatClosePayload, parseClosePayload } from './close.ts'
export { FrameDecoder } from './decoder.ts'
export type { FrameDecoderOptions } from './decoder-options.ts'
export { describeFrame } from './describe.ts'
export { encodeFrame, type FrameInit } from './encode.ts'
export {
  decodeFrameHeader,
  encodeFrameHeader,
  type FrameHeader,
  type FrameHeaderInit,
  frameHeaderSize,
} from './header.ts'
export { applyMask } from './mask.ts'
export { type DataPiece, MessageAssembler } from './message.ts'
export { checkFrameHeader } from './rules.ts'
export type { PieceInfo, Transform } from './transform.ts'
