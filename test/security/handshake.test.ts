/**
 * Published holes of WebSocket and HTTP Upgrade libraries, tried on the opening handshake. SECURITY.md lists each test by its title.
 *
 * @module
 */

import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text as readText } from 'node:stream/consumers'
import { expect, test, vi } from 'vitest'
import { acceptSocket, acceptUpgrade, Endpoint } from '../../src/adapters/node/index.ts'
import { zlib } from '../../src/codec/zlib.ts'
import { acceptHandshake, offerHandshake, parseExtensions, verifyHandshake } from '../../src/handshake/index.ts'
import {
  formatRequestHead,
  formatResponse,
  forwardableHeaders,
  RequestHeadParser,
  ResponseHeadParser,
  refuseUpgrade,
  relayRefusal,
  requestFromParts,
  selectUpgrade,
  switchingProtocols,
  toHttp2Headers,
  upgradeHeaders,
  verifyTunnel,
  verifyUpgrade,
} from '../../src/http/index.ts'
import { handshakeOptions, permessageDeflate } from '../../src/index.ts'
import { Clock, FakeStream, opening } from '../driver/fakes.ts'
import { patient } from '../peers/support.ts'

vi.setConfig(patient)

const key = 'dGhlIHNhbXBsZSBub25jZQ=='
const fields = {
  Host: 'a.example',
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': key,
}
const request = (more: Readonly<Record<string, string>> = {}) =>
  requestFromParts({ method: 'GET', target: '/', headers: { ...fields, ...more } })
const statusOf = (head: ReturnType<typeof request>, options?: Parameters<typeof acceptHandshake>[1]): number =>
  acceptHandshake(head, options).response.status
/** What was written to a stream, as text. */
const wire = (stream: FakeStream): string => Buffer.concat(stream.written).toString('latin1')

/** Fails if this takes too long: for its input, an algorithm that is worse than linear takes minutes. */
function quickly<Result>(act: () => Result): Result {
  const start = performance.now()
  const result = act()
  expect(performance.now() - start).toBeLessThan(10_000)
  return result
}

/** All that a server of `node:http` answers to these bytes, until it closes. */
async function answerOf(bytes: string, endpoint: Endpoint): Promise<string> {
  const server = createServer((_, response) => response.end('plain\n'))
  server.on('upgrade', (message, socket, head) => acceptUpgrade(endpoint, message, socket, head))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.write(bytes, 'latin1')
  const answer = await readText(socket)
  server.close()
  await endpoint.close()
  return answer
}

test('a request with so many fields that Node drops its Upgrade is refused', async () => {
  const many = Array.from({ length: 2000 }, (_, i) => `${i.toString(36)}:\r\n`).join('')
  const rest = opening.slice(opening.indexOf('\r\n') + 2)
  const errors: unknown[] = []
  const endpoint = new Endpoint({ error: (error) => errors.push(error) })
  expect(await answerOf(`GET / HTTP/1.1\r\nHost: a.example\r\n${many}${rest}`, endpoint)).toMatch(/^HTTP\/1\.1 4\d\d /)
  const headers: [string, string][] = Array.from({ length: 101 }, (_, i) => [`x-${i}`, ''])
  const head = { ...request(), headers: [...request().headers, ...headers] }
  expect(statusOf(head)).toBe(431)
  expect(errors).toEqual([])
})

test('hostile lists of subprotocols and extensions are read in linear time', () => {
  for (const list of [
    `b${' '.repeat(600_000)}x`,
    ','.repeat(600_000),
    'a,'.repeat(300_000),
    `a${' ,'.repeat(300_000)}b c`,
  ])
    expect([101, 400]).toContain(quickly(() => statusOf(request({ 'Sec-WebSocket-Protocol': list }))))
  for (const list of [`a; b="${'\\c'.repeat(300_000)}`, `a${' '.repeat(600_000)}b`, 'a;'.repeat(300_000)])
    expect(quickly(() => statusOf(request({ 'Sec-WebSocket-Extensions': list })))).toBe(400)
})

