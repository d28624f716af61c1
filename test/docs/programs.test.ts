/**
 * Runs the whole programs of the guides as they are written, on the built package and against `ws`. Files beside this one
 * (`programs-*.test.ts`) run those of other guides.
 *
 * @module
 */

import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, test, vi } from 'vitest'
import type { WebSocket } from 'ws'
import { patient, within } from '../peers/support.ts'
import { echoServer, ended, open, portOf, programs, said, serve, start, statusOf, stopLater } from './guide-programs.ts'
import { read } from './snippets.ts'

vi.setConfig(patient)

const files = readdirSync(new URL('.', import.meta.url)).filter((name) => /^programs.*\.test\.ts$/.test(name))
const tests = files.map((name) => read(`test/docs/${name}`)).join('\n')

test.each([...programs.keys()].filter((name) => name.startsWith('docs/')))('%s is run by a test', (name) => {
  expect(tests).toContain(`'${name}'`)
})

test('transport.md echoes, and ends cleanly', async () => {
  const [port, program] = await serve('docs/transport.md: Writing a transport')
  const socket = await open(`ws://127.0.0.1:${port}`)
  socket.send('Käse')
  expect(await said(socket)).toBe('Käse')
  const ends = ended(socket)
  socket.close(1000, 'bye')
  expect(await ends).toBe('1000')
  expect(await statusOf(`ws://127.0.0.1:${port}`, { origin: 'https://elsewhere.example' })).toBe(403)
  await program.stop()
})

test('server.md chats, refuses, and shuts down', async () => {
  const [port, program] = await serve('docs/server.md: A server')
  const url = `ws://127.0.0.1:${port}`
  const [one, two] = await Promise.all([open(`${url}/chat`, ['chat.v1']), open(`${url}/chat`)])
  expect([one.protocol, two.protocol]).toEqual(['chat.v1', ''])
  one.send('hello, all')
  expect(await Promise.all([said(one), said(two)])).toEqual(['hello, all', 'hello, all'])
  expect(await statusOf(`${url}/elsewhere`)).toBe(404)
  expect(await statusOf(`${url}/chat`, { origin: 'https://elsewhere.example' })).toBe(403)
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('plain http\n')
  const [oneEnds, twoEnds] = [ended(one), ended(two)]
  two.send(Uint8Array.of(1))
  expect(await twoEnds).toBe('1003 text only')
  program.child.kill('SIGTERM')
  expect(await oneEnds).toBe('1001 restart')
  expect(await within(program.exited, 'the server to exit')).toEqual([0, null])
})

test('node.md authenticates, waits for slow readers, and shuts down', async () => {
  const [port, program] = await serve('docs/node.md: The Node adapter')
  const url = `ws://127.0.0.1:${port}`
  expect(await statusOf(url)).toBe(401)
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('plain http\n')
  const headers = { authorization: 'Bearer open-sesame' }
  const [reader, other] = [await open(url, { headers }), await open(url, { headers })]
  let got = 0
  reader.on('message', (data) => {
    got++
    expect(String(data)).toBe(`${got} for Ali`)
  })
  const readerEnds = ended(reader)
  reader.send('20000')
  expect(await readerEnds).toBe('1000 done')
  expect(got).toBe(20_000)
  const otherEnds = ended(other)
  program.child.kill('SIGTERM')
  expect(await otherEnds).toBe('1001')
  expect(await within(program.exited, 'the server to exit')).toEqual([0, null])
})

test('client.md follows a redirect, sends and receives, and ends', async () => {
  const server = await echoServer({ perMessageDeflate: { threshold: 0 }, handleProtocols: () => 'chat.v1' })
  const moved = createServer().on('upgrade', (_, socket) =>
    socket.end(`HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:${portOf(server)}/\r\nContent-Length: 0\r\n\r\n`),
  )
  await once(moved.listen(0, '127.0.0.1'), 'listening')
  stopLater(() => moved.close())
  const { child, exited } = start('docs/client.md: A client', {
    'ws://localhost:8080/': `ws://127.0.0.1:${(moved.address() as AddressInfo).port}/`,
  })
  const [output] = await within(Promise.all([text(child.stdout), exited]), 'the client to exit')
  expect(output).toBe('Hello\n1000 true\n')
})

