/**
 * Requests that open no WebSocket, over real sockets: the responses of the example servers, whole and byte by byte, and that they
 * keep serving. Requests refused by the parser of node:http never reach our code there; such responses are marked as Node's.
 */

import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type FaultyRequest, faultyRequests } from '../../src/testing/index.ts'
import { expectGoodService, openingHead, paces, parseResponse, RawPeer } from './raw.ts'
import { examples, type Host, patient, startExample } from './support.ts'

vi.setConfig(patient)

const BAD_REQUEST = '400 Bad Request'

interface Case {
  readonly title: string
  /** Lines of a valid request to replace or omit. */
  readonly changes?: Record<string, string | undefined>
  readonly line?: string
  readonly status: string
  /** Fields of the response; `undefined` means absent. */
  readonly fields?: Record<string, string | undefined>
  /** A part of the body, whose wording is otherwise unspecified. */
  readonly says?: string
}

const plain = { upgrade: undefined, 'sec-websocket-accept': undefined, connection: 'close' }

/** Refusals by the policy of the examples, in addition to the rules for every server. */
const cases: readonly Case[] = [
  {
    title: 'a GET without Upgrade is plain HTTP',
    changes: { upgrade: undefined, connection: 'close' },
    status: '200 OK',
    fields: plain,
  },
  { title: 'Upgrade to another protocol is ignored', changes: { upgrade: 'h2c' }, status: '200 OK', fields: plain },
  { title: 'Upgrade in HTTP/1.0 is ignored', line: 'GET / HTTP/1.0', status: '200 OK', fields: plain },
  {
    title: 'an Origin of another site',
    changes: { origin: 'https://evil.example' },
    status: '403 Forbidden',
    fields: { connection: 'close' },
    says: 'https://evil.example',
  },
  { title: 'the Origin of a sandboxed page', changes: { origin: 'null' }, status: '403 Forbidden' },
  {
    title: 'another host',
    changes: { host: 'evil.example' },
    status: '421 Misdirected Request',
    fields: { connection: 'close' },
    says: 'evil.example',
  },
  { title: 'a body', changes: { 'content-length': '0005' }, status: BAD_REQUEST, says: 'RFC 9112 §6' },
]

/** Whether Node's parser decides: all rules of HTTP except `Host` and the target `*`, which it leaves to its users. */
function isNodes({ title, reference }: FaultyRequest): boolean {
  const isHttp = reference.startsWith('RFC 911') && reference !== 'RFC 9112 §3.2'
  return isHttp || title === 'a method in lower case'
}

/** What the response says about an unreadable head, if not the section. */
const unreadable: Readonly<Record<string, string>> = {
  'RFC 9110 §5.5': 'unreadable head',
  'RFC 9110 §15.6.6': 'HTTP/2.0',
  'RFC 9112 §2.2': 'unreadable head',
  'RFC 9112 §2.3': 'HTTP/1.1.1',
  'RFC 9112 §3': 'unreadable head',
  'RFC 9112 §5.1': 'unreadable head',
  'RFC 9112 §5.2': 'unreadable head',
}

/** The examples serve only this machine, and refuse any other host with 421. */
function forLocalhost(bytes: Uint8Array): Buffer {
  const text = Buffer.from(bytes).toString('latin1')
  return Buffer.from(text.replaceAll('server.example.com', 'localhost'), 'latin1')
}

/** The fields of a refusal, as written. */
const wording: Readonly<Record<string, string>> = {
  allow: 'GET',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
}

