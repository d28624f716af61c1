/**
 * One request or response in any form, and a server or client with any options: every error gets an answer, the same in any chunks, and the
 * other side verifies what one side accepts. Checks that results are consistent, not which one is right.
 *
 * @module
 */

import fc from 'fast-check'
import { zlib } from '../../src/codec/zlib.ts'
import { permessageDeflate } from '../../src/deflate/index.ts'
import { ProtocolError } from '../../src/errors.ts'
import {
  type AcceptOptions,
  acceptHandshake,
  type Offer,
  type OfferOptions,
  offerHandshake,
  verifyHandshake,
} from '../../src/handshake/index.ts'
import {
  acceptTunnel,
  expectsContinue,
  findHostError,
  formatRequestHead,
  formatResponse,
  forwardableHeaders,
  getExtendedConnect,
  type HeaderSource,
  type ParsedRequest,
  type ParsedResponse,
  type Refused,
  type RefusedTunnel,
  RequestHeadParser,
  type RequestSource,
  ResponseHeadParser,
  type ResponseLike,
  type ResponseSource,
  requestHeadFrom,
  selectUpgrade,
  toHttp2Headers,
  verifyTunnel,
  verifyUpgrade,
} from '../../src/http/index.ts'
import {
  cut,
  isSection,
  KEY,
  requestForm,
  requestHead,
  requestSection,
  responseForm,
  responseHead,
  responseSection,
  spoil,
  spoiled,
  toBytes,
  toRequest,
  toResponse,
  toText,
} from './heads.ts'
import { must } from './show.ts'

const extensions = [
  permessageDeflate({ codec: zlib }),
  permessageDeflate({ codec: zlib, serverNoContextTakeover: true, clientMaxWindowBits: 10, serverMaxWindowBits: 9 }),
]
const optional = <Value>(...values: readonly Value[]): fc.Arbitrary<Value | undefined> =>
  fc.oneof(fc.constant(undefined), fc.constantFrom(...values))

/** A server with valid options. */
const serverOptions: fc.Arbitrary<AcceptOptions> = fc.record({
  subprotocols: optional<AcceptOptions['subprotocols']>(
    [],
    ['chat'],
    ['superchat', 'chat', 'access-token'],
    (offered) => offered.at(-1),
    () => undefined,
  ),
  prefer: optional('client', 'server'),
  origins: optional<AcceptOptions['origins']>(
    'same',
    'any',
    [],
    ['http://a.example', 'https://*.a.example', 'null', 'absent'],
    () => true,
    (origin) => origin === undefined,
  ),
  scheme: optional('http', 'https'),
  extensions: optional([], [extensions[0]], [extensions[1]]) as fc.Arbitrary<AcceptOptions['extensions']>,
  versions: optional([13], [13, 8], [8], [255, 13, 0]),
  headers: optional<HeaderSource>(
    { 'X-Own': 'a' },
    [['Set-Cookie', 'a=b']],
    new Headers({ Server: 'x' }),
  ) as fc.Arbitrary<AcceptOptions['headers']>,
  strictKey: optional(true, false),
  keepAlive: optional(true, false),
})
const demanding: fc.Arbitrary<AcceptOptions> = serverOptions.map((options) =>
  options.subprotocols === undefined || options.subprotocols.length === 0
    ? options
    : { ...options, requireSubprotocol: true },
)
const clientOptions: fc.Arbitrary<OfferOptions> = fc.record({
  key: fc.constant(KEY),
  subprotocols: optional([], ['chat'], ['chat', 'superchat']),
  extensions: optional([], [extensions[0]], [extensions[1]]) as fc.Arbitrary<OfferOptions['extensions']>,
  versions: optional([13], [13, 8], [8]),
  httpVersion: optional('1.1', '2', '3'),
  requireSubprotocol: optional(true),
  origin: optional('http://a.example'),
})
const urls = fc.constantFrom(
  'ws://a.example/',
  'wss://a.example:8443/chat?x',
  'ws://[::1]:8080/',
  'wss://user:secret@b.example/',
)

