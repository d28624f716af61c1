/**
 * What most programs need, in one place: handshakes, connections, frames, heads and upgrades. Lower-level functions, registries, codecs,
 * streams, adapters and tests are on the subpaths. Runs in every JavaScript runtime.
 *
 * @categoryDescription Opening handshake
 * A server calls {@link acceptHandshake}. A client calls {@link offerHandshake}, sends the request, and passes the response to
 * {@link verifyHandshake}. Guides: [A server](../docs/server.md), [A client](../docs/client.md),
 * [Origins and authentication](../docs/origins.md).
 *
 * @categoryDescription Connections
 * A {@link Connection} is a WebSocket after the handshake: bytes in, events out; messages in, bytes out. Guides:
 * [Writing a transport](../docs/transport.md), [Keepalive and shutdown](../docs/keepalive.md),
 * [Scaling to many processes](../docs/many-processes.md).
 *
 * @categoryDescription Frames and messages
 * {@link FrameDecoder}, {@link MessageAssembler} and {@link encodeFrame} work without a connection. Guides:
 * [Frames and messages](../docs/frames.md), [Buffer ownership](../docs/buffers.md).
 *
 * @categoryDescription Compression and extensions
 * {@link permessageDeflate} and a codec compress messages. {@link defineExtension} adds your own extension. Guides:
 * [Compression and secrets](../docs/compression.md), [Extensions](../docs/extensions.md).
 *
 * @categoryDescription HTTP heads
 * Parsers and formatters of HTTP/1.1 heads, and conversions from Node, Fetch and HTTP/2.
 *
 * @categoryDescription Upgrade and refusals
 * HTTP Upgrade to any protocol, and responses that refuse. Guide: [Upgrading to any protocol](../docs/upgrade.md).
 *
 * @categoryDescription HTTP/2 and HTTP/3
 * Extended CONNECT: its setting, its pseudo-headers, and how a stream ends. Guide: [HTTP/2 and HTTP/3](../docs/http2.md).
 *
 * @categoryDescription Proxies
 * CONNECT tunnels through a proxy, and the parts of a reverse proxy. Guide: [Proxies](../docs/proxies.md).
 *
 * @categoryDescription Errors, limits and registries
 * The one error class, limits on what a peer may send, and the constants of the protocol. Guide:
 * [Fragmented, slow and endless input](../docs/input.md).
 *
 * @module websocket-primitives
 */

export {
  type AnyConnection,
  type BinaryReceived,
  Connection,
  type ConnectionClosed,
  type ConnectionEvent,
  type ConnectionOptions,
  type ConnectionSnapshot,
  connectionOptions,
  type EncodedMessage,
  type EncodedReceived,
  type Keepalive,
  type LoneSurrogates,
  type Message,
  type OutgoingMessage,
  type PingReceived,
  type PongReceived,
  type PreparedMessage,
  prepareBinary,
  prepareText,
  type ResumeOptions,
  resumeConnection,
  type SendOptions,
  type SharedConnectionOptions,
  sendEncoded,
  sendPrepared,
  snapshotConnection,
  startMessage,
  type TextForm,
  type TextReceived,
} from './connection/index.ts'
export {
  type CompressionOptions,
  type Compressor,
  type CompressorSettings,
  type Decompressed,
  type Decompressor,
  type DeflateAnswer,
  type DeflateCapabilities,
  type DeflateCodec,
  type DeflateExtension,
  type DeflateMemory,
  type DeflateNegotiated,
  type DeflateOptions,
  type DeflateParam,
  type DeflateParams,
  type DeflatePreferences,
  type Extension,
  type ExtensionEntry,
  type ExtensionParams,
  type PieceInfo,
  permessageDeflate,
  type Transform,
} from './deflate/index.ts'
export {
  ProtocolError,
  type ProtocolErrorCode,
  type ProtocolErrorData,
  type ProtocolErrorDetails,
  type ProtocolErrors,
} from './errors.ts'
export {
  type ClosePayload,
  describeFrame,
  encodeFrame,
  type Fragment,
  FrameDecoder,
  type FrameDecoderOptions,
  type FrameHeader,
  type FrameHeaderInit,
  type FrameInit,
  type FramePiece,
  type HeaderState,
  isSendableCloseCode,
  isValidCloseCode,
  type MaskKey,
  MessageAssembler,
  type MessageInit,
  type PreparedFrame,
  type RandomSource,
  relayCloseCode,
  type Utf8ValidatorOptions,
} from './frame/index.ts'
export {
  type Accepted,
  type AcceptedOffer,
  type AcceptOptions,
  type AgreedExtension,
  type Agreement,
  acceptHandshake,
  type ChosenSubprotocol,
  computeAccept,
  type DefinedExtension,
  defineExtension,
  type ExtensionParamsSource,
  generateKey,
  getSubprotocolToken,
  type HandshakeOptions,
  handshakeOptions,
  type Offer,
  type Offered,
  type OfferOptions,
  type OffWire,
  type OriginPolicy,
  offerHandshake,
  offerSubprotocolToken,
  type Rejected,
  type SelectSubprotocolOptions,
  type SubprotocolPolicy,
  type Verified,
  verifyHandshake,
} from './handshake/index.ts'
export {
  type AcceptedTunnel,
  type AcceptTunnelOptions,
  type Answer,
  type AnswerOptions,
  acceptTunnel,
  type BasicCredentials,
  type BodyFraming,
  type ConnectSetting,
  type ConnectSettingOptions,
  type ExtendedConnect,
  expectsContinue,
  type FetchRequestLike,
  type FetchResponseLike,
  type FieldSectionLike,
  type FramedResponse,
  formatRequestHead,
  formatResponse,
  getHeader,
  getHeaders,
  type HeaderList,
  type HeaderPairs,
  type HeaderRecord,
  type HeaderSource,
  type HeadersLike,
  type Http2RequestLike,
  type Http2ResponseLike,
  type HttpVersion,
  type NodeRequestLike,
  type NodeResponseLike,
  type OfferTunnelOptions,
  offerTunnel,
  type Parsed,
  type ParsedRequest,
  type ParsedResponse,
  type ReadBody,
  type Refused,
  type RefusedTunnel,
  type RelayRefusalOptions,
  type RequestHead,
  RequestHeadParser,
  type RequestLike,
  type RequestSource,
  type ResponseBodyOptions,
  ResponseBodyReader,
  type ResponseHead,
  ResponseHeadParser,
  type ResponseLike,
  type ResponseSource,
  readStreamEnding,
  refuseUpgrade,
  relayRefusal,
  requestFromFetch,
  requestFromHttp2,
  requestFromNode,
  requestHeadFrom,
  type SelectUpgradeOptions,
  type StreamEnding,
  type SupportedUpgrades,
  selectStreamEnding,
  selectUpgrade,
  switchingProtocols,
  type TargetParts,
  type TunnelOutcome,
  toHeaderRecord,
  toHttp2Headers,
  type Unreadable,
  type UpgradeOutcome,
  type UpgradeProtocol,
  upgradeHeaders,
  upgradeRequired,
  verifyConnectSetting,
  verifyTunnel,
  verifyUpgrade,
} from './http/index.ts'
export { clientLimits, type Limits, publicServerLimits } from './limits.ts'
export type { Native } from './native.ts'
export { CloseCode, enableConnectProtocol, Opcode, Rsv } from './registry/index.ts'
export type { Bytes, Role } from './types.ts'
