/** A program with the language only and no platform: every subpath, and the types of its results. */

import {
  type Accepted,
  type AcceptOptions,
  type Agreement,
  acceptHandshake,
  type Bytes,
  Connection,
  type ConnectionEvent,
  type DefinedExtension,
  defineExtension,
  encodeFrame,
  FrameDecoder,
  type Limits,
  offerHandshake,
  ProtocolError,
  type ProtocolErrorCode,
  permessageDeflate,
  publicServerLimits,
  type Refused,
  RequestHeadParser,
  selectUpgrade,
  type Transform,
  verifyHandshake,
} from 'websocket-primitives'
import { pako } from 'websocket-primitives/codec/pako'
import { zlib } from 'websocket-primitives/codec/zlib'
import {
  type ConnectionClosed,
  type ConnectionOptions,
  connectionOptions,
  prepareText,
  sendPrepared,
} from 'websocket-primitives/connection'
import { type DeflateCodec, type DeflateParams, negotiateDeflate } from 'websocket-primitives/deflate'
import { Opcode, parseClosePayload, Utf8Validator } from 'websocket-primitives/frame'
import { computeAccept, parseExtensions } from 'websocket-primitives/handshake'
import { formatResponse, getHeader, type HeaderList, parseResponseHead } from 'websocket-primitives/http'
import { CloseCode, closeCodes } from 'websocket-primitives/registry'
import { acceptStream, type ByteStreams, type MessageStreams } from 'websocket-primitives/streams'
import { faultyFrames, goodFrames } from 'websocket-primitives/testing'

/** `true` if two types are identical. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const holds = <Claim extends true>(claim: Claim): Claim => claim

// Returned bytes are an array type of this compiler, and are accepted wherever bytes are.
const frame: Bytes = encodeFrame({ opcode: Opcode.Text, payload: 'Hello', maskKey: 'random' })
holds<Same<Bytes, ReturnType<typeof Uint8Array.of>>>(true)
const whole: Uint8Array = frame

// A result is discriminated by `ok`, and subprotocols are those on the list.
const accepted = acceptHandshake(
  { method: 'GET', target: '/', httpVersion: '1.1', headers: [['Host', 'a.example']] },
  { subprotocols: ['chat', 'feed'] },
)
holds<Same<typeof accepted, Accepted<'chat' | 'feed'> | Refused>>(true)
if (accepted.ok) holds<Same<typeof accepted.subprotocol, 'chat' | 'feed' | undefined>>(true)
else holds<Same<(typeof accepted.errors)[0], ProtocolError>>(true)
const options: AcceptOptions = { subprotocols: ['chat'], hosts: ['a.example'], requireSubprotocol: true }
export const loose = acceptHandshake({ method: 'GET', target: '/', headers: {} }, options)
const strict = acceptHandshake(
  { method: 'GET', target: '/', headers: {} },
  { subprotocols: ['chat'], requireSubprotocol: true },
)
if (strict.ok) holds<Same<typeof strict.subprotocol, 'chat'>>(true)
export const answer: Bytes = formatResponse(accepted.response)
export const upgrade: 'foo/2' | 'websocket' | undefined = selectUpgrade(
  { method: 'GET', target: '/', headers: { upgrade: 'foo/2' } },
  ['foo/2', 'websocket'],
)
const offer = offerHandshake('wss://a.example/', { subprotocols: ['chat'] })
const verified = verifyHandshake({ status: 101, headers: {} }, offer)
const required = offerHandshake('wss://a.example/', { subprotocols: ['chat'], requireSubprotocol: true })
const choice = verifyHandshake({ status: 101, headers: {} }, required)
if (choice.ok) holds<Same<typeof choice.subprotocol, 'chat'>>(true)
export const agreement: Agreement<'chat'> | undefined = verified.ok ? verified : undefined
export const head = new RequestHeadParser({ maxHeadSize: 1024 } satisfies Limits).push(whole)
export const fields: HeaderList | undefined = parseResponseHead(whole, publicServerLimits)?.head.headers
export const accept: string | undefined = getHeader(fields ?? [], computeAccept('')) ?? parseExtensions('a')[0]?.name

// Events are a closed union; their contents depend on the options.
function handle(event: ConnectionEvent): string {
  switch (event.type) {
    case 'text':
      return holds<Same<typeof event.data, string>>(true) && event.data
    case 'binary':
    case 'ping':
    case 'pong':
      return holds<Same<typeof event.data, Bytes>>(true) && String(event.data.length)
    case 'encoded':
      return String(event.rsv)
    case 'close':
      return explain(event)
    default:
      return event satisfies never
  }
}
function explain({ error, code, by }: ConnectionClosed): string {
  const why: ProtocolErrorCode | undefined = error?.code
  return code === CloseCode.Normal && by === 'remote' ? 'gone' : (why ?? 'lost')
}
const connection = new Connection({ role: 'server', limits: { maxMessageSize: 65_536 } })
export const handled = connection.receive(whole, 0).map(handle)
export const output: Bytes | undefined = connection.takeOutput()
export const sent: boolean = sendPrepared(connection, prepareText('all'))
const kind = connectionOptions({ role: 'server', text: 'bytes' })
for (const event of new Connection(kind).receive(frame))
  if (event.type === 'text') holds<Same<[typeof event.data, typeof event.last], [Bytes, true]>>(true)
const told: ConnectionOptions = { role: 'server', text: 'bytes', pieces: true }
for (const event of new Connection(told).receive(frame))
  if (event.type === 'text') holds<Same<[typeof event.data, typeof event.last], [string | Bytes, boolean]>>(true)
const pieces = new Connection({ role: 'client', pieces: true, text: 'bytes', maskKeys: () => frame.subarray(0, 4) })
for (const event of pieces.receive(frame))
  if (event.type === 'text') holds<Same<[typeof event.data, typeof event.last], [Bytes, boolean]>>(true)

// A custom extension and the built-in one, in one list.
class Reversed implements Transform {
  decode(piece: Uint8Array): Uint8Array {
    return Uint8Array.from(piece).reverse()
  }
  encode(piece: Uint8Array): Uint8Array {
    return this.decode(piece)
  }
}
const reversed = defineExtension<Record<string, never>>({
  name: 'x-reversed',
  rsv: 2,
  offer: () => [{}],
  accept: () => ({ params: {}, response: {} }),
  verify: () => ({}),
  open: () => new Reversed(),
})
const codecs: readonly DeflateCodec[] = [pako, zlib]
const params: Partial<DeflateParams> = { serverNoContextTakeover: true }
export const extensions: readonly DefinedExtension[] = [
  reversed,
  ...codecs.map((codec) => permessageDeflate({ codec, ...params })),
]
export const negotiated = negotiateDeflate(parseExtensions('permessage-deflate'), params)

// The lower layers below.
const decoder = new FrameDecoder({ role: 'server' })
decoder.push(frame)
export const read: Bytes | undefined = decoder.next() ? decoder.payload() : undefined
export const sound: boolean = new Utf8Validator().push(frame) && closeCodes.length > 0
export const closing: { readonly code: number; readonly reason: string } = parseClosePayload(whole)
export const vectors: readonly Bytes[] = [...faultyFrames, ...goodFrames].map(({ bytes }) => bytes)
export const error = new ProtocolError('utf8', 'not UTF-8', { closeCode: CloseCode.InvalidPayload })

// Streams by their shape: no platform type is named.
declare const transport: ByteStreams
export const opened: Promise<(Accepted<'chat'> & MessageStreams) | Refused> = acceptStream(transport, {
  subprotocols: ['chat'],
})
