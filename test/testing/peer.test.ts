import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { acceptSocket, connectSocket, Endpoint } from '../../src/adapters/node/index.ts'
import { zlib } from '../../src/codec/zlib.ts'
import { permessageDeflate } from '../../src/deflate/extension.ts'
import { offerHandshake } from '../../src/handshake/offer.ts'
import { memoryPair } from '../../src/testing/memory-pair.ts'
import { acceptPeer, openPeer } from '../../src/testing/open-peer.ts'
import type { TestPeer } from '../../src/testing/peer.ts'
import { scriptedServer } from '../../src/testing/scripted-server.ts'
import { quickTimers } from './quick-timers.ts'

/** Two peers, connected in memory. */
async function pair(): Promise<[client: TestPeer, server: TestPeer]> {
  const timers = quickTimers()
  const [near, far] = memoryPair({ timers })
  return Promise.all([openPeer(near, { timers }), acceptPeer(far, { timers })])
}

const echo = () => new Endpoint({ message: (peer, data) => void peer.send(data) })

describe('a peer', () => {
  test('exchanges messages, a ping, the Close and the end with our own server', async () => {
    const [near, far] = memoryPair()
    acceptSocket(echo(), far)
    const peer = await openPeer(near)
    expect(peer.role).toBe('client')
    expect(peer.response?.status).toBe(101)
    await peer.send(
      { opcode: 1, payload: 'Hello' },
      { opcode: 2, payload: Uint8Array.of(1) },
      { opcode: 9, payload: 'x' },
    )
    expect(await peer.message()).toEqual({ type: 'text', data: 'Hello' })
    expect(await peer.message()).toEqual({ type: 'binary', data: Uint8Array.of(1) })
    expect(await peer.pong()).toEqual(Uint8Array.of(0x78))
    expect(await peer.close(1000, 'bye')).toEqual({ code: 1000, reason: '' })
    expect(await peer.ended()).toBe('fin')
  })

  test('exchanges messages with our own client', async () => {
    const [near, far] = memoryPair()
    const opened = connectSocket(echo(), near, offerHandshake('ws://localhost/chat?x'))
    const peer = await acceptPeer(far)
    await opened
    expect(peer.request?.target).toBe('/chat?x')
    await peer.send({ opcode: 1, fin: false, payload: 'Hel' }, { opcode: 0, payload: 'lo' })
    expect(await peer.message()).toEqual({ type: 'text', data: 'Hello' })
    expect(await peer.close()).toEqual({ code: 1005, reason: '' })
    expect(await peer.ended()).toBe('fin')
  })

  test('sends any bytes in any chunks', async () => {
    const [client, server] = await pair()
    await client.sendBytes(Uint8Array.of(0x81, 0x81, 0, 0, 0, 0, 0x61), 'bytes')
    expect(await server.message()).toEqual({ type: 'text', data: 'a' })
    client.destroy()
  })

  test('masks as the role requires, or as the frame sets', async () => {
    const [client, server] = await pair()
    const maskKey = Uint8Array.of(1, 2, 3, 4)
    await client.send({ opcode: 9 }, { opcode: 9, maskKey })
    expect((await server.frame()).maskKey).toHaveLength(4)
    expect((await server.frame()).maskKey).toEqual(maskKey)
    await server.send({ opcode: 9 })
    expect((await client.frame()).maskKey).toBeUndefined()
    await client.send({ opcode: 9, maskKey: undefined })
    await expect(server.frame()).rejects.toThrow(
      'waited for a frame: It broke RFC 6455 §5.1: unmasked frame from a client, at byte 12.',
    )
  })

  test('returns frames, messages and pongs each in order, independently of each other', async () => {
    const [client, server] = await pair()
    await server.send({ opcode: 10, payload: 'p' }, { opcode: 1, payload: 'm' }, { opcode: 8 })
    expect(await client.closed()).toEqual({ code: 1005, reason: '' })
    expect(await client.message()).toEqual({ type: 'text', data: 'm' })
    expect(await client.pong()).toEqual(Uint8Array.of(0x70))
    expect([(await client.frame()).opcode, (await client.frame()).opcode, (await client.frame()).opcode]).toEqual([
      10, 1, 8,
    ])
    client.destroy()
  })

  test('answers nothing automatically', async () => {
    const [client, server] = await pair()
    await server.send({ opcode: 9 }, { opcode: 8 })
    await client.closed()
    await client.send({ opcode: 2 })
    expect((await server.frame()).opcode).toBe(2)
    server.destroy()
  })

  test('resets and ends the transport', async () => {
    const [client, server] = await pair()
    server.reset()
    expect(await client.ended()).toBe('reset')
    const [other, end] = await pair()
    end.end()
    expect(await other.ended()).toBe('fin')
    other.destroy()
  })

  test('inflates compressed messages with a codec', async () => {
    const [near, far] = memoryPair()
    const extensions = [permessageDeflate({ codec: zlib, threshold: 0 })]
    acceptSocket(new Endpoint({ extensions, message: (peer, data) => void peer.send(data) }), far)
    const fields = { 'Sec-WebSocket-Extensions': 'permessage-deflate' }
    const peer = await openPeer(near, { fields, codec: zlib })
    await peer.send({ opcode: 1, payload: 'Hello Hello Hello' })
    expect(await peer.message()).toEqual({ type: 'text', data: 'Hello Hello Hello' })
    expect((await peer.frame()).rsv).toBe(4)
    await peer.close(1000)
  })
})