/** Input from a peer: bytes in chunks, or a runtime's form of them. */
type Way<Source> =
  | { readonly bytes: Uint8Array; readonly places: readonly number[]; readonly source?: undefined }
  | { readonly bytes?: undefined; readonly source: Source }

const places = fc.array(fc.nat(2000), { maxLength: 6 })
const requestWay: fc.Arbitrary<Way<RequestSource>> = fc.oneof(
  fc
    .tuple(requestHead, spoil, places)
    .map(([head, edits, at]) => ({ bytes: toBytes(spoiled(toText(head), edits)), places: at })),
  fc
    .tuple(requestHead, requestSection, requestForm, fc.nat(7))
    .map(([head, section, form, variant]) => ({ source: toRequest(isSection(form) ? section : head, form, variant) }))
    .filter((way): way is { source: RequestSource } => way.source !== undefined),
)
const responseWay: fc.Arbitrary<Way<ResponseSource>> = fc.oneof(
  fc
    .tuple(responseHead, spoil, places)
    .map(([head, edits, at]) => ({ bytes: toBytes(spoiled(toText(head), edits)), places: at })),
  fc
    .tuple(responseHead, responseSection, responseForm, fc.nat(7))
    .map(([head, section, form, variant]) => ({ source: toResponse(isSection(form) ? section : head, form, variant) }))
    .filter((way): way is { source: ResponseSource } => way.source !== undefined),
)
const limits = optional({ maxHeadSize: 900 }, { maxHeadFields: 8 }, { maxHeadSize: 100_000, maxHeadFields: 1000 })

export type Handshake =
  | {
      readonly side: 'server'
      readonly way: Way<RequestSource>
      readonly options: AcceptOptions
      readonly limits: object | undefined
    }
  | {
      readonly side: 'client'
      readonly way: Way<ResponseSource>
      readonly url: string
      readonly options: OfferOptions
      readonly limits: object | undefined
    }
  | { readonly side: 'both'; readonly url: string; readonly offer: OfferOptions; readonly accept: AcceptOptions }

export const handshake: fc.Arbitrary<Handshake> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      side: fc.constant('server' as const),
      way: requestWay,
      options: fc.oneof(serverOptions, demanding),
      limits,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      side: fc.constant('client' as const),
      way: responseWay,
      url: urls,
      options: clientOptions,
      limits,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      side: fc.constant('both' as const),
      url: urls,
      offer: clientOptions,
      accept: serverOptions,
    }),
  },
)

/** Throws if the property does not hold. */
export function shake(input: Handshake): void {
  if (input.side === 'server') serve(input.way, input.options, input.limits)
  else if (input.side === 'client') ask(input.way, offerHandshake(input.url, input.options), input.limits)
  else agree(input.url, input.offer, input.accept)
}

// ---- A server ----------------------------------------------------------------------------------------------------------------

function serve(way: Way<RequestSource>, options: AcceptOptions, limits: object | undefined): void {
  if (way.bytes === undefined) {
    judge(way.source, options)
    others(way.source)
    return
  }
  const whole = read(new RequestHeadParser(limits), [way.bytes])
  const torn = read(new RequestHeadParser(limits), cut(way.bytes, way.places))
  must(
    JSON.stringify(torn) === JSON.stringify(whole),
    `another result in chunks: ${JSON.stringify(torn)}, whole ${JSON.stringify(whole)}`,
  )
  const parsed = new RequestHeadParser(limits).push(way.bytes)
  if (parsed === undefined) return
  judge(parsed, options)
  if (!parsed.ok) return
  others(parsed.head)
  must(parsed.size + parsed.rest.length === way.bytes.length, 'size and rest are not the bytes')
  // What our parser has accepted, our formatter writes and our parser reads again.
  const again = new RequestHeadParser({ maxHeadSize: Infinity, maxHeadFields: Infinity }).push(
    formatRequestHead(parsed.head),
  )
  must(
    again?.ok === true && JSON.stringify(again.head) === JSON.stringify(parsed.head),
    'the head reads otherwise once it is written',
  )
}

