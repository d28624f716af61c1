/**
 * Peers of the server on node:http2: `ws` over HTTP/1.1 on the same port, undici over HTTP/2, and a client of ours, from the
 * source, that also does what a client should not.
 */

import { once } from 'node:events'
import { type ClientHttp2Session, type ClientHttp2Stream, connect, type OutgoingHttpHeaders } from 'node:http2'
import { request } from 'node:https'
import { Agent, WebSocket as Undici } from 'undici'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { zlib } from '../../src/codec/zlib.ts'
import { parseClosePayload } from '../../src/frame/index.ts'
import {
  Connection,
  type ConnectionEvent,
  computeAccept,
  encodeFrame,
  getHeader,
  type OfferOptions,
  Opcode,
  offerHandshake,
  permessageDeflate,
  type Rejected,
  type RequestHead,
  readStreamEnding,
  toHttp2Headers,
  type Verified,
  verifyHandshake,
} from '../../src/index.ts'
import { receiveAll } from '../receive.ts'
import { echo, type Http2Example, serveHttp2, startHttp2Example } from './http2-host.ts'
import { Client, expectEchoes, expectSame } from './standard.ts'
import { Inbox, MULTI_BYTE, patient, pattern, sizes, textOf, within } from './support.ts'

vi.setConfig(patient)

const tls = { rejectUnauthorized: false }
const extensions = [permessageDeflate({ codec: zlib })]
const offered = 'permessage-deflate; client_max_window_bits'

let server: Http2Example
let session: ClientHttp2Session
beforeAll(async () => {
  server = await startHttp2Example()
  session = connect(`https://localhost:${server.port}`, tls)
  const [settings] = await within(once(session, 'remoteSettings'), 'the settings of the server')
  expect(settings.enableConnectProtocol).toBe(true)
})
afterAll(async () => {
  session.destroy()
  await server.stop()
})

/** The server's response to a request, with its body. */
async function ask(
  headers: OutgoingHttpHeaders,
  over = session,
): Promise<{ headers: OutgoingHttpHeaders; body: string }> {
  const stream = over.request(headers)
  const [answer] = await within(once(stream, 'response'), 'an answer')
  let body = ''
  for await (const chunk of stream.setEncoding('utf8')) body += chunk
  return { headers: answer, body }
}

interface Opened {
  readonly stream: ClientHttp2Stream
  readonly answer: Verified | Rejected
}

async function offerTo(path: string, options: OfferOptions = {}, over = session): Promise<Opened> {
  const offer = offerHandshake(`wss://localhost:${server.port}${path}`, { httpVersion: '2', ...options })
  const stream = over.request(toHttp2Headers(offer.request))
  stream.on('error', () => stream.destroy())
  const [headers] = await within(once(stream, 'response'), 'an answer to our offer')
  return { stream, answer: verifyHandshake(headers, offer) }
}