test('names of Object.prototype as extensions and parameters do no harm', () => {
  const extensions = [permessageDeflate({ codec: zlib })]
  for (const name of Object.getOwnPropertyNames(Object.prototype)) {
    for (const list of [name, `a; ${name}`, `${name}; ${name}=${name}`, `permessage-deflate; ${name}`])
      expect(acceptHandshake(request({ 'Sec-WebSocket-Extensions': list }), { extensions })).toMatchObject({
        ok: true,
        extensions: [],
      })
    expect(acceptHandshake(request({ [name]: name, 'Sec-WebSocket-Protocol': name }))).toMatchObject({ ok: true })
    expect(parseExtensions(`x; ${name}`)[0]?.params).toEqual([[name, true]])
  }
  expect(Object.keys(Object.prototype)).toEqual([])
})

test('a head that arrives in tiny chunks is limited, and read in linear time', () => {
  const starts = { request: 'GET / HTTP/1.1\r\nHost: a.example\r\nX: ', response: 'HTTP/1.1 200 OK\r\nX: ' }
  for (const maxHeadSize of [65_536, 8_388_608]) {
    const parsers = {
      request: new RequestHeadParser({ maxHeadSize }),
      response: new ResponseHeadParser({ maxHeadSize }),
    }
    for (const side of ['request', 'response'] as const) {
      const parser = parsers[side]
      let parsed = parser.push(Buffer.from(starts[side]))
      let size = 0
      quickly(() => {
        for (; parsed === undefined && size < 20_000_000; size += 64)
          parsed = parser.push(new Uint8Array(64).fill(0x78))
      })
      expect(parsed).toMatchObject({ ok: false, errors: [{ code: 'head-too-large' }] })
      expect(size).toBeLessThanOrEqual(maxHeadSize)
    }
  }
})

test('a malformed Host is refused', () => {
  for (const host of [
    '',
    ':',
    '[',
    '[::1',
    ']',
    'a b',
    'a:b',
    'a:99999999999',
    'a@b',
    '%',
    '%zz',
    '\x80',
    'a,b',
    'a/b',
    '[v1.]',
  ])
    expect(statusOf(request({ Host: host })), host).toBe(400)
})

test('no line break reaches a head that is sent', () => {
  for (const end of ['\r\n', '\n', '\r', '\0']) {
    const bad = `a${end}X-Injected: 1`
    for (const send of [
      () => offerHandshake('ws://a.example/', { headers: { 'X-A': bad } }),
      () => offerHandshake('ws://a.example/', { headers: { [bad]: 'a' } }),
      () => offerHandshake('ws://a.example/', { subprotocols: [bad] }),
      () => offerHandshake('ws://a.example/', { origin: bad }),
      () => offerHandshake('ws://a.example/', { target: `/${bad}` }),
      () => offerHandshake('ws://a.example/', { key: bad }),
      () => handshakeOptions({ headers: { 'X-A': bad } }),
      () => handshakeOptions({ subprotocols: [bad] }),
      () => upgradeHeaders(bad),
      () => switchingProtocols(bad),
      () => refuseUpgrade(403, { headers: { 'X-A': bad } }),
      () => formatRequestHead({ ...request(), target: `/${bad}` }),
      () => formatRequestHead({ ...request(), method: bad }),
      () => formatResponse({ status: 403, reason: bad, headers: [], body: '' }),
      () => formatResponse({ status: 403, reason: '', headers: [['X-A', bad]], body: '' }),
      () => toHttp2Headers({ status: 403, reason: '', headers: [['X-A', bad]] }),
    ])
      expect(send, send.toString()).toThrow(TypeError)
    // What a peer chose: a backend's refusal, and a request over HTTP/2, whose fields may contain anything.
    const relayed = relayRefusal({ status: 403, reason: bad, headers: [['X-A', bad]] })
    expect(relayed.headers.flat().join() + relayed.reason).not.toContain(end)
    const http2 = {
      ':method': 'CONNECT',
      ':protocol': 'websocket',
      ':scheme': 'https',
      ':path': '/',
      ':authority': 'a.example',
    }
    const asked: Readonly<Record<string, string>> = { ...http2, 'sec-websocket-protocol': bad }
    expect(acceptHandshake(asked).ok).toBe(false)
  }
  // The URL parser removes or encodes them.
  expect(offerHandshake('ws://a.example/\r\nX: 1').request.target).toBe('/X:%201')
})