describe('proxies.md', () => {
  test('carries messages, pings, subprotocols and close codes', async () => {
    const upstream = await echoServer({ handleProtocols: () => 'b' })
    const asked: string[] = []
    upstream.on('connection', (_, { url, headers }) =>
      asked.push([url, headers.host, headers.cookie, headers['x-forwarded-for'], headers.via].join(' ')),
    )
    const [port, program] = await serve('docs/proxies.md: Proxies', {
      '127.0.0.1:9000': `127.0.0.1:${portOf(upstream)}`,
    })
    const socket = await open(`ws://127.0.0.1:${port}/a?b`, ['a', 'b'], { headers: { cookie: 'c=d' } })
    expect(socket.protocol).toBe('b')
    expect(asked).toEqual([expect.stringMatching(`^/a\\?b 127.0.0.1:${port} c=d 127.0.0.1 1.1 proxy-\\S+$`)])
    socket.send('x'.repeat(200_000))
    expect(await said(socket)).toHaveLength(200_000)
    socket.ping('there?')
    expect(String((await within(once(socket, 'pong'), 'a pong'))[0])).toBe('there?')
    const [backend] = upstream.clients
    const ends = [backend as WebSocket, socket].map(ended)
    socket.close(4001, 'moved')
    // The proxy passes on code and reason, and answers the client as the ws server does.
    expect(await Promise.all(ends)).toEqual(['4001 moved', '4001 moved'])
    await program.stop()
  })

  test('leaves origins to the backend, and replaces Host by the host of a target', async () => {
    const upstream = await echoServer({
      verifyClient: ({ req, origin }, decide) =>
        decide(origin !== 'https://evil.example', 403, String(req.headers.host)),
    })
    const [port, program] = await serve('docs/proxies.md: Proxies', {
      '127.0.0.1:9000': `127.0.0.1:${portOf(upstream)}`,
    })
    await open(`ws://127.0.0.1:${port}/`, { origin: 'https://app.example' })
    expect(await statusOf(`ws://127.0.0.1:${port}/`, { origin: 'https://evil.example' })).toBe(403)
    const asked: string[] = []
    upstream.on('connection', (_, { url, headers }) => asked.push(`${url} ${headers.host}`))
    for (const target of ['http://b.example/p', 'http://a%00.example?q', '//b.example/p']) {
      const socket = connect(port, '127.0.0.1')
      stopLater(() => socket.destroy())
      const lines = [`GET ${target} HTTP/1.1`, 'Host: a', 'Upgrade: websocket', 'Connection: Upgrade']
      socket.write(
        [...lines, 'Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${'A'.repeat(22)}==`, '', ''].join('\r\n'),
      )
      expect(String((await within(once(socket, 'data'), target))[0])).toMatch(/^HTTP\/1\.1 101 /)
      socket.destroy()
    }
    expect(asked).toEqual(['/p b.example', '/?q a%00.example', '//b.example/p a'])
    await program.stop()
  })

  test('answers 504 for a backend that does not answer, and plain requests with the protocol', async () => {
    const silent = createTcpServer((socket) => void socket.on('error', () => {}).resume()).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    stopLater(() => silent.close())
    const [port, program] = await serve('docs/proxies.md: Proxies', {
      '127.0.0.1:9000': `127.0.0.1:${(silent.address() as AddressInfo).port}`,
    })
    expect(await statusOf(`ws://127.0.0.1:${port}/`)).toBe(504)
    const plain = connect(port, '127.0.0.1').end('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(await text(plain)).toMatch(/^HTTP\/1\.1 426 .*Upgrade: websocket\r\n/is)
    await program.stop()
  })

  test('reports what was lost', async () => {
    const upstream = await echoServer()
    const [port, program] = await serve('docs/proxies.md: Proxies', {
      '127.0.0.1:9000': `127.0.0.1:${portOf(upstream)}`,
    })
    const socket = await open(`ws://127.0.0.1:${port}/`)
    const ends = ended(socket)
    for (const backend of upstream.clients) backend.terminate()
    expect(await ends).toBe('1014')
    upstream.close()
    await once(upstream, 'close')
    expect(await statusOf(`ws://127.0.0.1:${port}/`)).toBe(502)
    await program.stop()
  })
})
