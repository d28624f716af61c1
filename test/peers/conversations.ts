/** Conversations that every scripted peer must be able to have with us, as client or server. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { madeUp } from './made-up.ts'
import { ask } from './ours.ts'
import {
  type Meet,
  meetServer,
  type OurServer,
  type Pair,
  type Puppet,
  type PuppetServer,
  startOurs,
} from './puppet.ts'
import { expectSame } from './standard.ts'
import { MULTI_BYTE, pattern, textOf } from './support.ts'

const messageSizes = [0, 1, 125, 126, 65_535, 65_536, 2 ** 17]
const messages: readonly (string | Uint8Array<ArrayBuffer>)[] = [
  MULTI_BYTE,
  `\uFEFF${MULTI_BYTE.repeat(3000)}`,
  ...messageSizes.flatMap((size) => [textOf(size), pattern(size)]),
]

/** The agreement on a made-up extension, as the peer reports it. */
const agreedLevel = [{ name: 'x-made-up', params: { level: 3 } }]
const toldLevel = ['x-made-up; level=3']

/** Sends a message from us and the same one from the peer. */
async function expectExchange(pair: Pair, message: string | Uint8Array<ArrayBuffer>): Promise<void> {
  const { theirs, events, act } = pair
  act((connection) => (typeof message === 'string' ? connection.sendText(message) : connection.sendBinary(message)))
  const report = await theirs.reports.next(`a message of ${message.length}`)
  expectSame('data' in report && report.data, message)
  theirs.order(typeof message === 'string' ? { type: 'text', data: message } : { type: 'binary', data: message })
  const event = await events.next(`a message of ${message.length}`)
  expect(event.type).toBe(typeof message === 'string' ? 'text' : 'binary')
  expectSame('data' in event && event.data, message)
}

/** We close cleanly. */
async function end({ theirs, events, act }: Pair): Promise<void> {
  act((connection) => connection.close(1000))
  expect(await events.next('our end')).toMatchObject({ type: 'close', code: 1000, clean: true, by: 'local' })
  expect(await theirs.reports.next('their end')).toEqual({ type: 'close', code: 1000, reason: '' })
}

/** Differences between the libraries. */
export interface Manners {
  /** The code of its answer to a Close without a code; 1005: none. */
  readonly emptyAnswer: 1000 | 1005
  /** Whether it can close without a code. */
  readonly closesEmpty: boolean
}

/** Defines tests of what either side can do; they call `meet`. */
function testConversations(meet: Meet, { emptyAnswer, closesEmpty }: Manners): void {
  test('exchanges text and binary messages, from empty to 128 KiB', async () => {
    const pair = await meet()
    for (const message of messages) await expectExchange(pair, message)
    await end(pair)
  })

  test('answers pings on both sides', async () => {
    const pair = await meet()
    const { theirs, events, act } = pair
    for (const data of [new Uint8Array(0), pattern(125)]) {
      act((connection) => connection.ping(data))
      expect(await events.next('a pong')).toEqual({ type: 'pong', data })
    }
    const data = 'are you there? 再见'
    theirs.order({ type: 'ping', data })
    expect(await events.next('a ping')).toEqual({ type: 'ping', data: new TextEncoder().encode(data) })
    expect(await theirs.reports.next('a pong')).toEqual({ type: 'pong', data })
    await end(pair)
  })

  test.each([
    [1000, 'done'],
    [1001, 'going away, 再见'],
    [3000, ''],
    [4999, 'x'.repeat(123)],
  ])('receives code %i and the reason when we close, and answers with both', async (code, reason) => {
    const { theirs, events, act } = await meet()
    act((connection) => connection.close(code, reason))
    const expected = { type: 'close', code, reason, sentCode: code, clean: true, by: 'local', error: undefined }
    expect(await events.next('our end')).toEqual(expected)
    expect(await theirs.reports.next('their end')).toEqual({ type: 'close', code, reason })
  })

  test.each([
    [1000, 'done'],
    [1001, 'restart, 再见'],
    [3000, 'x'.repeat(123)],
    [4999, ''],
  ])('sends us code %i and the reason when it closes, and receives the code in return', async (code, reason) => {
    const { theirs, events } = await meet()
    theirs.order({ type: 'close', code, reason })
    const expected = { type: 'close', code, reason, sentCode: code, clean: true, by: 'remote', error: undefined }
    expect(await events.next('our end')).toEqual(expected)
    expect(await theirs.reports.next('their end')).toEqual({ type: 'close', code, reason: '' })
  })

  test(`answers ${emptyAnswer} to our Close without a code`, async () => {
    const { theirs, events, act } = await meet()
    act((connection) => connection.close())
    const expected = {
      type: 'close',
      code: emptyAnswer,
      reason: '',
      sentCode: 1005,
      clean: true,
      by: 'local',
      error: undefined,
    }
    expect(await events.next('our end')).toEqual(expected)
    expect(await theirs.reports.next('their end')).toEqual({ type: 'close', code: emptyAnswer, reason: '' })
  })

  if (closesEmpty)
    test('closes without a code, and is answered without one', async () => {
      const { theirs, events } = await meet()
      theirs.order({ type: 'close' })
      const expected = {
        type: 'close',
        code: 1005,
        reason: '',
        sentCode: 1005,
        clean: true,
        by: 'remote',
        error: undefined,
      }
      expect(await events.next('our end')).toEqual(expected)
      expect(await theirs.reports.next('their end')).toEqual({ type: 'close', code: 1005, reason: '' })
    })

  test.each([
    ['the first of several', ['chat.v3', 'chat.v2', 'chat.v1'], 'chat.v2'],
    ['the only one', ['chat.v1'], 'chat.v1'],
    ['none if none is offered', [], undefined],
    ['none if none is in common', ['chat.v3', 'chat.v4'], undefined],
  ])('agrees on a subprotocol: %s', async (_, offered, agreed) => {
    const pair = await meet(offered)
    expect(pair.subprotocol).toBe(agreed)
    expect(pair.opened).toEqual({ type: 'open', subprotocol: agreed ?? null, extensions: [] })
    await expectExchange(pair, 'agreed')
    await end(pair)
  })
}

