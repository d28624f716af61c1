// Cases over HTTP/2 (RFC 8441), on streams of node:http2.
import { once } from 'node:events'
import { connect, createServer, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { acceptHttp2Stream, drive, Endpoint } from '../../src/adapters/node/index.ts'
import { serverCases } from '../../src/cases/all.ts'
import { closing, messages, send, text } from '../../src/cases/build.ts'
import { fromHeaders, toHeaders } from '../../src/cli/connect.ts'
import { Connection } from '../../src/connection/index.ts'
import type { Case } from '../../src/testing/case.ts'
import type { Http2Request, Http2Response } from '../../src/testing/case-options.ts'
import { runCase } from '../../src/testing/run.ts'
import { runCases } from '../../src/testing/run-cases.ts'
import { caseOf, open } from './agents.ts'

const http2 = { carriers: ['http/2'] } as const
const hello = [open(), send(text('Hello')), messages(), ...closing()]
const when = { messages: [{ text: 'Hello' }], close: 1000 } as const

/** Starts a server, and returns its URL. */
async function startServer(serve: (stream: ServerHttp2Stream, headers: object) => void): Promise<string> {
  const server = createServer({ settings: { enableConnectProtocol: true } })
  server.on('connect', () => {})
  server.on('stream', serve)
  server.listen(0)
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Opens a new connection for a case. */
function requestTo(url: string): Http2Request {
  return {
    carrier: 'http/2',
    async request(fields) {
      const session = connect(url)
      await once(session, 'remoteSettings')
      const stream = session.request(toHeaders(fields))
      stream.on('close', () => session.destroy())
      return new Promise((resolve, reject) => {
        stream.on('error', reject)
        stream.on('close', () => reject(new Error('no response')))
        stream.on('response', (headers) => resolve({ fields: fromHeaders(headers as Record<string, string>), stream }))
      })
    },
  }
}

/** A server that echoes messages. */
function echoServer(): Promise<string> {
  const endpoint = new Endpoint({ message: (peer, data) => void peer.send(data) })
  return startServer((stream, headers) => {
    if (!acceptHttp2Stream(endpoint, stream, headers)) stream.respond({ ':status': 404 }, { endStream: true })
  })
}

test('a server', async () => {
  const url = await echoServer()
  const result = await runCase(caseOf('server', hello, { ...when, status: 200, end: 'fin' }, http2), requestTo(url))
  expect(result).toMatchObject({
    verdict: 'pass',
    carrier: 'http/2',
    ending: { how: 'closed', by: 'agent', code: 1000 },
  })
  expect(result.transcript[0]?.notes).toEqual([
    ':method: CONNECT',
    ':protocol: websocket',
    ':scheme: http',
    ':authority: localhost',
    ':path: /',
    'sec-websocket-version: 13',
  ])
})

test('reports a server that refuses, and one that resets the stream', async () => {
  const one = caseOf('server', hello, when, http2)
  const refusing = await startServer((stream) => stream.respond({ ':status': 403 }, { endStream: true }))
  expect(await runCase(one, requestTo(refusing))).toMatchObject({
    verdict: 'fail',
    reason: 'It refused a valid request with 403.',
  })
  const resetting = await startServer((stream) => stream.close(8))
  expect(await runCase(one, requestTo(resetting))).toMatchObject({
    verdict: 'fail',
    reason: 'It sent no response to a valid request, and reset the connection.',
  })
})

test('reports a server that resets after the opening', async () => {
  const url = await startServer((stream) => {
    stream.on('error', () => {})
    stream.respond({ ':status': 200 })
    stream.destroy(new Error('no more'))
  })
  const result = await runCase(caseOf('server', hello, { end: 'reset', close: 'none' }, http2), requestTo(url))
  expect(result).toMatchObject({ verdict: 'pass', ending: { how: 'reset', by: 'agent' } })
})

/** Runs a case against a client, which gets a stream. */
async function runClient(one: Case, fields: Record<string, string> = {}): Promise<Awaited<ReturnType<typeof runCase>>> {
  let served: (transport: Http2Response) => void
  const transport = new Promise<Http2Response>((resolve) => {
    served = resolve
  })
  const url = await startServer((stream, headers) => {
    served({
      carrier: 'http/2',
      fields: fromHeaders(headers as Record<string, string>),
      respond(answer) {
        stream.respond(toHeaders(answer))
        return stream
      },
    })
  })
  const session = connect(url)
  await once(session, 'remoteSettings')
  onTestFinished(() => session.destroy())
  const stream = session.request({
    ':method': 'CONNECT',
    ':protocol': 'websocket',
    ':path': '/chat',
    'sec-websocket-version': '13',
    ...fields,
  })
  stream.on('error', () => {})
  stream.on('response', ({ ':status': status }) => {
    if (status !== 200) return stream.close(8)
    const endpoint = new Endpoint({ message: (peer, data) => void peer.send(data) })
    drive(endpoint, stream, new Connection({ role: 'client' }))
  })
  return runCase(one, await transport)
}

test('a client', async () => {
  const one = caseOf('client', hello, { ...when, fields: { ':path': '/chat' } }, http2)
  expect(await runClient(one)).toMatchObject({ verdict: 'pass', ending: { how: 'closed', by: 'suite', code: 1000 } })
})

test('reports a client with a faulty request, and one that is refused', async () => {
  expect(await runClient(caseOf('client', hello, when, http2), { 'sec-websocket-version': '12' })).toMatchObject({
    verdict: 'fail',
    reason: expect.stringMatching(/^Its handshake breaks RFC 6455 §4\.4: version 12/),
  })
  const steps = [open({ fields: { ':status': '403' } }), { do: 'await', for: 'end' }] as const
  expect(await runClient(caseOf('client', steps, { end: 'any', messages: [] }, http2))).toMatchObject({
    verdict: 'pass',
    ending: { how: 'refused', by: 'agent' },
  })
})

// All cases would take longer. test/conformance runs them.
test('our own endpoints pass the cases of a section', async () => {
  const cases = serverCases.filter(
    ({ carriers, id }) => carriers.includes('http/2') && id.startsWith('server/masking/'),
  )
  const url = await echoServer()
  const results = await runCases(cases, () => requestTo(url))
  expect(results.length).toBeGreaterThan(0)
  const found = results.filter(({ verdict }) => !['pass', 'info', 'skip'].includes(verdict))
  expect(found.map(({ id, reason }) => `${id}: ${reason}`)).toEqual([])
})
