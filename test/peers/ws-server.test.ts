/** Our client with a `ws` server: messages of all sizes, pings, an end by either side, subprotocols. */

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Connection, ConnectionEvent } from '../../src/index.ts'
import { compression, madeUp } from './made-up.ts'
import { ask, open } from './ours.ts'
import { expectSame } from './standard.ts'
import { Inbox, MULTI_BYTE, patient, pattern, sizes, textOf, within } from './support.ts'

vi.setConfig(patient)

let server: WebSocketServer
let url: string
/** The server's ends of the connections, as they open. */
let ends: Inbox<WebSocket>

beforeAll(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: { clientMaxWindowBits: 11 } })
  await once(server, 'listening')
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
  ends = new Inbox()
  server.on('connection', (end) => {
    end.on('message', (data, binary) => end.send(data, { binary }))
    ends.push(end)
  })
})

afterAll(async () => {
  for (const end of server.clients) end.terminate()
  server.close()
  await within(once(server, 'close'), 'the server to close')
})

/** Both ends of a new connection. */
async function start(options?: Parameters<typeof open>[2]) {
  const inbox = new Inbox<ConnectionEvent>()
  const link = await open(url, inbox.push, options)
  const end = await ends.next('the server to accept')
  const act = (send: (connection: Connection) => void): void => {
    send(link.connection)
  }
  return { act, inbox, end, link }
}

async function nextData(inbox: Inbox<ConnectionEvent>): Promise<string | Uint8Array> {
  const event = await inbox.next()
  if (event.type === 'close') throw new Error(`closed with ${event.code}`, { cause: event.error })
  return event.data
}

