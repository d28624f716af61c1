// acceptStream and openStream: heads in any pieces, refusals, agreements with their streams, and transports that end too early.
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { zlib } from '../../src/codec/zlib.ts'
import { parseResponseHead } from '../../src/http/index.ts'
import {
  type DefinedExtension,
  formatRequestHead,
  formatResponse,
  offerHandshake,
  permessageDeflate,
} from '../../src/index.ts'
import { acceptStream, messageStreams, openStream } from '../../src/streams/index.ts'
import { createRandom, within } from '../peers/support.ts'
import { concat, pattern } from '../wire.ts'
import { isPending, line, quiet, readAll, readBytes, rejection, released, writeAll } from './pipes.ts'

const unhandled: unknown[] = []
const note = (reason: unknown): void => void unhandled.push(reason)
beforeAll(() => void process.on('unhandledRejection', note))
afterAll(async () => {
  await quiet()
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})

const ascii = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(text, 'latin1'))
const offer = offerHandshake('ws://example.test/chat', { subprotocols: ['chat', 'other'] })
const request = formatRequestHead(offer.request)

/** A server's response to bytes and their end. */
async function accept(bytes: Uint8Array, options: Parameters<typeof acceptStream>[1] = {}) {
  const { client, server } = line()
  const sending = (async () => {
    const writer = client.writable.getWriter()
    await writer.write(bytes)
    await writer.close()
  })()
  const answer = readBytes(client.readable)
  const result = await within(acceptStream(server, options), 'an answer')
  return { result, answer: answer.then((all) => Buffer.from(all).toString('latin1')), sending, server }
}

/** A client's result for an answer. */
async function open(bytes: Uint8Array, end = true) {
  const { client, server } = line()
  const reader = server.readable.getReader()
  const writer = server.writable.getWriter()
  const result = openStream(client, offer)
  expect((await reader.read()).value).toEqual(request)
  // Other bytes that the client sends.
  reader.read().catch(() => {})
  const sending = (async () => {
    await writer.write(bytes)
    if (end) await writer.close()
  })().catch(() => {})
  return { result: await within(result, 'a result'), client, sending }
}

describe('a client and a server', () => {
  test.each([1, 2, 3, 4, 5])('agree on heads in any pieces, and exchange messages (%s)', async (seed) => {
    const { client, server } = line({ random: createRandom(seed) })
    const [opened, accepted] = await Promise.all([
      openStream(client, offer),
      acceptStream(server, { subprotocols: ['other', 'chat'] }),
    ])
    if (!opened.ok || !accepted.ok) throw new Error('refused')
    expect([opened.subprotocol, accepted.subprotocol]).toEqual(['chat', 'chat'])
    expect(accepted.offeredSubprotocols).toEqual(['chat', 'other'])
    expect(accepted.request).toMatchObject({ method: 'GET', target: '/chat' })
    expect(opened.response).toMatchObject({ status: 101 })
    const echoing = accepted.readable.pipeTo(accepted.writable)
    const reading = readAll(opened.readable)
    await writeAll(opened.writable, ['hello', pattern(100_000)])
    await opened.writable.close()
    await echoing
    expect(await reading).toEqual(['hello', pattern(100_000)])
    expect([(await opened.closed).code, (await accepted.closed).code]).toEqual([1000, 1000])
    await released(client)
    await released(server)
  })

  test('compress with one list of extensions on each side', async () => {
    const extensions: readonly DefinedExtension[] = [permessageDeflate({ codec: zlib, threshold: 0 })]
    const { client, server, toServer } = line()
    const [opened, accepted] = await Promise.all([
      openStream(client, offerHandshake('ws://example.test/', { extensions })),
      acceptStream(server, { extensions }),
    ])
    if (!opened.ok || !accepted.ok) throw new Error('refused')
    expect(opened.extensions.map(({ name }) => name)).toEqual(['permessage-deflate'])
    const before = toServer.passed
    const text = 'again and '.repeat(10_000)
    const reading = accepted.readable.getReader().read()
    await writeAll(opened.writable, [text])
    expect((await reading).value).toBe(text)
    expect(toServer.passed - before).toBeLessThan(1000)
  })

  test('messages in the same chunk as the 101 are read', async () => {
    const response = formatResponse({
      status: 101,
      headers: { upgrade: 'websocket', connection: 'Upgrade', 'sec-websocket-accept': acceptOf() },
    })
    const { result } = await open(concat(response, Uint8Array.of(0x81, 2, 0x68, 0x69, 0x88, 0)))
    if (!result.ok) throw result.errors[0]
    expect(await readAll(result.readable)).toEqual(['hi'])
    expect(await result.closed).toMatchObject({ code: 1005, clean: true })
  })
})

