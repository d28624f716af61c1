/**
 * The functions of `http` and `handshake`, as rows of {@link Step}: which peer values each takes, what it returns, and how it is
 * called; not what is right.
 *
 * @module
 */

import { zlib } from '../../src/codec/zlib.ts'
import { CloseCode, Connection } from '../../src/connection/index.ts'
import {
  answerDeflateOffer,
  type DeflateParams,
  deflateMemory,
  negotiateDeflate,
  permessageDeflate,
  verifyDeflateResponse,
} from '../../src/deflate/index.ts'
import type { ProtocolError } from '../../src/errors.ts'
import { fitCloseReason, formatClosePayload } from '../../src/frame/index.ts'
import {
  type AcceptOptions,
  type Agreement,
  acceptHandshake,
  formatExtensions,
  getParam,
  getSubprotocolToken,
  negotiateVersion,
  offerHandshake,
  offerSubprotocolToken,
  parseExtensions,
  selectSubprotocol,
  verifyHandshake,
} from '../../src/handshake/index.ts'
import {
  acceptTunnel,
  expectsContinue,
  findHostError,
  formatBasicCredentials,
  formatRequestHead,
  formatResponse,
  forwardableHeaders,
  getExtendedConnect,
  getHeader,
  getHeaderElements,
  getHeaders,
  type HeaderList,
  offerTunnel,
  parseBasicCredentials,
  parseRequestHead,
  parseResponseHead,
  parseUpgrade,
  type RequestHead,
  RequestHeadParser,
  type RequestLike,
  ResponseBodyReader,
  ResponseHeadParser,
  refuseUpgrade,
  relayRefusal,
  requestFraming,
  requestHeadFrom,
  responseFraming,
  selectUpgrade,
  splitTarget,
  switchingProtocols,
  toHeaderList,
  toHeaderRecord,
  toHttp2Headers,
  type UpgradeProtocol,
  upgradeHeaders,
  upgradeRequired,
  verifyTunnel,
  verifyUpgrade,
} from '../../src/http/index.ts'
import { KEY } from './heads.ts'
import { type Exclusion, type Give, type Step, step } from './values.ts'

const extensions = [permessageDeflate({ codec: zlib, threshold: 0 })]
const serverOptions: readonly AcceptOptions[] = [
  {},
  { subprotocols: ['chat', 'superchat'], extensions, origins: 'any', keepAlive: true },
  {
    subprotocols: (offered) => offered.at(-1),
    requireSubprotocol: true,
    origins: () => true,
    versions: [13, 8, 0],
  },
  { origins: ['http://a.example', 'https://*.a.example', 'null', 'absent'], strictKey: true, extensions },
]
const offers = [
  offerHandshake('ws://a.example/', { key: KEY, subprotocols: ['chat', 'superchat'], extensions }),
  offerHandshake('wss://[::1]:8080/x', {
    key: KEY,
    versions: [13, 8],
    requireSubprotocol: true,
    subprotocols: ['chat'],
  }),
  offerHandshake('wss://a.example/', { httpVersion: '2', subprotocols: ['chat'], extensions }),
]
/** A limit on lists, because all combinations are tried and a peer's list may have thousands of elements. */
const SOME = 50
/** The program's own data around a peer's value. */
const ownFields: HeaderList = [['Host', 'a.example']]
const plain: RequestLike = { method: 'GET', target: '/', headers: ownFields }
const multiplexed: RequestLike = { ...plain, httpVersion: '2', authority: 'a.example', scheme: 'https', headers: [] }
const openingFields: HeaderList = [
  ...upgradeHeaders('websocket'),
  ['Sec-WebSocket-Key', KEY],
  ['Sec-WebSocket-Version', '13'],
]
const opening: RequestLike = { ...plain, headers: [...ownFields, ...openingFields] }

const isMethod = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const isScheme = /^[A-Za-z][A-Za-z0-9+.-]*$/

/** HTTP/2 and HTTP/3 have no grammar for a parser to check: whether a head can be written again is checked here. */
function isSound(head: RequestHead): boolean {
  if (head.httpVersion !== '2' && head.httpVersion !== '3') return true
  if (!isMethod.test(head.method) || !isScheme.test(head.scheme ?? '')) return false
  if (head.target === '' || findHostError(head) !== undefined) return false
  try {
    return head.protocol === undefined || getExtendedConnect(head) !== undefined
  } catch {
    return false
  }
}