/** The result of all chunks, as plain data. */
function read(parser: RequestHeadParser | ResponseHeadParser, chunks: readonly Uint8Array[]): unknown {
  for (const [index, chunk] of chunks.entries()) {
    const parsed: ParsedRequest | ParsedResponse | undefined = parser.push(chunk)
    if (parsed === undefined) continue
    const rest = [parsed.rest, ...chunks.slice(index + 1)].reduce((sum, { length }) => sum + length, 0)
    return parsed.ok ? { head: parsed.head, size: parsed.size, rest } : { errors: parsed.errors, rest }
  }
  return undefined
}

function judge(request: RequestSource | ParsedRequest, options: AcceptOptions): void {
  const accepted = acceptHandshake(request, options)
  answers(accepted.response, request)
  if (!accepted.ok) checkRefusal(accepted)
  else {
    must(accepted.response.status === 101 || accepted.response.status === 200, `granted by ${accepted.response.status}`)
    for (const error of accepted.declined) checkError(error, false)
    const { subprotocol, offeredSubprotocols } = accepted
    must(subprotocol === undefined || offeredSubprotocols.includes(subprotocol), 'a subprotocol that was not offered')
  }
  const tunnel = acceptTunnel(request)
  if (!tunnel.ok) checkRefusal(tunnel)
  answers(tunnel.response, request)
}

function others(request: RequestSource): void {
  selectUpgrade(request, ['websocket', 'foo/2', 'h2c'])
  expectsContinue(request)
  for (const low of [getExtendedConnect, forwardableHeaders, requestHeadFrom]) refusable(() => low(request))
  refusable(() => findHostError(requestHeadFrom(request)))
}

/** A low-level function: a value, or a complete `ProtocolError`. */
function refusable(call: () => unknown): void {
  try {
    call()
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    checkError(error, true)
  }
}

function checkRefusal({ errors, response }: Refused | RefusedTunnel): void {
  must(errors.length > 0, 'refused without an error')
  for (const error of errors) checkError(error, true)
  must(response.status === errors[0].status, `${response.status} answers an error with ${errors[0].status}`)
  must(response.status >= 400 && response.status <= 599, `refused by ${response.status}`)
  if (response.status === 405) must(has(response, 'allow'), 'a 405 without Allow')
  if (response.status === 426) must(has(response, 'upgrade'), 'a 426 without Upgrade')
  if (response.status === 407) must(has(response, 'proxy-authenticate'), 'a 407 without Proxy-Authenticate')
}

function has({ headers }: Refused['response'], wanted: string): boolean {
  return headers.some(([name]) => name.toLowerCase() === wanted)
}

function checkError(error: ProtocolError, hasStatus: boolean): void {
  must(error instanceof ProtocolError && error.code.length > 0, 'an error without a code')
  must(/^RFC [0-9]+ §|^RFC 9931$/.test(error.reference), `an error without a reference: ${error.message}`)
  must(
    /^[\x20-\x7e]+$/.test(error.message.replaceAll('…', '')),
    `a message that is not visible ASCII: ${JSON.stringify(error.message)}`,
  )
  if (hasStatus)
    must(
      error.status !== undefined && error.status >= 400 && error.status < 600,
      `an error without a status: ${error.message}`,
    )
}

/** An answer can be written, and is read back unchanged. */
function answers(response: ResponseLike, request: RequestSource | ParsedRequest): void {
  const multiplexed = 'fields' in request || ':method' in request
  // `Upgrade` is required with these, and HTTP/2 has none.
  if (response.status !== 101 && response.status !== 426) {
    const record = toHttp2Headers(response)
    must(record[':status'] === String(response.status), 'another :status')
  }
  if (multiplexed) return
  const bytes = formatResponse(response)
  const parsed = new ResponseHeadParser({ maxHeadSize: Infinity, maxHeadFields: Infinity }).push(bytes)
  must(parsed?.ok === true, `our own answer cannot be read: ${Buffer.from(bytes).toString('latin1')}`)
  must(parsed.head.status === response.status, 'the answer has another status')
  const own = response.headers as readonly (readonly [string, string])[]
  const wrote = parsed.head.headers.slice(0, own.length)
  must(
    JSON.stringify(wrote) === JSON.stringify(own.map(([name, text]) => [name, text.trim()])),
    'the answer has other fields',
  )
  const body = new TextDecoder().decode(parsed.rest)
  must(body === (response.body ?? ''), 'the answer has another body')
}

