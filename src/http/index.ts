/**
 * HTTP/1.1, HTTP/2 and HTTP/3 heads as data and as bytes, upgrades to any protocol, and CONNECT tunnels.
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
export type { Limits } from '../limits.ts'
export type { Bytes, Role } from '../types.ts'
export type { BasicCredentials } from './basic-credentials.ts'
export { formatBasicChallenge, formatBasicCredentials, parseBasicCredentials } from './basic-credentials.ts'
export type { ConnectSetting, ConnectSettingOptions, ExtendedConnect, StreamEnding } from './extended-connect.ts'
export {
  getExtendedConnect,
  readStreamEnding,
  selectStreamEnding,
  verifyConnectSetting,
} from './extended-connect.ts'
export type { BodyFraming, FramedResponse } from './framing.ts'
export { requestFraming, responseFraming } from './framing.ts'
export { formatRequestHead, formatResponse, formatResponseHead } from './head-format.ts'
export type { Parsed } from './head-reader.ts'
export type { HeaderList, HeaderPairs, HeaderRecord, HeaderSource, HeadersLike } from './headers.ts'
export { getHeader, getHeaderElements, getHeaders, toHeaderList, toHeaderRecord } from './headers.ts'
export type { FieldSectionLike } from './http2-fields.ts'
export { toHttp2Headers } from './http2-headers.ts'
export type { RelayRefusalOptions } from './relay.ts'
export { forwardableHeaders, relayRefusal } from './relay.ts'
export type {
  FetchRequestLike,
  Http2RequestLike,
  HttpVersion,
  NodeRequestLike,
  RequestHead,
  RequestLike,
  RequestSource,
} from './request.ts'
export {
  requestFromFetch,
  requestFromFields,
  requestFromHttp2,
  requestFromNode,
  requestFromParts,
  requestHeadFrom,
} from './request.ts'
export { findHostError } from './request-host.ts'
export type { ParsedRequest } from './request-parser.ts'
export { parseRequestHead, RequestHeadParser } from './request-parser.ts'
export type {
  Answer,
  FetchResponseLike,
  Http2ResponseLike,
  NodeResponseLike,
  Refused,
  ResponseHead,
  ResponseLike,
  ResponseSource,
  Unreadable,
} from './response.ts'
export {
  responseFromFetch,
  responseFromFields,
  responseFromHttp2,
  responseFromNode,
  responseFromParts,
  responseHeadFrom,
} from './response.ts'
export type { ReadBody, ResponseBodyOptions } from './response-body.ts'
export { ResponseBodyReader } from './response-body.ts'
export type { ParsedResponse } from './response-parser.ts'
export { parseResponseHead, ResponseHeadParser } from './response-parser.ts'
export type { TargetParts } from './target.ts'
export { splitTarget } from './target.ts'
export type { AcceptedTunnel, AcceptTunnelOptions, OfferTunnelOptions, RefusedTunnel, TunnelOutcome } from './tunnel.ts'
export { acceptTunnel, offerTunnel, verifyTunnel } from './tunnel.ts'
export type { UpgradeProtocol } from './upgrade.ts'
export { parseUpgrade, upgradeHeaders } from './upgrade.ts'
export type { UpgradeOutcome } from './upgrade-client.ts'
export { verifyUpgrade } from './upgrade-client.ts'
export type { AnswerOptions, SelectUpgradeOptions, SupportedUpgrades } from './upgrade-server.ts'
export {
  expectsContinue,
  refuseUpgrade,
  selectUpgrade,
  switchingProtocols,
  upgradeRequired,
} from './upgrade-server.ts'