function giveHead(head: RequestHead, give: Give): void {
  give('request head', head)
  give('header list', head.headers)
  if (!isSound(head)) return
  give('sound request head', head)
  give('method', head.method)
  give('target', head.target)
  if (head.path !== '') give('target', head.path)
  if (head.authority !== undefined) give('authority', head.authority)
  if (head.scheme !== undefined) give('scheme', head.scheme)
  if (head.protocol !== undefined) give('protocol', head.protocol)
}

function giveErrors(errors: readonly ProtocolError[], give: Give): void {
  for (const error of errors) give('error', error)
}

function giveAgreement(
  agreement: Agreement,
  side: 'agreement of a server' | 'agreement of a client',
  give: Give,
): void {
  give(side, agreement)
  if (agreement.subprotocol !== undefined) give('subprotocol', agreement.subprotocol)
  for (const { params } of agreement.extensions) give('deflate params', params as DeflateParams)
}

function accept(request: Parameters<typeof acceptHandshake>[0], give: Give): void {
  for (const options of serverOptions) {
    const accepted = acceptHandshake(request, {
      ...options,
      ...(typeof options.origins === 'function' && {
        origins: (origin: string | undefined, head: RequestHead) => {
          if (origin !== undefined) give('origin', origin)
          give('request head', head)
          return true
        },
      }),
    })
    give('answer', accepted.response)
    if (!accepted.ok) {
      giveErrors(accepted.errors, give)
      continue
    }
    giveAgreement(accepted, 'agreement of a server', give)
    give('subprotocol list', accepted.offeredSubprotocols)
    give('versions', [accepted.version])
    give('header list', accepted.agreedHeaders)
    giveErrors(accepted.declined, give)
  }
}

const givenByAccept = [
  'answer',
  'error',
  'agreement of a server',
  'subprotocol',
  'subprotocol list',
  'versions',
  'header list',
  'origin',
  'request head',
  'deflate params',
] as const

function tunnel(request: Parameters<typeof acceptTunnel>[0], give: Give): void {
  const accepted = acceptTunnel(request, {
    authenticate: (credentials) => {
      if (credentials !== undefined) give('credentials', credentials)
      return true
    },
  })
  give('answer', accepted.response)
  if (!accepted.ok) {
    giveErrors(accepted.errors, give)
    return
  }
  give('hostname', accepted.hostname)
  give('port', accepted.port)
}
const givenByTunnel = ['answer', 'error', 'hostname', 'port', 'credentials'] as const

function verify(response: Parameters<typeof verifyHandshake>[0], give: Give): void {
  for (const offer of offers) {
    const answer = verifyHandshake(response, offer)
    if (answer.ok) {
      giveAgreement(answer, 'agreement of a client', give)
      give('versions', [answer.version])
      continue
    }
    giveErrors(answer.errors, give)
    if (answer.status !== undefined) give('status', answer.status)
    if (answer.kind === 'redirect') give('location', answer.location)
    if (answer.kind === 'unauthorized') for (const challenge of answer.challenges) give('challenge', challenge)
    if (answer.kind === 'version') give('versions', answer.versions)
    if (answer.kind === 'refused' && answer.retryAfter !== undefined) give('retry after', answer.retryAfter)
  }
}
const givenByVerify = [
  'agreement of a client',
  'subprotocol',
  'deflate params',
  'versions',
  'error',
  'status',
  'location',
  'challenge',
  'retry after',
] as const

function verifyOthers(response: Parameters<typeof verifyUpgrade>[0], give: Give): void {
  const outcome = verifyUpgrade(response, ['websocket', 'foo/2'])
  if (!outcome.ok) giveErrors(outcome.errors, give)
  else if (outcome.kind === 'ignored') for (const protocol of outcome.advertised) give('upgrade protocol', protocol)
  else if (outcome.kind === 'required') for (const protocol of outcome.protocols) give('upgrade protocol', protocol)
  const through = verifyTunnel(response)
  if (!through.ok) giveErrors(through.errors, give)
  if (!through.ok && through.kind === 'unauthorized')
    for (const challenge of through.challenges) give('challenge', challenge)
}
const givenByOthers = ['error', 'upgrade protocol', 'challenge'] as const

function spell({ name, version }: UpgradeProtocol): string {
  return version === undefined ? name : `${name}/${version}`
}