test('bytes after a refused request are never read as the next request', async () => {
  const smuggled = 'GET /admin HTTP/1.1\r\nHost: a.example\r\n\r\n'
  const refused = opening.replace('Host:', 'Origin: https://evil.example\r\nHost:')
  const asked: string[] = []
  const plain = ({ target }: { readonly target: string }) => {
    asked.push(target)
    return { status: 200 }
  }
  const answer = await answerOf(refused + smuggled, new Endpoint({ plain }))
  expect(answer.match(/^HTTP\/1\.1 .*/gm)).toEqual(['HTTP/1.1 403 Forbidden'])
  expect(answer).toMatch(/^connection: close\r$/im)

  const clock = new Clock()
  const stream = new FakeStream()
  acceptSocket(new Endpoint({ timers: clock, plain }), stream)
  stream.data(refused + smuggled, smuggled)
  await clock.advance(1000)
  expect(wire(stream).match(/^HTTP\/1\.1 .*/gm)).toEqual(['HTTP/1.1 403 Forbidden'])
  expect(asked).toEqual([])
})

test('a request with a body cannot open a WebSocket', () => {
  for (const body of [{ 'Content-Length': '5' }, { 'Transfer-Encoding': 'chunked' }, { 'Content-Length': '0, 5' }])
    expect(statusOf(request(body))).toBe(400)
  for (const lines of [
    'Content-Length: 5\r\nContent-Length: 6',
    'Content-Length: 5\r\nTransfer-Encoding: chunked',
    'Transfer-Encoding : chunked',
    'X: a\nContent-Length: 5',
    'X: a\rContent-Length: 5',
    'X: a\r\n b',
  ]) {
    const parsed = new RequestHeadParser().push(Buffer.from(opening.replace('\r\n\r\n', `\r\n${lines}\r\n\r\n`)))
    if (parsed === undefined) throw new Error('the head is complete')
    expect(acceptHandshake(parsed).response.status, lines).toBe(400)
  }
})

test('a client sends nothing after its request until the 101', async () => {
  const server = createServer()
  const received: Buffer[] = []
  server.on('connection', (socket) => socket.on('data', (chunk) => received.push(chunk)))
  server.on('upgrade', (_, socket) =>
    setTimeout(() => socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'), 50),
  )
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const { connectSocket } = await import('../../src/adapters/node/index.ts')
  const endpoint = new Endpoint({ open: (peer) => peer.send('early') })
  const offer = offerHandshake(`ws://127.0.0.1:${port}/`)
  await expect(connectSocket(endpoint, connect(port, '127.0.0.1'), offer)).rejects.toThrow('403')
  expect(Buffer.concat(received).toString('latin1')).toMatch(/\r\n\r\n$/)
  server.close()
})

test('h2c is never accepted, nor passed on', () => {
  const h2c = request({
    Upgrade: 'h2c',
    Connection: 'Upgrade, HTTP2-Settings',
    'HTTP2-Settings': 'AAMAAABkAARAAAAAAAIAAAAA',
  })
  expect(acceptHandshake(h2c)).toMatchObject({ ok: false, isWebSocketRequest: false, response: { status: 426 } })
  expect(selectUpgrade(h2c, ['websocket'])).toBeUndefined()
  const both = request({ Upgrade: 'h2c, websocket', Connection: 'Upgrade, HTTP2-Settings', 'HTTP2-Settings': 'AAMA' })
  const accepted = acceptHandshake(both)
  expect(accepted.response.headers).toContainEqual(['Upgrade', 'websocket'])
  for (const head of [h2c, both])
    expect(forwardableHeaders(head).map(([name]) => name.toLowerCase())).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(upgrade|connection|http2-settings)$/)]),
    )
})

