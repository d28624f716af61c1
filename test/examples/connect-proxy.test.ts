/**
 * The example CONNECT proxy: undici and curl through it, what it refuses, and that bytes after a refusal are ignored. Runs on the
 * built package.
 */

import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { promisify } from 'node:util'
import { ProxyAgent, WebSocket } from 'undici'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { echo, serve } from '../peers/ours.ts'
import { paces, parseResponse, RawPeer } from '../peers/raw.ts'
import { Client, expectEchoes } from '../peers/standard.ts'
import { type Host, Inbox, patient, pattern, startExample, within } from '../peers/support.ts'
import { long } from '../share.ts'

vi.setConfig(patient)

const MIBS = long ? 16 : 2
const ACCOUNT = 'Aladdin:open sesame'
const credentials = 'Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=='

/** All servers that the proxy may reach, and the proxy. */
let webSocket: Host
let http: Server
/** Passes its two ends to `ends`. */
let bytes: Server
let unused: number
let proxy: Host
let guarded: Host
const ends = new Inbox<Socket>()

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return portOf(server)
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

async function close(server: Server): Promise<void> {
  server.close()
  await within(once(server, 'close'), 'a server to close')
}

beforeAll(async () => {
  webSocket = await serve(echo)
  http = createHttpServer((request, response) => response.end(`${request.method} ${request.url}\n`))
  bytes = createServer({ allowHalfOpen: true }, (socket) => ends.push(socket.on('error', () => socket.destroy())))
  await Promise.all([listen(http), listen(bytes)])
  const nobody = createServer()
  unused = await listen(nobody)
  await close(nobody)
  const targets = [webSocket.port, portOf(http), portOf(bytes), unused].map((port) => `127.0.0.1:${port}`)
  targets.push(`[::1]:${unused}`)
  proxy = await startExample('connect-proxy.mjs', '', ...targets)
  guarded = await startExample('connect-proxy.mjs', ACCOUNT, ...targets)
})
afterAll(async () => {
  await proxy.stop()
  await guarded.stop()
  await webSocket.stop()
  await close(http)
  await close(bytes)
})

function asking(target: string, ...fields: readonly string[]): Buffer {
  return Buffer.from([`CONNECT ${target} HTTP/1.1`, `Host: ${target}`, ...fields, '', ''].join('\r\n'), 'latin1')
}

/** A tunnel to the byte server, with both ends. */
async function open(): Promise<{ peer: RawPeer; end: Socket }> {
  const peer = await RawPeer.connect(proxy.port)
  await peer.send(asking(`127.0.0.1:${portOf(bytes)}`))
  expect(String(await peer.take(19))).toBe('HTTP/1.1 200 OK\r\n\r\n')
  return { peer, end: await ends.next('the proxy to reach its target') }
}

describe('relays', () => {
  test('undici to a WebSocket, from nothing to 1 MiB', async () => {
    const token = `Basic ${Buffer.from(ACCOUNT).toString('base64')}`
    const dispatcher = new ProxyAgent({ uri: `http://127.0.0.1:${guarded.port}`, token, proxyTunnel: true })
    const client = await new Client(new WebSocket(webSocket.url, { dispatcher })).opened()
    await expectEchoes(client)
    await client.expectClose(1000)
    await dispatcher.close()
  })

  test('curl to a web server', async ({ skip }) => {
    const run = promisify(execFile)
    await run('curl', ['--version']).catch(() => skip('curl is not installed here'))
    const through = ['--proxytunnel', '--proxy', `http://127.0.0.1:${guarded.port}`, '--proxy-user', ACCOUNT]
    const url = `http://127.0.0.1:${portOf(http)}`
    const { stdout } = await run('curl', ['-sS', '--noproxy', '', ...through, `${url}/1`, `${url}/2`])
    expect(stdout).toBe('GET /1\nGET /2\n')
  })

  test('early bytes, however they are split, after the target is connected', async () => {
    for (const pace of paces) {
      const peer = await RawPeer.connect(proxy.port)
      await peer.send(Buffer.concat([asking(`127.0.0.1:${portOf(bytes)}`), Buffer.from('early')]), pace)
      const end = await ends.next('the proxy to reach its target')
      let read = ''
      while (read.length < 5) read += (await within(once(end, 'data'), 'the early bytes'))[0]
      expect(read).toBe('early')
      end.end('late')
      expect(String(await peer.rest())).toBe('HTTP/1.1 200 OK\r\n\r\nlate')
    }
  })

  test(`${MIBS} MiB both ways at once`, async () => {
    const { peer, end } = await open()
    const sent = pattern(MIBS * 2 ** 20)
    end.pipe(end)
    void peer.send(sent)
    const back = await peer.take(sent.length)
    expect(Buffer.compare(back, sent)).toBe(0)
    peer.socket.destroy()
  })

  test('the end of either side to the other', async () => {
    const first = await open()
    first.end.end('bye')
    expect(String(await first.peer.rest())).toBe('bye')
    const second = await open()
    second.peer.socket.end('bye')
    let read = ''
    second.end.on('data', (chunk) => {
      read += chunk
    })
    await within(once(second.end, 'end'), 'the target to be told')
    expect(read).toBe('bye')
    second.end.end()
  })
})