/** Fields that a program itself reads, and the kind of their values. */
function giveFields(headers: HeaderList, give: Give): void {
  for (const name of ['Authorization', 'Proxy-Authorization']) {
    const credentials = parseBasicCredentials(getHeader(headers, name) ?? '')
    if (credentials !== undefined) give('credentials', credentials)
  }
  for (const value of getHeaders(headers, 'Sec-WebSocket-Extensions')) give('field of extensions', value)
}

/** The requests that a program makes from a peer's value, for HTTP/1.1 and HTTP/2. */
function write(head: RequestLike): void {
  if (head.httpVersion === '2' || head.httpVersion === '3') toHttp2Headers(head)
  else formatRequestHead(head)
}

/** Statuses that HTTP/2 does not have, because they require `Upgrade`. */
const switches: ReadonlySet<number> = new Set([101, 426])

export const httpSteps: readonly Step[] = [
  step('RequestHeadParser', 'bytes of a request', ['parsed request'], (bytes, give) => {
    const parsed = new RequestHeadParser().push(bytes)
    if (parsed !== undefined) give('parsed request', parsed)
  }),
  step(
    'parseRequestHead',
    'bytes of a request',
    ['request head'],
    (bytes, give) => {
      const parsed = parseRequestHead(bytes)
      if (parsed !== undefined) give('request head', parsed.head)
    },
    'refuses',
  ),
  step(
    'a parsed request',
    'parsed request',
    [
      'request head',
      'sound request head',
      'header list',
      'method',
      'target',
      'authority',
      'scheme',
      'protocol',
      'answer',
      'error',
    ],
    (parsed, give) => {
      if (parsed.ok) return giveHead(parsed.head, give)
      give('answer', parsed.response)
      giveErrors(parsed.errors, give)
    },
  ),
  step('acceptHandshake(parsed)', 'parsed request', givenByAccept, accept),
  step('acceptTunnel(parsed)', 'parsed request', givenByTunnel, tunnel),
  step('acceptHandshake', 'request', givenByAccept, accept),
  step('acceptTunnel', 'request', givenByTunnel, tunnel),
  step(
    'requestHeadFrom',
    'request',
    ['request head', 'sound request head', 'header list', 'method', 'target', 'authority', 'scheme', 'protocol'],
    (request, give) => giveHead(requestHeadFrom(request), give),
    'refuses',
  ),
  step('selectUpgrade', 'request', ['upgrade protocol'], (request, give) => {
    selectUpgrade(request, ['websocket', 'foo/2'], { prefer: 'server' })
    selectUpgrade(request, (offered) => {
      for (const protocol of offered) give('upgrade protocol', protocol)
      return spell(offered[0] as UpgradeProtocol)
    })
  }),
  step('expectsContinue', 'request', ['answer'], (request, give) => {
    give('answer', switchingProtocols('foo/2', [], expectsContinue(request)))
  }),
  step(
    'getExtendedConnect',
    'request',
    ['extended CONNECT'],
    (request, give) => {
      const asked = getExtendedConnect(request)
      if (asked !== undefined) give('extended CONNECT', asked)
    },
    'refuses',
  ),
  step(
    'forwardableHeaders',
    'request',
    ['forwardable headers'],
    (request, give) => give('forwardable headers', forwardableHeaders(request)),
    'refuses',
  ),
  step('a request again', 'request head', ['request'], (head, give) => give('request', head)),
  step('findHostError', 'request head', ['error'], (head, give) => {
    const error = findHostError(head)
    if (error !== undefined) give('error', error)
  }),
  step('requestFraming', 'request head', [], (head) => void requestFraming(head), 'refuses'),
  step('formatRequestHead, toHttp2Headers', 'sound request head', [], write),
  step('formatRequestHead({ method })', 'method', [], (method) => {
    formatRequestHead({ ...plain, method })
    toHttp2Headers({ ...multiplexed, method })
  }),
  step('formatRequestHead({ target })', 'target', [], (target) => {
    formatRequestHead({ ...plain, target })
    toHttp2Headers({ ...multiplexed, target })
  }),
  step('offerHandshake({ target })', 'origin-form', [], (target) => {
    for (const httpVersion of ['1.1', '2'] as const)
      write(offerHandshake('ws://b.example/x', { key: KEY, target, httpVersion }).request)
  }),
  step('splitTarget', 'target', ['origin-form', 'target'], (target, give) => {
    const parts = splitTarget(target)
    if (parts === undefined) return
    give('origin-form', parts.originForm)
    give('target', parts.path)
  }),
  step('an origin-form again', 'origin-form', ['target'], (target, give) => give('target', target)),
  step('relayRefusal', 'response', ['answer'], (response, give) => {
    give('answer', relayRefusal(response))
    for (const httpVersion of ['2', '3'] as const)
      toHttp2Headers(relayRefusal(response, { httpVersion, method: 'HEAD' }))
  }),
  step('relayRefusal(parsed)', 'parsed response', ['answer'], (response, give) =>
    give('answer', relayRefusal(response)),
  ),
  step(
    'forwardableHeaders(parsed)',
    'parsed request',
    ['forwardable headers'],
    (parsed, give) => give('forwardable headers', forwardableHeaders(parsed as never)),
    'refuses',
  ),
  step('selectUpgrade, expectsContinue(parsed)', 'parsed request', [], (parsed) => {
    selectUpgrade(parsed as never, ['websocket', 'foo/2'])
    expectsContinue(parsed as never)
  }),
  step(
    'responseFraming(, method)',
    'method',
    [],
    (method) => void responseFraming({ status: 200, headers: [] }, method),
  ),
  step('the authority of a request', 'authority', [], (authority) => {
    write({ ...multiplexed, authority })
    write(offerHandshake('ws://b.example/', { key: KEY, headers: { Host: authority } }).request)
    write(offerHandshake('ws://b.example/', { key: KEY, headers: { Host: authority }, httpVersion: '2' }).request)
  }),
  step('the scheme of a request', 'scheme', [], (scheme) => write({ ...multiplexed, scheme })),
  step('the protocol of a request', 'protocol', [], (protocol) =>
    write({ ...multiplexed, method: 'CONNECT', protocol }),
  ),
  step(
    'an extended CONNECT again',
    'extended CONNECT',
    ['upgrade protocol', 'authority', 'scheme', 'target'],
    (asked, give) => {
      give('upgrade protocol', asked.protocol)
      give('authority', asked.authority)
      give('scheme', asked.scheme)
      give('target', asked.path)
    },
  ),
  step(
    'lists of fields',
    'header list',
    ['upgrade protocol'],
    (headers, give) => {
      toHeaderList(headers)
      toHeaderList(toHeaderRecord(headers))
      for (const [name] of headers) getHeaderElements(headers, name)
      for (const protocol of parseUpgrade(headers)) give('upgrade protocol', protocol)
    },
    'refuses',
  ),
  step('single fields', 'header list', ['credentials', 'field of extensions'], giveFields),
  step(
    'framing by fields',
    'header list',
    [],
    (headers) => {
      requestFraming({ httpVersion: '1.0', headers })
      responseFraming({ status: 200, headers })
    },
    'refuses',
  ),
  step('{ headers } of a hop', 'forwardable headers', ['answer', 'header list'], (headers, give) => {
    for (const httpVersion of ['1.1', '2'] as const)
      write(offerHandshake('ws://b.example/', { key: KEY, headers, httpVersion }).request)
    write({ ...plain, headers })
    give('answer', acceptHandshake(opening, { headers }).response)
    give('answer', switchingProtocols('foo/2', headers))
    give('answer', refuseUpgrade(502, { headers }))
    give('answer', upgradeRequired('foo/2', { headers }))
    give('header list', headers)
  }),
  step('upgrade protocols', 'upgrade protocol', ['answer'], (protocol, give) => {
    const text = spell(protocol)
    upgradeHeaders([text, 'websocket'])
    selectUpgrade(opening, [text])
    verifyUpgrade({ status: 101, headers: upgradeHeaders(text) }, [text])
    give('answer', switchingProtocols(text))
    give('answer', upgradeRequired(text))
  }),
  step('offerTunnel(hostname)', 'hostname', ['request'], (hostname, give) =>
    give('request', offerTunnel(hostname, 443)),
  ),
  step('offerTunnel(, port)', 'port', [], (port) => void formatRequestHead(offerTunnel('a.example', port))),
  step('credentials', 'credentials', ['request'], (credentials, give) => {
    parseBasicCredentials(formatBasicCredentials(credentials))
    const request = offerTunnel('a.example', 443, { credentials })
    formatRequestHead(request)
    give('request', request)
  }),

  step('ResponseHeadParser', 'bytes of a response', ['parsed response'], (bytes, give) => {
    const parsed = new ResponseHeadParser().push(bytes)
    if (parsed !== undefined) give('parsed response', parsed)
  }),
  step(
    'parseResponseHead',
    'bytes of a response',
    ['response head'],
    (bytes, give) => {
      const parsed = parseResponseHead(bytes)
      if (parsed !== undefined) give('response head', parsed.head)
    },
    'refuses',
  ),
  step('a parsed response', 'parsed response', ['response head', 'error'], (parsed, give) => {
    if (parsed.ok) give('response head', parsed.head)
    else giveErrors(parsed.errors, give)
  }),
  step('ResponseBodyReader', 'response head', [], (head) => {
    for (const method of ['GET', 'HEAD', 'CONNECT']) {
      const reader = new ResponseBodyReader(head, { method })
      if (reader.push(Uint8Array.of(0x30, 0x0d, 0x0a, 0x0d, 0x0a)) === undefined) reader.end()
    }
  }),
  step('a response head', 'response head', ['response', 'status', 'reason', 'header list'], (head, give) => {
    give('response', head)
    give('status', head.status)
    give('reason', head.reason)
    give('header list', head.headers)
  }),
  step('verifyHandshake(parsed)', 'parsed response', givenByVerify, verify),
  step('verifyUpgrade, verifyTunnel(parsed)', 'parsed response', givenByOthers, verifyOthers),
  step('verifyHandshake', 'response', givenByVerify, verify),
  step('verifyUpgrade, verifyTunnel', 'response', givenByOthers, verifyOthers),
  step(
    'forwardableHeaders(response)',
    'response',
    ['forwardable headers'],
    (response, give) => give('forwardable headers', forwardableHeaders(response)),
    'refuses',
  ),
  step(
    'responseFraming',
    'response head',
    [],
    (head) => {
      responseFraming(head)
      responseFraming(head, 'CONNECT')
    },
    'refuses',
  ),
  step('responseFraming({ status })', 'status', [], (status) => void responseFraming({ status, headers: [] })),
  step('formatResponse({ reason })', 'reason', [], (reason) => void formatResponse({ status: 403, reason })),
  step('an answer', 'answer', ['bytes of a response', 'response'], (answer, give) => {
    give('bytes of a response', formatResponse(answer))
    if (!switches.has(answer.status)) give('response', toHttp2Headers(answer) as never)
  }),
  step('a location', 'location', ['hostname', 'target', 'request'], (location, give) => {
    const offer = offerHandshake(location, { key: KEY })
    if (offer.url !== location) throw new Error(`${location} has become ${offer.url}`)
    write(offer.request)
    write(offerHandshake(location, { httpVersion: '2' }).request)
    give('hostname', offer.hostname)
    give('target', offer.request.target)
    give('request', offer.request)
  }),
  step('a challenge', 'challenge', ['answer'], (challenge, give) => {
    give('answer', refuseUpgrade(401, { headers: { 'WWW-Authenticate': challenge } }))
    give('answer', refuseUpgrade(407, { headers: { 'Proxy-Authenticate': challenge } }))
  }),
  step('Retry-After', 'retry after', ['answer'], (retryAfter, give) =>
    give('answer', refuseUpgrade(503, { headers: { 'Retry-After': retryAfter } })),
  ),
  step('an error', 'error', ['answer'], (error, give) => {
    JSON.stringify(error)
    give('answer', refuseUpgrade(400, { body: error.message }))
    new Connection({ role: 'server' }).close(error.closeCode ?? CloseCode.ProtocolError, fitCloseReason(error.message))
    formatClosePayload(error.closeCode)
  }),

  step('an origin', 'origin', ['request'], (origin, give) => {
    const { request } = offerHandshake('ws://a.example/', { key: KEY, origin })
    write(request)
    give('request', request)
  }),
  step('a subprotocol', 'subprotocol', [], (subprotocol) => {
    const { request } = offerHandshake('ws://a.example/', { key: KEY, subprotocols: [subprotocol] })
    write(request)
    const accepted = acceptHandshake(request, { subprotocols: [subprotocol], requireSubprotocol: true })
    if (!accepted.ok || accepted.subprotocol !== subprotocol) throw new Error('it is not agreed on')
  }),
  step('subprotocols', 'subprotocol list', ['token'], (subprotocols, give) => {
    write(offerHandshake('ws://a.example/', { key: KEY, subprotocols }).request)
    selectSubprotocol(subprotocols, ['chat'], { prefer: 'server' })
    for (const marker of ['access-token', 'bearer.']) {
      const token = getSubprotocolToken(subprotocols, marker)
      if (token !== undefined) give('token', token)
    }
  }),
  step('a token', 'token', ['subprotocol list'], (token, give) => {
    give('subprotocol list', offerSubprotocolToken('access-token', token))
    give('subprotocol list', offerSubprotocolToken('bearer.', token))
  }),
  step('versions', 'versions', [], (versions) => {
    negotiateVersion(versions, [13, 8])
    if (versions.length === 0) return
    write(offerHandshake('ws://a.example/', { key: KEY, versions }).request)
    acceptHandshake(opening, { versions })
  }),
  step(
    'parseExtensions',
    'field of extensions',
    ['extensions'],
    (text, give) => give('extensions', parseExtensions(text)),
    'refuses',
  ),
  step('formatExtensions', 'extensions', ['field of extensions'], (entries, give) => {
    const text = formatExtensions(entries)
    give('field of extensions', text)
    if (JSON.stringify(parseExtensions(text)) !== JSON.stringify(entries)) throw new Error(`read otherwise: ${text}`)
  }),
  step('parameters', 'extensions', ['error', 'deflate params'], (entries, give) => {
    const negotiated = negotiateDeflate(entries, { serverMaxWindowBits: 10 }, { minWindowBits: 9 })
    giveErrors(negotiated.declined, give)
    if (negotiated.params !== undefined) give('deflate params', negotiated.params)
    for (const { params } of entries.slice(0, SOME)) for (const [name] of params.slice(0, SOME)) getParam(params, name)
  }),
  step(
    'parameters that can be refused',
    'extensions',
    [],
    (entries) => {
      const offers = entries.slice(0, SOME).map(({ params }) => params)
      for (const params of offers) {
        answerDeflateOffer(params, { clientMaxWindowBits: 10 }, { minWindowBits: 9 })
        verifyDeflateResponse(params, offers)
      }
    },
    'refuses',
  ),
  step('parameters of permessage-deflate', 'deflate params', [], (params) => {
    deflateMemory(params, 'server')
    for (const role of ['server', 'client'] as const) extensions[0]?.open(params, role)
  }),
  step(
    'new Connection({ role: "server" })',
    'agreement of a server',
    [],
    (agreement) => void new Connection({ role: 'server', agreement, extensions }),
  ),
  step(
    'new Connection({ role: "client" })',
    'agreement of a client',
    [],
    (agreement) => void new Connection({ role: 'client', agreement, extensions }),
  ),
]