// ---- A client ----------------------------------------------------------------------------------------------------------------

function ask(way: Way<ResponseSource>, offer: Offer, limits: object | undefined): void {
  if (way.bytes === undefined) {
    verify(way.source, offer)
    return
  }
  const whole = read(new ResponseHeadParser(limits), [way.bytes])
  const torn = read(new ResponseHeadParser(limits), cut(way.bytes, way.places))
  must(
    JSON.stringify(torn) === JSON.stringify(whole),
    `another result in chunks: ${JSON.stringify(torn)}, whole ${JSON.stringify(whole)}`,
  )
  const parsed = new ResponseHeadParser(limits).push(way.bytes)
  if (parsed !== undefined) verify(parsed, offer)
}

function verify(response: ResponseSource | ParsedResponse, offer: Offer): void {
  const answer = verifyHandshake(response, offer)
  if (!answer.ok) {
    must(answer.errors.length > 0, 'rejected without an error')
    for (const error of answer.errors) checkError(error, false)
    if (answer.kind === 'redirect') {
      const next = offerHandshake(answer.location, { httpVersion: offer.request.httpVersion as '1.1' })
      must(next.url === answer.location, `${answer.location} has become ${next.url}`)
      if (answer.sameOrigin)
        must(
          next.secure === offer.secure && next.hostname === offer.hostname && next.port === offer.port,
          'not the same origin',
        )
    }
  } else {
    const { subprotocols = [] } = offer.options
    must(
      answer.subprotocol === undefined || subprotocols.includes(answer.subprotocol),
      'a subprotocol that was not offered',
    )
  }
  for (const outcome of [verifyUpgrade(response, ['websocket', 'foo/2']), verifyTunnel(response)])
    if (!outcome.ok) for (const error of outcome.errors) checkError(error, false)
}

// ---- Both --------------------------------------------------------------------------------------------------------------------

/** A server can read what a client writes, and the client verifies what the server accepts, over any version of HTTP. */
function agree(url: string, preferences: OfferOptions, options: AcceptOptions): void {
  const offer = offerHandshake(url, preferences)
  const { request } = offer
  const multiplexed = request.httpVersion === '2' || request.httpVersion === '3'
  const source = multiplexed
    ? (toHttp2Headers(request) as RequestSource)
    : new RequestHeadParser().push(formatRequestHead(request))
  must(source !== undefined, 'the request is not whole')
  const accepted = acceptHandshake(source, options)
  const response = multiplexed
    ? toHttp2Headers(accepted.response)
    : new ResponseHeadParser().push(formatResponse(accepted.response))
  must(response !== undefined, 'the answer is not whole')
  const verified = verifyHandshake(response as ResponseSource, offer)
  if (!accepted.ok) {
    must(
      !verified.ok && verified.kind !== 'invalid',
      `${accepted.errors[0].message}, and the client understands: ${verified.ok}`,
    )
    must(verified.status === accepted.response.status, 'the client sees another status')
    return
  }
  if (!verified.ok) {
    // A client may require more than a server offers.
    const preferred = preferences.requireSubprotocol === true && accepted.subprotocol === undefined
    must(preferred, `accepted, and not verified: ${verified.errors.map(({ message }) => message).join('; ')}`)
    return
  }
  must(verified.version === accepted.version, 'other versions')
  must(verified.subprotocol === accepted.subprotocol, 'other subprotocols')
  must(
    JSON.stringify(verified.extensions) === JSON.stringify(accepted.extensions),
    `${JSON.stringify(verified.extensions)} and ${JSON.stringify(accepted.extensions)}`,
  )
}