describe('waits that fail', () => {
  test('reports silence with the input so far, and destroys the transport', async () => {
    const [client, server] = await pair()
    await server.send({ opcode: 10, payload: 'x' }, { opcode: 1, payload: 'y' })
    await expect(client.closed({ timeout: 300 })).rejects.toThrow(
      'waited 300 ms for a Close; so far it sent the text "y", then a pong "x"',
    )
    expect(await server.ended()).toBe('fin')
  })

  test('reports a Close or the end that arrives first', async () => {
    const [client, server] = await pair()
    await server.send({ opcode: 8, payload: Uint8Array.of(3, 0xea, 0x78) })
    await expect(client.message()).rejects.toThrow('waited for a message, but it sent a Close with 1002 "x"')
    const [other, end] = await pair()
    end.end()
    await expect(other.pong()).rejects.toThrow('waited for a pong, but it ended the connection')
  })

  test('wrong options', async () => {
    const [client] = await pair()
    await expect(client.frame({ timeOut: 1 } as object)).rejects.toThrow('did you mean `timeout`?')
    await expect(client.frame({ timeout: -1 })).rejects.toThrow(RangeError)
    await expect(client.close(1005)).rejects.toThrow(RangeError)
    client.destroy()
  })
})

describe('openings that fail', () => {
  const answers = (text: string) => {
    const timers = quickTimers()
    const [near, far] = memoryPair({ timers })
    far.resume()
    far.on('error', () => {})
    far.write(Buffer.from(text, 'latin1'))
    return { near, far, timers }
  }

  test.each([
    ['HTTP/1.1 403 Forbidden\r\n\r\n', 'expected status 101, but the server answered 403 "Forbidden"'],
    [
      'HTTP/1.1 101 x\r\nUpgrade: h2c\r\n\r\n',
      'the response breaks RFC 6455 §4.1: Upgrade is "h2c", expected websocket',
    ],
    ['SMTP\r\n', 'waited for a response: It sent a head that breaks RFC 9112 §4'],
    ['HTTP/1.1', 'waited 2000 ms for a response; 8 bytes arrived'],
  ])('of openPeer: %j', async (text, message) => {
    const { near, timers } = answers(text)
    await expect(openPeer(near, { timers })).rejects.toThrow(message)
    expect(near.destroyed).toBe(true)
  })

  test.each([
    ['GET / HTTP/1.1\r\nHost: a\r\n\r\n', 'the request breaks RFC 6455 §4.2.1'],
    ['', 'waited 2000 ms for a request; 0 bytes arrived'],
  ])('of acceptPeer: %j', async (text, message) => {
    const { near, timers } = answers(text)
    await expect(acceptPeer(near, { timers })).rejects.toThrow(message)
    expect(near.destroyed).toBe(true)
  })

  test('report ends and resets', async () => {
    const one = answers('HTTP')
    one.far.end()
    await expect(openPeer(one.near)).rejects.toThrow(
      'waited for a response, but the connection was ended after 4 bytes',
    )
    const other = answers('')
    other.far.resetAndDestroy()
    await expect(acceptPeer(other.near)).rejects.toThrow(
      'waited for a request, but the connection was reset after 0 bytes',
    )
  })

  test('wrong options', async () => {
    const [near] = memoryPair()
    await expect(openPeer(near, { url: 'nowhere' })).rejects.toThrow('`url` must be a URL such as ws://localhost:8080/')
    await expect(openPeer(near, { line: '' } as object)).rejects.toThrow(TypeError)
    await expect(acceptPeer(near, { timeout: -1 })).rejects.toThrow(RangeError)
  })
})