export const httpExclusions: readonly Exclusion[] = [
  {
    name: 'offerHandshake({ target }) of a target as it came',
    takes: 'target',
    reason: 'splitTarget makes the origin-form that a next hop takes; `*` and `host:port` have none',
  },
  {
    name: 'toHttp2Headers(head) of a head that nobody has judged',
    takes: 'request head',
    reason:
      'a field section may lack any pseudo-header; what acceptHandshake, findHostError and getExtendedConnect take can be written',
  },
  { name: 'refuseUpgrade(status)', takes: 'status', reason: 'a status of one’s own; that of a peer may be any number' },
  {
    name: 'formatResponse({ status })',
    takes: 'status',
    reason: 'a status of one’s own; that of a peer may be any number, or 0 where it sent none',
  },
  {
    name: 'formatResponseHead(head), toHttp2Headers(head)',
    takes: 'response head',
    reason: 'a head of one’s own; a peer’s may have a length where none may be, or a 101',
  },
  {
    name: 'toHttp2Headers(answer) of a 101 or 426',
    takes: 'answer',
    reason: 'only a request of HTTP/1.1 gets one, and it knows that it came by HTTP/1.1',
  },
  {
    name: 'acceptHandshake(, { origins })',
    takes: 'origin',
    reason: 'a policy is the caller’s: what a peer says of itself is no policy',
  },
  {
    name: 'new Connection({ agreement }) without its extensions',
    takes: 'agreement of a server',
    reason: 'the same `extensions` go into the handshake and the connection',
  },
]