describe('our client over HTTP/2', () => {
  async function open(path: string, options: OfferOptions = {}) {
    const { stream, answer } = await offerTo(path, options)
    if (!answer.ok) throw answer.errors[0]
    const connection = new Connection({ role: 'client', agreement: answer, extensions: options.extensions ?? [] })
    const events = new Inbox<ConnectionEvent>()
    const act = (work: (connection: Connection) => void): void => {
      work(connection)
      const output = connection.takeOutput()
      if (output) stream.write(output)
      if (connection.transport !== 'keep') stream.end()
    }
    stream.on('data', (chunk: Uint8Array) => act(() => receiveAll(connection, chunk).forEach(events.push)))
    stream.on('end', () => act(() => connection.receiveEnd().forEach(events.push)))
    return { stream, answer, events, act }
  }

  test.each([
    ['as it is', {}, ''],
    ['compressed', { extensions }, 'permessage-deflate; client_max_window_bits'],
  ])('gets text and binary messages back, from empty to 1 MiB: %s', async (_, options, told) => {
    const { answer, events, act } = await open('/echo?a=b', options)
    expect(await server.log.next()).toBe(`HTTP/2 /echo?a=b ${told}`)
    expect(answer.extensions.map(({ name }) => name)).toEqual(told === '' ? [] : ['permessage-deflate'])
    for (const message of [MULTI_BYTE, ...sizes.flatMap((size) => [textOf(size), pattern(size)])]) {
      act((connection) => (typeof message === 'string' ? connection.sendText(message) : connection.sendBinary(message)))
      const event = await events.next(`an echo of ${message.length}`)
      expectSame('data' in event && event.data, message)
    }
    act((connection) => connection.close(3000, 'done'))
    expect(await events.next()).toMatchObject({ type: 'close', code: 3000, clean: true, by: 'local' })
    expect(await server.log.next()).toBe('closed 3000 done')
  })

  test('a hundred at once, on one connection', async () => {
    const all = await Promise.all(Array.from({ length: 100 }, (_, i) => open(`/${i}`)))
    for (const [i, { act }] of all.entries()) act((connection) => connection.sendText(`number ${i}`))
    for (const [i, { events, act }] of all.entries()) {
      expect(await events.next()).toMatchObject({ data: `number ${i}` })
      act((connection) => connection.close())
      expect(await events.next()).toMatchObject({ code: 1005, clean: true })
    }
    const lines = new Set<string>()
    for (let i = 0; i < 200; i++) lines.add(await server.log.next())
    expect(lines.size).toBe(101)
  })

  test('that ends its side without a Close: the server sees 1006, and ends its own', async () => {
    const { stream, events } = await open('/end')
    stream.end()
    expect(await events.next()).toMatchObject({ type: 'close', code: 1006, by: 'transport' })
    expect([await server.log.next(), await server.log.next()]).toEqual(['HTTP/2 /end ', 'closed 1006 '])
    if (!stream.closed) await within(once(stream, 'close'), 'the end of the stream')
    expect(readStreamEnding(stream.rstCode)).toMatchObject({ name: 'END_STREAM' })
  })

  test('that cancels its stream: the server sees 1006, and others continue', async () => {
    const other = await open('/other')
    const { stream } = await open('/cancel')
    stream.close(8)
    expect(await server.log.next()).toBe('HTTP/2 /other ')
    expect([await server.log.next(), await server.log.next()]).toEqual(['HTTP/2 /cancel ', 'closed 1006 '])
    other.act((connection) => connection.sendText('still here'))
    expect(await other.events.next()).toMatchObject({ data: 'still here' })
    other.act((connection) => connection.close(1000))
    expect(await server.log.next()).toBe('closed 1000 ')
  })

  test('that breaks a rule: gets 1002, and the end of its stream', async () => {
    const { stream, answer } = await offerTo('/bad')
    expect(answer.ok).toBe(true)
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.write(encodeFrame({ opcode: Opcode.Text, payload: 'not masked' }))
    await within(once(stream, 'end'), 'the end of the server')
    stream.end()
    await within(once(stream, 'close'), 'the end of the stream')
    const bytes = Buffer.concat(chunks)
    expect([bytes[0], parseClosePayload(bytes.subarray(2)).code]).toEqual([0x88, 1002])
    expect(readStreamEnding(stream.rstCode)).toMatchObject({ name: 'END_STREAM' })
    expect(await server.log.next()).toBe('HTTP/2 /bad ')
    expect(await server.log.next()).toMatch(/^closed 1002 /)
  })
})