test('puts URL, subprotocols and changes into the request', async () => {
  const [near, far] = memoryPair()
  const url = 'ws://example.com:81/a?b'
  const opened = openPeer(near, { url, subprotocols: ['chat', 'talk'], fields: { Origin: 'http://a' } })
  const server = await acceptPeer(far)
  const headers = new Map(server.request?.headers)
  expect(server.request?.target).toBe('/a?b')
  expect([headers.get('Host'), headers.get('Sec-WebSocket-Protocol'), headers.get('Origin')]).toEqual([
    'example.com:81',
    'chat, talk',
    'http://a',
  ])
  const client = await opened
  expect(new Map(client.response?.headers).get('Sec-WebSocket-Protocol')).toBe('chat')
  client.destroy()
})

test('sends a response that is wrong on purpose', async () => {
  const [near, far] = memoryPair()
  const refused = connectSocket(echo(), near, offerHandshake('ws://localhost/'))
  const peer = await acceptPeer(far, { line: 'HTTP/1.1 404 Not Found', fields: { Upgrade: null } })
  expect(peer.response?.status).toBe(404)
  await expect(refused).rejects.toThrow('404')
  await peer.ended()
  peer.destroy()
})

describe('a scripted server', () => {
  test('runs its script for each connection over TCP', async () => {
    const server = scriptedServer(async (peer) => {
      await peer.send({ opcode: 1, payload: peer.request?.target ?? '' })
      await peer.close(1001)
    })
    const tcp = createServer(server.handle).listen(0)
    onTestFinished(() => void tcp.close())
    await once(tcp, 'listening')
    const { port } = tcp.address() as AddressInfo
    const log: unknown[] = []
    const endpoint = new Endpoint({ message: (_, data) => log.push(data), close: (_, { code }) => log.push(code) })
    for (const path of ['/a', '/b']) {
      await connectSocket(endpoint, connect(port), offerHandshake(`ws://localhost:${port}${path}`))
      await server.finished(path === '/a' ? 1 : 2)
    }
    expect(log).toEqual(['/a', 1001, '/b', 1001])
  })

  test('rejects with the first error of a script or an opening', async () => {
    const [near, far] = memoryPair()
    const server = scriptedServer(() => {
      throw new Error('as scripted')
    })
    server.handle(far)
    await openPeer(near)
    await expect(server.finished()).rejects.toThrow('as scripted')
    const [silent, end] = memoryPair()
    const other = scriptedServer(() => {})
    other.handle(end)
    silent.end()
    await expect(other.finished()).rejects.toThrow('waited for a request')
  })

  test('rejects if no client connects', async () => {
    const server = scriptedServer(() => {}, { timers: quickTimers() })
    await expect(server.finished()).rejects.toThrow('waited 2000 ms for a client; there have been 0 of 1 connection')
    expect(() => scriptedServer(1 as never)).toThrow(TypeError)
    expect(() => scriptedServer(() => {}, { lines: '' } as object)).toThrow('did you mean `line`?')
  })
})
