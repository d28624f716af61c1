/**
 * The cases after the handshake: our own endpoints pass them, in process and over HTTP/2, and for `ws` they agree with the Autobahn
 * test suite.
 */

import { once } from 'node:events'
import {
  type ClientHttp2Stream,
  connect,
  createServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  acceptHttp2Stream,
  acceptSocket,
  connectHttp2Stream,
  connectSocket,
  Endpoint,
} from '../../src/adapters/node/index.ts'
import { closing } from '../../src/cases/closing.ts'
import { control } from '../../src/cases/control.ts'
import { fragmentation } from '../../src/cases/fragmentation.ts'
import { framing } from '../../src/cases/framing.ts'
import { limits } from '../../src/cases/limits.ts'
import { masking } from '../../src/cases/masking.ts'
import { timing } from '../../src/cases/timing.ts'
import { utf8 } from '../../src/cases/utf8.ts'
import { offerHandshake, toHttp2Headers } from '../../src/index.ts'
import type { Case, Side } from '../../src/testing/case.ts'
import type { CaseTransport, Fields } from '../../src/testing/case-options.ts'
import { memoryPair } from '../../src/testing/memory-pair.ts'
import type { CaseResult } from '../../src/testing/result.ts'
import { runCases } from '../../src/testing/run-cases.ts'
import { testWsClient, testWsServer } from './agents.ts'

vi.setConfig({ testTimeout: 60_000 })

/** All sections but `limits`, whose cases move most of the bytes. */
function small(side: Side): readonly Case[] {
  return [framing, masking, control, fragmentation, utf8, closing, timing].flatMap((cases) => cases(side))
}

const endpoint = new Endpoint({ message: (peer, data) => peer.send(data) })

// More than the default, so that a busy machine fails no large case. A client waits 2 s for the server's end, more than a quarter of it.
const options = { parallel: 4, timeout: 6000 }

function notPassed(results: readonly CaseResult[]): readonly string[] {
  return results
    .filter(({ verdict }) => verdict !== 'pass')
    .map(({ id, verdict, reason }) => `${verdict} ${id}: ${reason}`)
}

describe('our own endpoints, in process', () => {
  test('a server passes', async () => {
    const open = (): CaseTransport => {
      const [client, server] = memoryPair()
      acceptSocket(endpoint, server)
      return client
    }
    expect(notPassed(await runCases([...small('server'), ...limits('server')], open, options))).toEqual([])
  })

  test('a client passes', async () => {
    const open = (): CaseTransport => {
      const [client, server] = memoryPair()
      void connectSocket(endpoint, client, offerHandshake('ws://localhost/'))
      return server
    }
    expect(notPassed(await runCases([...small('client'), ...limits('client')], open, options))).toEqual([])
  })
})

describe('our own endpoints, over HTTP/2', () => {
  const server = createServer({ settings: { enableConnectProtocol: true } })
  /** Called with a stream instead of our own server. */
  let intercept: ((stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void) | undefined

  beforeAll(async () => {
    server.on('stream', (stream, headers) => {
      if (intercept !== undefined) intercept(stream, headers)
      else acceptHttp2Stream(endpoint, stream, headers)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })

  afterAll(() => {
    server.close()
  })

  /** Opens a stream on a new session, because Node counts the resets on a session and ends it after too many. */
  async function request(fields: OutgoingHttpHeaders): Promise<ClientHttp2Stream> {
    const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    await once(session, 'remoteSettings')
    return session.request(fields).on('close', () => session.destroy())
  }

  function overHttp2(cases: readonly Case[]): readonly Case[] {
    return cases.filter(({ carriers }) => carriers.includes('http/2'))
  }

  test('a server passes', async () => {
    const open = (): CaseTransport => ({
      carrier: 'http/2',
      request: async (fields) => {
        const stream = await request(Object.fromEntries(fields))
        const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders]
        return { fields: fieldsOf(headers), stream }
      },
    })
    expect(notPassed(await runCases(overHttp2(small('server')), open, options))).toEqual([])
  })

  test('a client passes', async () => {
    const open = async (): Promise<CaseTransport> => {
      const accepted = new Promise<CaseTransport>((resolve) => {
        intercept = (stream, headers) => {
          const respond = (fields: Fields): ServerHttp2Stream => {
            stream.respond(Object.fromEntries(fields))
            return stream
          }
          resolve({ carrier: 'http/2', fields: fieldsOf(headers), respond })
        }
      })
      const offer = offerHandshake('ws://localhost/', { httpVersion: '2' })
      void connectHttp2Stream(endpoint, await request(toHttp2Headers(offer.request)), offer)
      return accepted
    }
    const results = await runCases(overHttp2(small('client')), open, { ...options, parallel: 1 })
    expect(notPassed(results)).toEqual([])
  })
})

function fieldsOf(headers: IncomingHttpHeaders): Fields {
  return Object.entries(headers).map(([name, value]) => [name, String(value)])
}

describe('ws 8.23', () => {
  /** The results of Autobahn 0.8 other than OK: 6.4.* is "non-strict", 9.3.1 and 9.4.1 failed. */
  const notOk = ['6.4.1', '6.4.2', '6.4.3', '6.4.4', '9.3.1', '9.4.1']

  /** The cases that Autobahn has too, without its largest messages. */
  function sharedWithAutobahn(side: Side): readonly Case[] {
    const large = limits(side).filter(({ autobahn }) => autobahn?.some((id) => notOk.includes(id)))
    return [...small(side), ...large].filter(({ autobahn }) => autobahn !== undefined)
  }

  test.each([
    ['server', testWsServer],
    ['client', testWsClient],
  ] as const)('gets the same verdicts on its %s as from Autobahn', async (side, run) => {
    const cases = sharedWithAutobahn(side)
    const numbers = new Map(cases.map(({ id, autobahn }) => [id, autobahn ?? []]))
    const results = await run(cases)
    const differing = results.filter(({ verdict }) => verdict !== 'pass')
    expect(differing.flatMap(({ id }) => numbers.get(id)).sort()).toEqual(notOk)
    expect(results.filter(({ verdict }) => verdict === 'fail')).toEqual([])
  })
})