test('pages of other sites are refused unless they are allowed', () => {
  const from = (Origin: string) => request({ Origin })
  expect(statusOf(request())).toBe(101)
  expect(statusOf(from('https://a.example'))).toBe(101)
  const others = [
    'https://evil.example',
    'https://a.example.evil.example',
    'https://evila.example',
    'https://a.example:444',
  ]
  for (const origin of [...others, 'null', 'file://', '', 'http://127.0.0.1', 'https://a.example@evil.example'])
    expect(statusOf(from(origin)), origin).toBe(403)
  const listed = { origins: ['https://a.example', 'https://*.a.example'] }
  expect(
    [from('https://a.example'), from('https://x.a.example'), request()].map((head) => statusOf(head, listed)),
  ).toEqual([101, 101, 403])
  for (const origin of [
    ...others,
    'null',
    'http://a.example',
    'https://evil.example/.a.example',
    'https://evil.example#.a.example',
  ])
    expect(statusOf(from(origin), listed), origin).toBe(403)
})

test('a page that rebinds its name to this server is refused', () => {
  const rebound = request({ Host: 'evil.example:8080', Origin: 'http://evil.example:8080' })
  expect(statusOf(rebound)).toBe(101) // by default it is a page of the requested host
  expect(statusOf(rebound, { hosts: ['localhost', '127.0.0.1'] })).toBe(421)
  expect(statusOf(rebound, { origins: ['http://localhost:8080'] })).toBe(403)
  for (const host of ['localhost.evil.example', 'localhost.', '127.0.0.1.evil.example', 'localhost6', '0x7f.1', '[::]'])
    expect([400, 421], host).toContain(statusOf(request({ Host: host }), { hosts: ['localhost', '127.0.0.1'] }))
})

test('a response to the key of another client opens nothing', () => {
  const mine = offerHandshake('ws://a.example/')
  const others = acceptHandshake(offerHandshake('ws://a.example/').request).response
  expect(verifyHandshake(others, mine)).toMatchObject({ ok: false, kind: 'invalid', errors: [{ code: 'accept' }] })
  const echo = {
    ...others,
    headers: others.headers.map(([name, value]): [string, string] => [name, /Accept/.test(name) ? mine.key : value]),
  }
  expect(verifyHandshake(echo, mine)).toMatchObject({ ok: false, kind: 'invalid' })
  expect(new Set(Array.from({ length: 1000 }, () => offerHandshake('ws://a.example/').key)).size).toBe(1000)
})

test('a response that does not switch opens no WebSocket and no tunnel', () => {
  const offer = offerHandshake('ws://a.example/')
  const { response } = acceptHandshake(offer.request)
  expect(verifyHandshake(response, offer).ok).toBe(true)
  const without = (left: string) => response.headers.filter(([name]) => name.toLowerCase() !== left)
  const others = [200, 204, 400, 403, 426, 500, 502].map((status) => ({ ...response, status }))
  const incomplete = ['upgrade', 'connection', 'sec-websocket-accept'].map((left) => ({
    ...response,
    headers: without(left),
  }))
  for (const answer of [...others, ...incomplete])
    expect(verifyHandshake(answer, offer).ok, `${answer.status}`).toBe(false)
  for (const answer of others) expect(verifyUpgrade(answer, ['websocket']).kind).not.toBe('switched')
  expect(verifyUpgrade({ ...response, headers: without('upgrade') }, ['websocket']).ok).toBe(false)
  for (const status of [101, 302, 400, 403, 407, 426, 502])
    expect(verifyTunnel({ status, reason: '', headers: [] }).kind).not.toBe('open')
})