/** The answer of a server of `ws://example.test/chat`, created for the request because its key is random. */
function acceptOf(): string {
  const key = offer.key
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
}

describe('a server refuses', () => {
  test.each<[title: string, bytes: Uint8Array, status: number, isWebSocketRequest: boolean]>([
    ['plain HTTP', ascii('GET / HTTP/1.1\r\nHost: a\r\n\r\n'), 426, false],
    ['bytes other than HTTP', ascii('\x16\x03\x01 hello\r\n\r\n'), 400, true],
    ['a page of another origin', concat(request.subarray(0, -2), ascii('Origin: http://evil.test\r\n\r\n')), 403, true],
    ['a head that is too large', ascii(`GET / HTTP/1.1\r\nHost: a\r\n${'x: y\r\n'.repeat(2000)}`), 431, true],
    ['a head that ends too early', request.subarray(0, -1), 400, true],
    ['nothing at all', new Uint8Array(0), 400, true],
  ])('%s, and ends the transport', async (_, bytes, status, isWebSocketRequest) => {
    const { result, answer, server } = await accept(bytes, { limits: { maxHeadSize: 4096 } })
    expect(result).toMatchObject({ ok: false, isWebSocketRequest, response: { status } })
    // The heads that were read.
    expect(result.request?.method).toBe(status === 426 || status === 403 ? 'GET' : undefined)
    const head = parseResponseHead(ascii(await answer))
    expect(head?.head.status).toBe(status)
    expect(head?.head.headers.filter(([name]) => name === 'Connection').join()).toContain('close')
    await released(server)
  })

  test('a client that ends its direction early, and waits until it has taken the answer', async () => {
    const { client, server } = line()
    const accepting = acceptStream(server)
    const writer = client.writable.getWriter()
    await writer.write(ascii('GET / HTTP/1.1\r\nHost: a\r\n\r\n'))
    await writer.close()
    expect(await isPending(accepting)).toBe(true)
    const answer = await readBytes(client.readable)
    expect(Buffer.from(answer).toString()).toMatch(/^HTTP\/1\.1 426 /)
    expect(await within(accepting, 'a refusal')).toMatchObject({ ok: false, response: { status: 426 } })
    await released(server)
  })

  test('a head that never ends', async () => {
    const { client, server } = line()
    const writer = client.writable.getWriter()
    const sending = (async () => {
      await writer.write(ascii('GET / HTTP/1.1\r\n'))
      for (;;) await writer.write(ascii('a: b\r\n'.repeat(50)))
    })()
    const answer = client.readable.getReader().read()
    const result = await within(acceptStream(server), 'a refusal')
    expect(result).toMatchObject({ ok: false, isWebSocketRequest: true })
    expect(Buffer.from((await answer).value ?? []).toString()).toMatch(/^HTTP\/1\.1 431 /)
    // An endless head is truncated.
    await rejection(sending)
    await released(server)
  })

  test('a transport that fails, without rejecting', async () => {
    const { server, toServer } = line()
    const accepting = acceptStream(server)
    const cause = new Error('reset')
    toServer.fail(cause)
    const result = await within(accepting, 'a refusal')
    if (result.ok) throw new Error('accepted')
    expect(result.errors[0]).toMatchObject({ code: 'head-syntax', reference: 'RFC 9112 §8', offset: 0, cause })
    await released(server)
  })
})