describe('our client with a ws server', () => {
  test.each([[undefined], [1], [1000]])('gets messages of all sizes back, fragmentSize %s', async (fragmentSize) => {
    const { act, inbox } = await start({ fragmentSize })
    act((connection) => connection.sendText(`\uFEFF${MULTI_BYTE}`))
    expect(await nextData(inbox)).toBe(`\uFEFF${MULTI_BYTE}`)
    for (const size of sizes.filter((each) => each <= 1000 * (fragmentSize ?? Infinity))) {
      act((connection) => connection.sendText(textOf(size)))
      expectSame(await nextData(inbox), textOf(size))
      act((connection) => connection.sendBinary(pattern(size)))
      expectSame(await nextData(inbox), pattern(size))
    }
    act((connection) => connection.close(1000))
    expect(await inbox.next()).toMatchObject({ type: 'close', code: 1000, clean: true })
  })

  test('gets a pong for each ping, and answers the server’s pings', async () => {
    const { act, inbox, end } = await start()
    const data = pattern(125)
    act((connection) => {
      connection.ping('')
      connection.ping(data)
    })
    expect([await inbox.next(), await inbox.next()]).toEqual([
      { type: 'pong', data: new Uint8Array(0) },
      { type: 'pong', data },
    ])
    const pong = once(end, 'pong')
    end.ping('are you there?')
    expect(await inbox.next()).toEqual({ type: 'ping', data: new TextEncoder().encode('are you there?') })
    expect(String((await within(pong, 'a pong'))[0])).toBe('are you there?')
    act((connection) => connection.close(1000))
    expect(await inbox.next()).toMatchObject({ type: 'close', code: 1000, clean: true })
  })

  test.each([
    [1000, 'done'],
    [1001, 'going away, 再见'],
    [3000, ''],
    [4999, 'x'.repeat(123)],
  ])('closes with %s, and the server receives code and reason', async (code, reason) => {
    const { act, inbox, end, link } = await start()
    const closed = once(end, 'close')
    act((connection) => connection.close(code, reason))
    // ws answers with code and reason.
    const expected = { type: 'close', code, reason, sentCode: code, clean: true, by: 'local', error: undefined }
    expect(await inbox.next()).toEqual(expected)
    const [seenCode, seenReason] = await within(closed, 'the end')
    expect([seenCode, String(seenReason)]).toEqual([code, reason])
    expect(link.connection.state).toBe('closed')
  })

  test('closes without a code, and both report 1005', async () => {
    const { act, inbox, end } = await start()
    const closed = once(end, 'close')
    act((connection) => connection.close())
    const expected = {
      type: 'close',
      code: 1005,
      reason: '',
      sentCode: 1005,
      clean: true,
      by: 'local',
      error: undefined,
    }
    expect(await inbox.next()).toEqual(expected)
    expect((await within(closed, 'the end'))[0]).toBe(1005)
  })

  test.each([
    [1000, 'done'],
    [1001, 'restart, 再见'],
    [3000, 'x'.repeat(123)],
    [4999, ''],
    [undefined, ''],
  ])(
    'receives code %s and the reason when the server closes first, and answers with the code',
    async (code, reason) => {
      const { inbox, end } = await start()
      const closed = once(end, 'close')
      end.close(code, reason)
      const expected = {
        type: 'close',
        code: code ?? 1005,
        reason,
        sentCode: code ?? 1005,
        clean: true,
        by: 'remote',
        error: undefined,
      }
      expect(await inbox.next()).toEqual(expected)
      const [seenCode, seenReason] = await within(closed, 'the end')
      expect([seenCode, String(seenReason)]).toEqual([code ?? 1005, ''])
    },
  )

  test('reports a server that cuts the connection as a 1006', async () => {
    const { inbox, end } = await start()
    end.terminate()
    const expected = { type: 'close', code: 1006, reason: '', clean: false, by: 'transport', error: undefined }
    expect(await inbox.next()).toEqual(expected)
  })

  test('sends nothing after its Close, and a late call is not an error', async () => {
    const { act, inbox, end } = await start()
    const got: string[] = []
    end.on('message', (data) => got.push(String(data)))
    const closed = once(end, 'close')
    act((connection) => {
      expect(connection.sendText('before')).toBe(true)
      expect(connection.close(1000)).toBe(true)
      expect(connection.sendText('after')).toBe(false)
    })
    await within(closed, 'the end')
    expect(got).toEqual(['before'])
    expect(await nextData(inbox)).toBe('before')
  })

  test('gets the first of its subprotocols', async () => {
    const { link, end, act, inbox } = await start({ subprotocols: ['chat.v2', 'chat.v1'] })
    expect([link.subprotocol, end.protocol]).toEqual(['chat.v2', 'chat.v2'])
    act((connection) => connection.close(1000))
    expect(await inbox.next()).toMatchObject({ type: 'close', code: 1000, clean: true })
  })

  test('gets none of its subprotocols from a server that supports none', async () => {
    server.options.handleProtocols = () => false
    const { link, end, act, inbox } = await start({ subprotocols: ['chat.v2', 'chat.v1'] })
    delete server.options.handleProtocols
    expect([link.subprotocol, end.protocol]).toEqual([undefined, ''])
    act((connection) => connection.close(1000))
    expect(await inbox.next()).toMatchObject({ type: 'close', code: 1000, clean: true })
  })

  test('has extensions that the server does not know declined', async () => {
    const { end, act, inbox } = await start({ extensions: [madeUp('x-unknown'), madeUp('x-unheard-of')] })
    expect(end.extensions).toBe('')
    act((connection) => connection.sendText('nothing has changed'))
    expect(await nextData(inbox)).toBe('nothing has changed')
    act((connection) => connection.close(1000))
    expect(await inbox.next()).toMatchObject({ type: 'close', code: 1000, clean: true })
  })

  test('gets the second alternative of the compression that it offers', async () => {
    const deflate = compression(
      { server_max_window_bits: 12 },
      { server_max_window_bits: 12, client_max_window_bits: true },
    )
    const answer = await ask(url, { extensions: [deflate] })
    const params = [
      ['server_max_window_bits', '12'],
      ['client_max_window_bits', '11'],
    ]
    const extensions = [{ name: 'permessage-deflate', params }]
    expect(answer).toEqual({ ok: true, version: 13, subprotocol: undefined, extensions })
    expect((await ends.next('the server to accept')).extensions).toBe('permessage-deflate')
  })
})