/** Defines all tests of a client; `offers` is what it offers by default. */
export function testClient(start: () => Puppet, offers: string, manners: Manners): void {
  let server: OurServer
  let demanding: OurServer
  let client: Puppet
  beforeAll(async () => {
    server = await startOurs({ subprotocols: ['chat.v1', 'chat.v2'] })
    const extensions = [madeUp('x-made-up')]
    demanding = await startOurs({ subprotocols: ['chat.v1'], requireSubprotocol: true, extensions })
    client = start()
  })
  afterAll(() => Promise.all([client, server, demanding].map((each) => each.stop())))

  testConversations((subprotocols) => server.meet(client, subprotocols), manners)

  test('has all its extension offers declined, including compression', async () => {
    const pair = await server.meet(client)
    expect(server.granted.at(-1)).toEqual({ offers: [offers], agreed: [] })
    expect(pair.opened).toEqual({ type: 'open', subprotocol: null, extensions: [] })
    await expectExchange(pair, 'a'.repeat(1000))
    await end(pair)
  })

  test('agrees on a subprotocol, an extension and its parameters', async () => {
    const pair = await demanding.meet(client, ['chat.v1'])
    expect(pair.opened).toEqual({ type: 'open', subprotocol: 'chat.v1', extensions: toldLevel })
    await end(pair)
    expect(demanding.granted).toEqual([{ offers: [offers], agreed: agreedLevel }])
  })

  test('is refused with 400 if it does not support the required subprotocol', async () => {
    client.order({ type: 'open', url: demanding.url, subprotocols: ['chat.v3'], headers: {} })
    expect(await client.reports.next('a refusal')).toEqual({ type: 'refused', status: 400 })
  })

  test.each([
    [400, 'for a body', { 'Content-Length': '5' }],
    [403, 'for another origin', { Origin: 'http://evil.example' }],
  ])('is refused with %i %s', async (status, _, headers) => {
    client.order({ type: 'open', url: server.url, subprotocols: [], headers: headers as Record<string, string> })
    expect(await client.reports.next('a refusal')).toEqual({ type: 'refused', status })
  })

  test('is accepted from a page of the server', async () => {
    const pair = await server.meet(client, [], { Origin: `http://127.0.0.1:${server.port}` })
    expect(pair.opened).toEqual({ type: 'open', subprotocol: null, extensions: [] })
    await end(pair)
  })
}

/** Defines the tests that all servers share, and then `more` of them. */
export function testServer(
  start: () => Promise<PuppetServer>,
  manners: Manners,
  more: (server: () => PuppetServer) => void,
): void {
  let server: PuppetServer
  beforeAll(async () => {
    server = await start()
  })
  afterAll(() => server.stop())

  testConversations((subprotocols = []) => meetServer(server, { subprotocols }), manners)

  test('declines unknown extensions', async () => {
    const pair = await meetServer(server, { extensions: [madeUp('x-unknown'), madeUp('x-unheard-of')] })
    expect(pair.opened).toEqual({ type: 'open', subprotocol: null, extensions: [] })
    await expectExchange(pair, 'nothing has changed')
    await end(pair)
  })

  test('accepts the second alternative of an extension, and agrees on its parameters', async () => {
    const answer = await ask(server.url, { extensions: [madeUp('x-unknown'), madeUp('x-made-up')] })
    expect(answer).toEqual({ ok: true, version: 13, subprotocol: undefined, extensions: agreedLevel })
    await expectBrief(server, null, toldLevel)
  })

  more(() => server)
}

/** The peer's report of a connection that ended with the handshake. */
export async function expectBrief(
  { reports }: Puppet,
  subprotocol: string | null,
  extensions: string[],
): Promise<void> {
  expect(await reports.next('the peer to open')).toEqual({ type: 'open', subprotocol, extensions })
  expect(await reports.next('its end')).toEqual({ type: 'close', code: 1006, reason: '' })
}