describe('is answered', () => {
  const pseudo = () => toHttp2Headers(offerHandshake(`wss://localhost:${server.port}/`, { httpVersion: '2' }).request)

  test.each<[string, number, string, OutgoingHttpHeaders]>([
    ['another origin', 403, 'is not in `origins`', { origin: 'https://evil.example' }],
    ['its own page over http', 403, 'is not in `origins`', { origin: 'http://localhost' }],
    ['another version', 400, 'version 8 is unsupported, expected 13', { 'sec-websocket-version': '8' }],
    ['an invalid list', 400, 'Sec-WebSocket-Protocol', { 'sec-websocket-protocol': 'a b' }],
  ])('%s: %i', async (_, status, words, changes) => {
    const { headers, body } = await ask({ ...pseudo(), ...changes })
    expect(headers[':status']).toBe(status)
    expect(headers['content-type']).toBe('text/plain; charset=utf-8')
    expect(headers['sec-websocket-version']).toBe(words.startsWith('version') ? '13' : undefined)
    expect(body).toContain(words)
  })

  test.each<[string, () => OutgoingHttpHeaders]>([
    ['a CONNECT for a proxy', () => ({ ':method': 'CONNECT', ':authority': 'a.example:443' })],
    ['another protocol', () => ({ ...pseudo(), ':protocol': 'connect-udp' })],
  ])('%s: 501', async (_, asked) => {
    const { headers, body } = await ask(asked())
    expect([headers[':status'], body]).toEqual([501, 'no such protocol\n'])
  })

  test('a plain request, over either version', async () => {
    const { headers, body } = await ask({ ':path': '/' })
    expect([headers[':status'], body]).toEqual([200, 'plain http\n'])
    const plain = request({ port: server.port, ...tls }).end()
    const [answer] = await within(once(plain, 'response'), 'an answer over HTTP/1.1')
    expect([answer.httpVersion, answer.statusCode]).toEqual(['1.1', 200])
    answer.resume()
  })

  test('a CONNECT over HTTP/1.1, by the end of its connection alone', async () => {
    const tunnel = request({ port: server.port, method: 'CONNECT', path: 'a.example:443', ...tls }).end()
    const [{ code }] = await within(once(tunnel, 'error'), 'the end of the connection')
    expect(code).toBe('ECONNRESET')
    expect((await ask({ ':path': '/' })).body).toBe('plain http\n')
  })
})

describe('ws, over HTTP/1.1 on the same port by ALPN', () => {
  const open = (path: string) => new Client(new WebSocket(`${server.url}${path}`, tls)).opened()

  test('gets text and binary messages back, from empty to 1 MiB, compressed', async () => {
    const client = await open('ws')
    expect(await server.log.next()).toBe(`HTTP/1.1 /ws ${offered}`)
    expect(client.socket.extensions).toBe('permessage-deflate')
    await expectEchoes(client)
    await client.expectClose(3000)
    expect(await server.log.next()).toBe('closed 3000 ')
  })

  test('is refused with 403 for another origin', async () => {
    const socket = new WebSocket(server.url, { ...tls, origin: 'https://evil.example' })
    const [error] = await within(once(socket, 'error'), 'an error')
    expect(error.message).toBe('Unexpected server response: 403')
  })
})

describe('undici, over HTTP/2', () => {
  const dispatcher = new Agent({ allowH2: true, connect: tls })
  afterAll(() => dispatcher.destroy())

  test('requires a Sec-WebSocket-Accept, which RFC 8441 §5 does not have', async () => {
    const client = new Client(new Undici(`${server.url}undici`, { dispatcher }))
    expect(await client.inbox.next()).toBe('error')
    expect([await server.log.next(), await server.log.next()]).toEqual([`HTTP/2 /undici ${offered}`, 'closed 1006 '])
  })

  test('with one, gets text and binary messages back, from empty to 1 MiB, compressed', async () => {
    const closed = new Inbox<ConnectionEvent>()
    const onEvent = (event: ConnectionEvent, connection: Connection): void => {
      if (event.type === 'close') closed.push(event)
      echo(event, connection)
    }
    const onAccept = ({ headers }: RequestHead): OutgoingHttpHeaders => ({
      'sec-websocket-accept': computeAccept(getHeader(headers, 'sec-websocket-key') ?? ''),
    })
    const ours = await serveHttp2(onEvent, { extensions, onAccept })
    const client = await new Client(new Undici(ours.url, { dispatcher })).opened()
    expect(client.socket.extensions).toMatch(/^permessage-deflate/)
    await expectEchoes(client)
    client.socket.close(3000, 'done')
    // It never ends its side of the stream, so it has no close event.
    expect(await closed.next()).toMatchObject({ code: 3000, reason: 'done', clean: true, by: 'remote' })
    expect(ours.sessions.size).toBe(1)
    await ours.stop()
  })
})
