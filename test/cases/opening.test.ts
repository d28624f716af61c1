/**
 * Our own endpoints pass the cases of the opening handshake, in process: `acceptSocket` and `connectSocket` over HTTP/1.1,
 * `acceptHttp2Stream` and `connectHttp2Stream` over HTTP/2.
 *
 * @module
 */

import { once } from 'node:events'
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  createServer,
  connect as http2Connect,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  acceptHttp2Stream,
  acceptSocket,
  connectHttp2Stream,
  connectSocket,
  Endpoint,
} from '../../src/adapters/node/index.ts'
import { handshakeClient } from '../../src/cases/handshake-client.ts'
import { handshakeClientResponse } from '../../src/cases/handshake-client-response.ts'
import { handshakeServer } from '../../src/cases/handshake-server.ts'
import { handshakeServerLists } from '../../src/cases/handshake-server-lists.ts'
import { httpClient } from '../../src/cases/http-client.ts'
import { httpServer } from '../../src/cases/http-server.ts'
import { httpServerFields } from '../../src/cases/http-server-fields.ts'
import { http2Client, http2Server } from '../../src/cases/http2.ts'
import { offerHandshake, toHttp2Headers } from '../../src/index.ts'
import type { CaseTransport, Fields } from '../../src/testing/case-options.ts'
import { memoryPair } from '../../src/testing/memory-pair.ts'
import type { CaseResult } from '../../src/testing/result.ts'
import { runCases } from '../../src/testing/run-cases.ts'

const endpoint = new Endpoint({
  handshake: { subprotocols: ['chat'] },
  message: (peer, data) => peer.send(data),
})

// A busy machine must not fail them.
const options = { parallel: 4, timeout: 10_000, subprotocol: 'chat' }

function notPassed(results: readonly CaseResult[]): readonly string[] {
  return results
    .filter(({ verdict }) => verdict !== 'pass')
    .map(({ id, verdict, reason }) => `${verdict} ${id}: ${reason}`)
}

function fieldsOf(headers: IncomingHttpHeaders): Fields {
  return Object.entries(headers).flatMap(([name, value = '']) =>
    [value].flat().map((line): readonly [string, string] => [name, String(line)]),
  )
}

describe('over HTTP/1.1', () => {
  test('a server passes', { timeout: 60_000 }, async () => {
    const results = await runCases(
      [...handshakeServer, ...handshakeServerLists, ...httpServer, ...httpServerFields],
      () => {
        const [client, server] = memoryPair()
        acceptSocket(endpoint, server)
        return client
      },
      options,
    )
    expect(notPassed(results)).toEqual([])
  })

  test.each([['with a subprotocol', ['chat']] as const, ['without', []] as const])(
    'a client passes, %s',
    { timeout: 60_000 },
    async (_, subprotocols) => {
      const cases = [...handshakeClient, ...handshakeClientResponse, ...httpClient]
      const results = await runCases(
        cases.filter(({ needs }) => subprotocols.length > 0 || !needs.includes('subprotocol')),
        () => {
          const [client, server] = memoryPair()
          // Rejects if the case opens no WebSocket.
          connectSocket(endpoint, client, offerHandshake('ws://localhost/', { subprotocols })).catch(() => {})
          return server
        },
        options,
      )
      expect(notPassed(results)).toEqual([])
    },
  )
})

describe('over HTTP/2', () => {
  const server = createServer({ settings: { enableConnectProtocol: true } })
  const sessions: ClientHttp2Session[] = []
  /** Called with the next stream instead of our own server. */
  let intercept: ((stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void) | undefined

  beforeAll(async () => {
    server.on('connect', () => {})
    server.on('stream', (stream, headers) => {
      if (intercept !== undefined) return intercept(stream, headers)
      if (!acceptHttp2Stream(endpoint, stream, headers)) stream.respond({ ':status': 501 }, { endStream: true })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })

  afterAll(() => {
    for (const session of sessions) session.destroy()
    server.close()
  })

  async function openSession(): Promise<ClientHttp2Session> {
    const session = http2Connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    session.on('error', () => {})
    sessions.push(session)
    await once(session, 'remoteSettings')
    return session
  }

  function request(
    session: ClientHttp2Session,
    fields: Fields,
  ): Promise<{ fields: Fields; stream: ClientHttp2Stream }> {
    const stream = session.request(Object.fromEntries(fields))
    return new Promise((resolve, reject) => {
      stream.on('error', reject)
      stream.on('response', (headers) => resolve({ fields: fieldsOf(headers), stream }))
    })
  }

  test('a server passes', { timeout: 60_000 }, async () => {
    const session = await openSession()
    const results = await runCases(
      http2Server,
      () => ({ carrier: 'http/2', request: (fields) => request(session, fields) }),
      options,
    )
    expect(notPassed(results)).toEqual([])
  })

  test('a client passes', { timeout: 60_000 }, async () => {
    const session = await openSession()
    const open = (): Promise<CaseTransport> =>
      new Promise((resolve) => {
        intercept = (stream, headers) =>
          resolve({
            carrier: 'http/2',
            fields: fieldsOf(headers),
            respond: (fields) => {
              stream.respond(Object.fromEntries(fields))
              return stream
            },
          })
        const offer = offerHandshake('ws://localhost/', { httpVersion: '2', subprotocols: ['chat'] })
        connectHttp2Stream(endpoint, session.request(toHttp2Headers(offer.request)), offer).catch(() => {})
      })
    const results = await runCases(http2Client, open, { ...options, parallel: 1 })
    expect(notPassed(results)).toEqual([])
  })
})
