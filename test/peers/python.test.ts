/**
 * Python's `websockets` and `wsproto` as clients and as servers, each a scripted peer in its own process. They belong to the
 * system's Python; if they are missing, the tests are skipped visibly, and fail with `CI`.
 */

import { describe, expect, test, vi } from 'vitest'
import { expectBrief, type Manners, testClient, testServer } from './conversations.ts'
import { compression } from './made-up.ts'
import { ask } from './ours.ts'
import { findMissing, type PuppetServer, startPython, startPythonServer } from './puppet.ts'
import { describePeer, patient } from './support.ts'

vi.setConfig(patient)

const deflate = compression({ client_max_window_bits: true, server_max_window_bits: 12 })

const refusals: readonly [status: number, fields: Record<string, string>, expected: object][] = [
  [401, { 'WWW-Authenticate': 'Basic realm="a"' }, { kind: 'unauthorized', challenges: ['Basic realm="a"'] }],
  [404, {}, { kind: 'refused', retryAfter: undefined }],
  [426, { 'Sec-WebSocket-Version': '8, 7' }, { kind: 'version', versions: [8, 7] }],
  [503, { 'Retry-After': '7' }, { kind: 'refused', retryAfter: 7 }],
  [
    302,
    { Location: 'https://b.example/c?d' },
    { kind: 'redirect', location: 'wss://b.example/c?d', sameOrigin: false, downgrade: false },
  ],
]

/** How a test tells a server to refuse. */
function refusing(server: PuppetServer, status: number, fields: Record<string, string>): string {
  return `${server.url}?refuse=${encodeURIComponent(JSON.stringify([status, fields]))}`
}

interface Library {
  /** The prefix of its scripts. */
  readonly name: string
  /** The module that must be importable. */
  readonly module: string
  /** The offers of its client. */
  readonly offers: string
  /** Its server's response to {@link deflate}. */
  readonly deflated: [name: string, value: string][]
  readonly judgesOrigins: boolean
  readonly manners: Manners
}

const libraries: readonly Library[] = [
  {
    name: 'websockets',
    module: 'websockets.legacy.server',
    offers: 'x-made-up; level=9; exact, x-made-up; level=5, permessage-deflate; client_max_window_bits',
    deflated: [
      ['server_max_window_bits', '12'],
      ['client_max_window_bits', '12'],
    ],
    judgesOrigins: true,
    manners: { emptyAnswer: 1005, closesEmpty: false },
  },
  {
    name: 'wsproto',
    module: 'wsproto',
    offers: 'permessage-deflate; client_max_window_bits=15; server_max_window_bits=15, x-made-up; level=5',
    deflated: [
      ['client_max_window_bits', '15'],
      ['server_max_window_bits', '12'],
    ],
    judgesOrigins: false,
    manners: { emptyAnswer: 1005, closesEmpty: true },
  },
]

/** Only for a server whose responses can be chosen freely. */
function testAnswers(server: () => PuppetServer, deflated: Library['deflated']): void {
  test('accepts compression, and agrees on its parameters', async () => {
    const answer = await ask(server().url, { extensions: [deflate] })
    const extensions = [{ name: 'permessage-deflate', params: deflated }]
    expect(answer).toEqual({ ok: true, version: 13, subprotocol: undefined, extensions })
    await expectBrief(server(), null, ['permessage-deflate'])
  })

  test.each(refusals)('refuses with %i and its fields', async (status, fields, expected) => {
    const answer = await ask(refusing(server(), status, fields))
    expect(answer).toEqual({
      ok: false,
      status,
      errors: [expect.objectContaining({ code: 'status', status })],
      ...expected,
    })
  })

  test('redirects us on the same host', async () => {
    const answer = await ask(refusing(server(), 308, { Location: '/next' }))
    const location = `${server().url}next`
    expect(answer).toMatchObject({ ok: false, kind: 'redirect', status: 308, location, sameOrigin: true })
  })
}

function testOrigins(server: () => PuppetServer): void {
  test('refuses another origin with 403', async () => {
    const answer = await ask(server().url, { origin: 'http://evil.example' })
    expect(answer).toMatchObject({ ok: false, kind: 'refused', status: 403 })
  })

  test('accepts an origin on its list', async () => {
    const answer = await ask(server().url, { origin: 'http://good.example' })
    expect(answer).toEqual({ ok: true, version: 13, subprotocol: undefined, extensions: [] })
    await expectBrief(server(), null, [])
  })
}

for (const library of libraries)
  describePeer(library.name, findMissing(library.module), () => {
    const { name, offers, deflated, manners } = library
    describe('as a client of our server', () => testClient(() => startPython(`${name}_client.py`), offers, manners))
    describe('as a server of our client', () =>
      testServer(
        () => startPythonServer(`${name}_server.py`),
        manners,
        (server) => {
          testAnswers(server, deflated)
          if (library.judgesOrigins) testOrigins(server)
        },
      ))
  })