describe('a client reports', () => {
  test.each<[title: string, bytes: Uint8Array, expected: object]>([
    ['a redirect', ascii('HTTP/1.1 302 Found\r\nLocation: /other\r\n\r\n'), { kind: 'redirect', status: 302 }],
    ['a refusal', ascii('HTTP/1.1 403 No\r\nContent-Length: 5\r\n\r\nbody!'), { status: 403 }],
    ['a wrong 101', ascii('HTTP/1.1 101 Yes\r\nUpgrade: foo\r\n\r\n'), { kind: 'invalid', status: 101 }],
    ['bytes other than HTTP', ascii('SSH-2.0-OpenSSH_9.9\r\n'), { kind: 'invalid', status: undefined }],
    ['an answer that is cut short', ascii('HTTP/1.1 101 Yes\r\nUpgr'), { kind: 'invalid', status: undefined }],
    ['the end instead of an answer', new Uint8Array(0), { kind: 'invalid', status: undefined }],
  ])('%s', async (_, bytes, expected) => {
    const { result, client } = await open(bytes)
    expect(result).toMatchObject({ ok: false, ...expected })
    expect(result.response?.status).toBe((expected as { readonly status?: number }).status)
    await released(client)
  })

  test('why its transport failed, without rejecting', async () => {
    const { client, toServer } = line()
    const cause = new Error('refused')
    toServer.fail(cause)
    const opening = openStream(client, offer)
    // Only the outgoing direction has failed: the server's answer still counts.
    await quiet()
    const result = await Promise.race([opening, quiet()])
    expect(result === undefined || !result.ok).toBe(true)
  })
})

describe("the caller's mistakes", () => {
  test.each([
    ['a limit', { limits: { maxMessageSize: -1 } }, RangeError],
    ['readAhead', { readAhead: -1 }, RangeError],
    ['readAhead', { readAhead: Number.NaN }, RangeError],
    ['fragmentSize', { fragmentSize: 0 }, RangeError],
  ])('%s is an error, and the transport is released', async (_, options, kind) => {
    for (const role of ['client', 'server'] as const) {
      const { client, server } = line()
      expect(() => messageStreams(server, { role, ...options })).toThrow(kind)
      expect(server.readable.locked || server.writable.locked).toBe(false)
      const writer = client.writable.getWriter()
      writer.write(request).catch(() => {})
      expect(await rejection(acceptStream(server, options))).toBeInstanceOf(kind)
      expect(server.readable.locked || server.writable.locked).toBe(false)
    }
  })

  test('a locked transport is an error', async () => {
    const { client, server } = line()
    server.writable.getWriter()
    expect(await rejection(acceptStream(server))).toBeInstanceOf(TypeError)
    expect(server.readable.locked).toBe(false)
    client.readable.getReader()
    expect(await rejection(openStream(client, offer))).toBeInstanceOf(TypeError)
  })

  test('an offer for HTTP/2, or none, is an error', async () => {
    const { client } = line()
    const http2 = offerHandshake('wss://example.test/', { httpVersion: '2' })
    expect(await rejection(openStream(client, http2))).toMatchObject({
      name: 'TypeError',
      message: 'openStream takes an offer for HTTP/1.1, not HTTP/2',
    })
    expect(await rejection(openStream(client, {} as never))).toBeInstanceOf(TypeError)
    expect(client.readable.locked || client.writable.locked).toBe(false)
  })

  test('an error thrown by a callback passes through', async () => {
    const { client, server } = line()
    client.writable
      .getWriter()
      .write(request)
      .catch(() => {})
    const cause = new Error('no luck')
    const subprotocols = (): never => {
      throw cause
    }
    expect(await rejection(acceptStream(server, { subprotocols }))).toBe(cause)
    // The streams can still be used directly.
    expect(server.writable.locked).toBe(false)
  })
})