describe('refuses, closes, and ignores what follows', () => {
  const later = Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n')

  test.each<[string, () => { port: number }, () => Buffer, string]>([
    [
      'a client without credentials',
      () => guarded,
      () => asking(`127.0.0.1:${unused}`),
      '407 Proxy Authentication Required',
    ],
    [
      'a wrong password',
      () => guarded,
      () => asking(`127.0.0.1:${unused}`, 'Proxy-Authorization: Basic QWxhZGRpbjo='),
      '407 Proxy Authentication Required',
    ],
    ['a target not on the list', () => guarded, () => asking('127.0.0.1:22', credentials), '403 Forbidden'],
    ['a target under another name', () => proxy, () => asking(`localhost:${unused}`), '403 Forbidden'],
    ['a target that does not listen', () => proxy, () => asking(`127.0.0.1:${unused}`), '502 Bad Gateway'],
    ['an IPv6 address that does not listen', () => proxy, () => asking(`[::1]:${unused}`), '502 Bad Gateway'],
    ['an IPv6 target not on the list', () => proxy, () => asking(`[::2]:${unused}`), '403 Forbidden'],
    ['a target without a port', () => proxy, () => asking('127.0.0.1'), '400 Bad Request'],
    ['two Hosts', () => proxy, () => asking(`127.0.0.1:${unused}`, 'Host: a'), '400 Bad Request'],
    [
      'plain requests',
      () => proxy,
      () => Buffer.from('GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n'),
      '405 Method Not Allowed',
    ],
    ['bytes other than HTTP', () => proxy, () => Buffer.from('\x16\x03\x01\x02\r\n\r\n'), '400 Bad Request'],
  ])('%s', async (_, host, bytesOf, status) => {
    for (const pace of paces) {
      const peer = await RawPeer.connect(host().port)
      await peer.send(Buffer.concat([bytesOf(), later]), pace)
      const answer = parseResponse(await peer.rest())
      expect([answer.status, answer.headers.get('connection')]).toEqual([status, 'close'])
      expect(answer.headers.get('proxy-authenticate')).toBe(
        status.startsWith('407') ? 'Basic realm="proxy", charset="UTF-8"' : undefined,
      )
      expect(answer.body.length).toBe(Number(answer.headers.get('content-length')))
    }
  })

  test('clients without credentials, whatever the name of the account', async () => {
    const odd = await startExample('connect-proxy.mjs', 'undefined:undefined', `127.0.0.1:${unused}`)
    const peer = await RawPeer.connect(odd.port)
    await peer.send(asking(`127.0.0.1:${unused}`))
    expect(parseResponse(await peer.rest()).status).toBe('407 Proxy Authentication Required')
    await odd.stop()
  })

  test('ports other than 443, if no targets are configured', async () => {
    const strict = await startExample('connect-proxy.mjs')
    const peer = await RawPeer.connect(strict.port)
    await peer.send(asking(`127.0.0.1:${portOf(http)}`))
    expect(parseResponse(await peer.rest()).status).toBe('403 Forbidden')
    await strict.stop()
  })
})
