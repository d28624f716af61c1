/**
 * Public entry point for HTTP: heads as data and as bytes, upgrades to any protocol, and CONNECT tunnels.
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
export type { BasicCredentials } from './basic-credentials.ts'
export { formatBasicChallenge, formatBasicCredentials, parseBasicCredentials } from './basic-credentials.ts'
export type { ConnectSetting, ConnectSettingOptions } from './connect-setting.ts'
export { verifyConnectSetting } from './connect-setting.ts'
export type { ExtendedConnect } from './extended-connect.ts'
export { getExtendedConnect } from './extended-connect.ts'
export type { FieldSectionLike } from './field-section.ts'
export { forwardableHeaders } from './forward.ts'
export type { BodyFraming, FramedResponse } from './framing.ts'
export { requestFraming, responseFraming } from './framing.ts'
export { formatRequestHead, formatResponse, formatResponseHead } from './head-format.ts'
export type { Parsed } from './head-reader.ts'
export type { HeaderList, HeaderPairs, HeaderRecord, HeaderSource, HeadersLike } from './headers.ts'
export { getHeader, getHeaderElements, getHeaders, toHeaderList, toHeaderRecord } from './headers.ts'
export { toHttp2Headers } from './http2-headers.ts'
export type { OfferTunnelOptions, TunnelOutcome } from './proxy-connect-client.ts'
export { offerTunnel, verifyTunnel } from './proxy-connect-client.ts'
export type { AcceptedTunnel, AcceptTunnelOptions } from './proxy-connect-server.ts'
export { acceptTunnel } from './proxy-connect-server.ts'
export type { RelayRefusalOptions } from './relay-refusal.ts'
export { relayRefusal } from './relay-refusal.ts'
export type {
  FetchRequestLike,
  Http2RequestLike,
  HttpVersion,
  NodeRequestLike,
  RequestHead,
  RequestLike,
  RequestSource,
} from './request.ts'
export { requestHeadFrom } from './request.ts'
export { checkHost } from './request-host.ts'
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
export type { ReadBody, ResponseBodyOptions } from './response-body.ts'
export { ResponseBodyReader } from './response-body.ts'
export type { ParsedResponse } from './response-parser.ts'
export { parseResponseHead, ResponseHeadParser } from './response-parser.ts'
export type { StreamEnding } from './stream-ending.ts'
export { readStreamEnding, selectStreamEnding } from './stream-ending.ts'
export type { TargetParts } from './target.ts'
export { splitTarget } from './target.ts'
export type { UpgradeProtocol } from './upgrade.ts'
export { parseUpgrade, upgradeHeaders } from './upgrade.ts'
export type { AnswerOptions } from './upgrade-answer.ts'
export { refuseUpgrade, switchingProtocols, upgradeRequired } from './upgrade-answer.ts'
export type { SelectUpgradeOptions, SupportedUpgrades } from './upgrade-select.ts'
export { expectsContinue, selectUpgrade } from './upgrade-select.ts'
export type { UpgradeOutcome } from './upgrade-verify.ts'
export { verifyUpgrade } from './upgrade-verify.ts'