describe.each(examples)('a request to examples/%s', (name) => {
  const byNode = name === 'echo-node-http.mjs'
  let server: Host
  beforeAll(async () => {
    server = await startExample(name)
  })
  afterEach(() => expectGoodService(server.port))
  afterAll(() => server.stop())

  /** Everything received until the server ends TCP. */
  async function answerTo(bytes: Uint8Array, pace = paces[0]): Promise<Buffer> {
    const peer = await RawPeer.connect(server.port)
    await peer.send(bytes, pace)
    return peer.rest()
  }

  test.each(cases.map((each) => [each.title, each.status, each] as const))('%s: %s', async (_, status, each) => {
    const { changes, line, fields = {}, says = '' } = each
    for (const pace of paces) {
      const response = parseResponse(await answerTo(openingHead(server.port, changes, line), pace))
      expect(response.status).toBe(status)
      for (const [field, value] of Object.entries(fields)) expect(response.headers.get(field)).toBe(value)
      expect(Buffer.from(response.body, 'latin1').toString()).toContain(says)
      expect(response.headers.get('content-length') ?? String(response.body.length)).toBe(String(response.body.length))
    }
  })

  // Node itself answers requests that its parser refuses; in the cases of garbage below the bad byte is the last one.
  const mine = faultyRequests.filter((vector) => !(byNode && isNodes(vector)))
  test.each(mine)('$title: $status', async ({ bytes, status, fields, reference }) => {
    for (const pace of paces) {
      const response = parseResponse(await answerTo(forLocalhost(bytes), pace))
      expect(Number(response.status.slice(0, 3))).toBe(status)
      expect(response.headers.get('connection')).toBe(status === 426 ? 'Upgrade, close' : 'close')
      for (const name of fields) expect(response.headers.get(name.toLowerCase())).toBe(wording[name.toLowerCase()])
      expect(Buffer.from(response.body, 'latin1').toString()).toContain(unreadable[reference] ?? reference)
    }
  })

  test.each([
    ['the first supported one of several protocols', { upgrade: 'foo/2, WebSocket' }],
    ['a Connection with more options', { connection: 'keep-alive, UPGRADE' }],
    ['no Origin', { origin: undefined }],
    ['its own Origin', {}],
  ])('opens with %s', async (_, changes: Record<string, string | undefined>) => {
    for (const pace of paces) {
      const peer = await RawPeer.connect(server.port)
      const origin = `http://127.0.0.1:${server.port}`
      await peer.send(openingHead(server.port, { origin, ...changes }), pace)
      await peer.expectOpen()
      peer.socket.destroy()
    }
  })

  // Node treats it as a request without an upgrade.
  test(`Upgrade without Connection: upgrade: ${byNode ? 'plain HTTP, as Node does it' : '400'}`, async () => {
    for (const pace of paces) {
      const response = parseResponse(await answerTo(openingHead(server.port, { connection: 'close' }), pace))
      expect(response.status).toBe(byNode ? '200 OK' : BAD_REQUEST)
    }
  })

  // The bad byte is the last one in each: Node destroys the socket at that byte, and later bytes would reset TCP.
  test.each([
    ['the first byte of a TLS hello', '\x16'],
    ['an empty method', ' '],
    ['a control character in a value', 'GET / HTTP/1.1\r\nHost: a\0'],
    ['white space before a colon', 'GET / HTTP/1.1\r\nHost '],
    ['a CR that nothing follows', 'GET / HTTP/1.1\r\nHost: a\rb'],
  ])('garbage, %s: 400', async (_, garbage) => {
    for (const pace of paces) {
      const response = parseResponse(await answerTo(Buffer.from(garbage, 'latin1'), pace))
      expect(response.status).toBe(BAD_REQUEST)
      expect(response.headers.get('connection')).toBe('close')
    }
  })

  test('garbage in one piece, a whole TLS hello: 400', async () => {
    const hello = Buffer.from('160301006501000061030300', 'hex')
    expect(parseResponse(await answerTo(Buffer.concat([hello, Buffer.alloc(93)]))).status).toBe(BAD_REQUEST)
  })

  // Node treats the preface as a separate kind of error.
  test(`HTTP/2 without asking: ${byNode ? '400, by Node' : '505'}`, async () => {
    const response = parseResponse(await answerTo(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')))
    expect(response.status).toBe(byNode ? BAD_REQUEST : '505 HTTP Version Not Supported')
  })

  // Node itself answers.
  test(`a head that ends in the middle: ${byNode ? '400, by Node' : 'ended without a word'}`, async () => {
    for (const pace of paces) {
      const peer = await RawPeer.connect(server.port)
      await peer.send(openingHead(server.port).subarray(0, 60), pace)
      peer.socket.end()
      const answer = await peer.rest()
      if (byNode) expect(parseResponse(answer).status).toBe(BAD_REQUEST)
      else expect(answer.length).toBe(0)
    }
  })
})