test('a redirect to another origin, or from TLS to none, is marked', () => {
  const offer = offerHandshake('wss://user:secret@a.example/')
  const answer = (location: string) =>
    verifyHandshake({ status: 302, reason: '', headers: [['Location', location]] }, offer)
  const redirects: [location: string, sameOrigin: boolean, downgrade: boolean, resolved: string][] = [
    ['/b', true, false, 'wss://a.example/b'],
    ['https://A.example:443/b', true, false, 'wss://a.example/b'],
    ['https://b.example/', false, false, 'wss://b.example/'],
    ['//b.example/c', false, false, 'wss://b.example/c'],
    ['https://a.example:444/', false, false, 'wss://a.example:444/'],
    ['http://a.example/', false, true, 'ws://a.example/'],
    ['ws://b.example/', false, true, 'ws://b.example/'],
  ]
  for (const [from, sameOrigin, downgrade, location] of redirects)
    expect(answer(from), from).toMatchObject({ kind: 'redirect', location, sameOrigin, downgrade })
  expect(answer('javascript:alert(1)')).toMatchObject({ kind: 'refused' })
})

test('an access token among the subprotocols is in no error, response or log', async () => {
  for (const list of ['access-token, SECRET.TOKEN', 'access-token, SECRET TOKEN', 'SECRET.TOKEN, SECRET"']) {
    const head = request({ 'Sec-WebSocket-Protocol': list, Origin: 'https://evil.example' })
    const results = [
      acceptHandshake(head, { subprotocols: ['chat'], requireSubprotocol: true }),
      acceptHandshake(request({ 'Sec-WebSocket-Protocol': list }), { subprotocols: ['access-token'] }),
    ]
    for (const result of results) {
      const errors = result.ok ? [] : result.errors.map(({ message }) => message)
      expect(JSON.stringify([errors, result.response])).not.toMatch(/SECRET/)
    }
    // What the endpoint's `refused` and `error` can log.
    const log: string[] = []
    const endpoint = new Endpoint({
      handshake: { subprotocols: ['chat'], requireSubprotocol: true },
      refused: ({ response, errors }) =>
        log.push(`${JSON.stringify(response)} ${errors.map(({ stack }) => stack).join()}`),
      error: (error) => log.push(String(error)),
    })
    const asked = request({ 'Sec-WebSocket-Protocol': list })
    const wire = await answerOf(Buffer.from(formatRequestHead(asked)).toString('latin1'), endpoint)
    expect(wire).toMatch(/^HTTP\/1\.1 400 /)
    expect(log).toHaveLength(1)
    expect(log.join() + wire).not.toMatch(/SECRET/)
  }
})

test('a silent or slow head ends within `headTimeout`', async () => {
  const clock = new Clock()
  const endpoint = new Endpoint({ timers: clock, headTimeout: 10_000, closeTimeout: 10_000 })
  const [silent, slow] = [new FakeStream(), new FakeStream()]
  acceptSocket(endpoint, silent)
  acceptSocket(endpoint, slow)
  for (let second = 0; second < 10; second++) {
    slow.data(opening.slice(second, second + 1))
    await clock.advance(1000)
  }
  expect([silent.destroyed, wire(silent), wire(slow).split('\r\n')[0]]).toEqual([
    true,
    '',
    'HTTP/1.1 408 Request Timeout',
  ])
  await clock.advance(10_000)
  expect(slow.destroyed).toBe(true)
})

test('a flood of handshakes that are never completed is limited', async () => {
  const clock = new Clock()
  const endpoint = new Endpoint({ timers: clock, maxHandshakes: 100 })
  const streams = Array.from({ length: 1000 }, () => new FakeStream())
  for (const stream of streams) acceptSocket(endpoint, stream)
  await clock.settle()
  expect(streams.filter((stream) => wire(stream).startsWith('HTTP/1.1 503 '))).toHaveLength(900)
  expect(streams.filter(({ destroyed }) => !destroyed)).toHaveLength(200) // 100 wait, and 100 refusals are sent
  await clock.advance(20_000)
  expect(streams.filter(({ destroyed }) => !destroyed)).toEqual([])
})
