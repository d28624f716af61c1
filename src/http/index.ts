/**
 * HTTP heads as data and as bytes, and the protocol upgrade mechanism for any protocol.
 *
 * @module
 */

export {
  type Faults,
  ProtocolError,
  type ProtocolErrorCode,
  type ProtocolErrorData,
  type ProtocolErrorDetails,
} from '../errors.ts'
export type { Limits } from '../limits.ts'
export type { Bytes, Role } from '../types.ts'
export { forwardableHeaders } from './forward.ts'
export { formatRequestHead, formatResponse, formatResponseHead } from './head-format.ts'
export type { Parsed } from './head-reader.ts'
export type { HeaderList, HeaderPairs, HeaderRecord, HeaderSource, HeadersLike } from './headers.ts'
export { getHeader, getHeaderElements, getHeaders, toHeaderList } from './headers.ts'
export type {
  FetchRequestLike,
  HttpVersion,
  NodeRequestLike,
  RequestHead,
  RequestLike,
  RequestSource,
} from './request.ts'
export { requestHeadFrom } from './request.ts'
export type { ParsedRequest } from './request-parser.ts'
export { RequestHeadParser } from './request-parser.ts'
export type {
  Answer,
  NodeResponseLike,
  Refused,
  ResponseHead,
  ResponseLike,
  ResponseSource,
  Unreadable,
} from './response.ts'
export type { ParsedResponse } from './response-parser.ts'
export { ResponseHeadParser } from './response-parser.ts'
export type { AnswerOptions, SelectUpgradeOptions, UpgradeProtocol } from './upgrade.ts'
export { parseUpgrade, refuseUpgrade, selectUpgrade, switchingProtocols, upgradeRequired } from './upgrade.ts'
