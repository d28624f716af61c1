/**
 * The server with several protocols on one port, over real sockets: which one it selects, when it ignores an upgrade and continues
 * with HTTP, and what happens to bytes sent early. Runs on the built package.
 */

import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { expectGoodService, frame, openingHead, paces, parseResponse, RawPeer } from '../peers/raw.ts'
import { type Host, Inbox, patient, startExample, within } from '../peers/support.ts'

vi.setConfig(patient)

let server: Host
beforeAll(async () => {
  server = await startExample('upgrade-node-http.mjs')
})
afterEach(() => expectGoodService(server.port))
afterAll(() => server.stop())

/** A request with a `Host` and these lines. */
function request(requestLine: string, ...lines: readonly string[]): Buffer {
  return Buffer.from([requestLine, 'Host: localhost', ...lines, '', ''].join('\r\n'), 'latin1')
}

/** A valid upgrade request; each argument is an `Upgrade` line. */
function asking(...upgrades: readonly string[]): Buffer {
  return request('GET /a HTTP/1.1', 'Connection: Upgrade', ...upgrades.map((value) => `Upgrade: ${value}`))
}

const next = request('GET /next HTTP/1.1')

/** Sends the bytes in each way, each on a new connection. */
async function inEveryPace(bytes: Uint8Array, check: (peer: RawPeer) => Promise<void>): Promise<void> {
  for (const pace of paces) {
    const peer = await RawPeer.connect(server.port)
    await peer.send(bytes, pace)
    await check(peer)
    peer.socket.destroy()
  }
}

async function expectPage(peer: RawPeer, body: string): Promise<void> {
  const response = await peer.response()
  expect([response.status, response.body]).toEqual(['200 OK', body])
  expect(response.headers.has('upgrade')).toBe(false)
}

/** Checks the 101 for one protocol, and that this protocol is used from then on. */
async function expectSwitch(peer: RawPeer, protocol: 'shout/1' | 'hex/2'): Promise<void> {
  const { status, headers } = await peer.response()
  expect([status, headers.get('upgrade'), headers.get('connection')]).toEqual([
    '101 Switching Protocols',
    protocol,
    'Upgrade',
  ])
  const expected = protocol === 'shout/1' ? 'HI 1!' : '6869203121'
  await peer.send(Buffer.from('hi 1!'))
  expect(String(await peer.take(expected.length))).toBe(expected)
}

/** Newer versions of Node ask the server before they emit 'upgrade'. */
const asksFirst = 'shouldUpgradeCallback' in createServer()

describe('selects', () => {
  test.each([
    ['the only one', ['hex/2'], 'hex/2'],
    ["the client's first, as written here second", ['shout/1, hex/2'], 'shout/1'],
    ['the same two in reverse order', ['hex/2, shout/1'], 'hex/2'],
    ['one after unsupported ones', ['h2c, TLS/1.0, foo/9, hex/2'], 'hex/2'],
    ['not another version of its own', ['shout/2, hex, hex/2'], 'hex/2'],
    ['by name in any letter case', ['SHOUT/1'], 'shout/1'],
    ['over several lines', ['foo/1', 'shout/1, hex/2'], 'shout/1'],
    ['past empty elements', [', ,', 'hex/2,'], 'hex/2'],
  ] as const)('%s', async (_, upgrades, protocol) => {
    await inEveryPace(asking(...upgrades), (peer) => expectSwitch(peer, protocol))
  })

  test.each(['foo/2, websocket', 'WebSocket, hex/2'])('WebSocket: %s', async (upgrade) => {
    await inEveryPace(openingHead(server.port, { upgrade }), async (peer) => {
      await peer.expectOpen()
      await peer.send(frame({ opcode: 1, payload: 'Hello' }))
      expect((await peer.take(7)).toString('latin1')).toBe('\x81\x05Hello')
    })
  })

  test('WebSocket for ws, with a clean close', async () => {
    const socket = new WebSocket(server.url)
    const inbox = new Inbox<string>()
    socket.on('open', () => socket.send('世界 👋')).on('error', (error) => inbox.push(String(error)))
    socket.on('message', (data) => inbox.push(String(data))).on('close', (code) => inbox.push(`closed ${code}`))
    expect(await inbox.next('an echo')).toBe('世界 👋')
    socket.close(1000)
    expect(await inbox.next('the end')).toBe('closed 1000')
  })
})

describe('continues with HTTP', () => {
  test.each([
    ['no Upgrade', request('GET /a HTTP/1.1')],
    ['no Connection: upgrade', request('GET /a HTTP/1.1', 'Upgrade: shout/1')],
    ['Connection that names something else', request('GET /a HTTP/1.1', 'Upgrade: shout/1', 'Connection: keep-alive')],
    ['Content-Length: 0', request('GET /a HTTP/1.1', 'Content-Length: 0')],
  ])('for %s, and reads the next request', async (_, bytes) => {
    await inEveryPace(Buffer.concat([bytes, next]), async (peer) => {
      await expectPage(peer, 'GET /a\n')
      await expectPage(peer, 'GET /next\n')
    })
  })

  test.each([
    ['no supported protocol', asking('foo/9')],
    ['h2c', asking('h2c')],
    ['another version', asking('shout/2')],
    ['no version', asking('shout')],
    ['an empty list', asking(', ,')],
    ['an invalid list', asking('shout/1/1, hex/2')],
  ])('for %s', async (_, bytes) => {
    await inEveryPace(bytes, async (peer) => {
      await expectPage(peer, 'GET /a\n')
      const ended = once(peer.socket, 'close')
      peer.socket.end()
      await within(ended, 'the server to let go')
    })
  })

  test('for HTTP/1.0, where Upgrade has no meaning', async () => {
    await inEveryPace(request('GET /a HTTP/1.0', 'Upgrade: shout/1', 'Connection: Upgrade'), async (peer) => {
      const { status, body } = parseResponse(await peer.rest())
      expect([status, body]).toEqual(['200 OK', 'GET /a\n'])
    })
  })

  test('a body that came with an Upgrade is read if Node asks first, and otherwise refused', async () => {
    const bytes = request('POST /a HTTP/1.1', 'Connection: Upgrade', 'Upgrade: h2c', 'Content-Length: 2')
    await inEveryPace(Buffer.concat([bytes, Buffer.from('hi')]), async (peer) => {
      const { status, body } = await peer.response()
      const refused = ['400 Bad Request', 'a request with a body cannot be upgraded\n']
      expect([status, body]).toEqual(asksFirst ? ['200 OK', 'POST /a\n'] : refused)
    })
  })

  test('for HEAD, without a body', async () => {
    for (const lines of [[], ['Connection: Upgrade', 'Upgrade: h2c']])
      await inEveryPace(request('HEAD /a HTTP/1.1', ...lines, 'Connection: close'), async (peer) => {
        const { status, body } = parseResponse(await peer.rest())
        expect([status, body]).toEqual(['200 OK', ''])
      })
  })

  test('for curl', async ({ skip }) => {
    const curl = promisify(execFile)
    const address = `http://127.0.0.1:${server.port}`
    await curl('curl', ['--version']).catch(() => skip('curl is not installed here'))
    const { stdout } = await curl('curl', ['-sS', `${address}/1`, `${address}/2`])
    expect(stdout).toBe('GET /1\nGET /2\n')
    expect((await curl('curl', ['-sS', '--http2', `${address}/3`])).stdout).toBe('GET /3\n')
  })
})

describe('reads bytes sent early', () => {
  test('a request, an upgrade and bytes of its protocol, whole and split', async () => {
    const bytes = [request('GET /first HTTP/1.1'), asking('shout/1'), Buffer.from('glued ')]
    await inEveryPace(Buffer.concat(bytes), async (peer) => {
      await expectPage(peer, 'GET /first\n')
      const { status } = await peer.response()
      expect([status, String(await peer.take(6))]).toEqual(['101 Switching Protocols', 'GLUED '])
      // Bytes that look like HTTP no longer are.
      await peer.send(next)
      expect((await peer.take(next.length)).toString('latin1')).toBe(next.toString('latin1').toUpperCase())
    })
  })

  test('a frame right after the opening request', async () => {
    const bytes = [openingHead(server.port), frame({ opcode: 1, payload: 'Hello' })]
    await inEveryPace(Buffer.concat(bytes), async (peer) => {
      await peer.expectOpen()
      expect((await peer.take(7)).toString('latin1')).toBe('\x81\x05Hello')
    })
  })
})

test('ends a made-up protocol when the client does, after the whole answer', async () => {
  await inEveryPace(Buffer.concat([asking('hex/2'), Buffer.from('hi')]), async (peer) => {
    expect((await peer.response()).status).toBe('101 Switching Protocols')
    peer.socket.end()
    expect(String(await peer.rest())).toBe('6869')
  })
})

test('Expect: the 100 is sent before the 101', async () => {
  const bytes = request('GET /a HTTP/1.1', 'Connection: Upgrade', 'Upgrade: hex/2', 'Expect: 100-Continue')
  await inEveryPace(bytes, async (peer) => {
    expect((await peer.response()).status).toBe('100 Continue')
    await expectSwitch(peer, 'hex/2')
  })
})

describe('/hex requires', () => {
  test.each([
    ['no Upgrade', []],
    ['another one', ['Connection: Upgrade', 'Upgrade: foo/9']],
  ])('its protocol, with %s: 426, and ends the connection', async (_, lines) => {
    await inEveryPace(Buffer.concat([request('GET /hex HTTP/1.1', ...lines), next]), async (peer) => {
      const { status, headers, body } = parseResponse(await peer.rest())
      expect([status, headers.get('upgrade'), body]).toEqual([
        '426 Upgrade Required',
        'hex/2',
        expect.stringContaining('Upgrade Required\n'),
      ])
      expect(headers.get('connection')).toBe('Upgrade, close')
    })
  })

  test('and switches for a client that asks for it', async () => {
    const bytes = request('GET /hex HTTP/1.1', 'Connection: upgrade', 'Upgrade: hex/2')
    await inEveryPace(bytes, (peer) => expectSwitch(peer, 'hex/2'))
  })
})

describe('refuses, and continues to serve others', () => {
  test('a WebSocket without a key', async () => {
    const peer = await RawPeer.connect(server.port)
    await peer.send(asking('websocket'))
    const response = parseResponse(await peer.rest())
    expect([response.status, response.headers.get('connection')]).toEqual(['400 Bad Request', 'close'])
  })

  test.each([
    ['no Host', []],
    ['two Hosts', ['Host: a', 'Host: b']],
  ])('a request for another protocol with %s', async (_, hosts) => {
    const lines = ['GET / HTTP/1.1', ...hosts, 'Connection: Upgrade', 'Upgrade: hex/2', '', '']
    const peer = await RawPeer.connect(server.port)
    await peer.send(Buffer.from(lines.join('\r\n')))
    expect(parseResponse(await peer.rest()).status).toBe('400 Bad Request')
  })

  test('not a client that hangs up at any point', async () => {
    const bytes = Buffer.concat([next, asking('shout/1'), Buffer.from('hi')])
    for (let size = 0; size <= bytes.length; size += 5) {
      const peer = await RawPeer.connect(server.port)
      await peer.send(bytes.subarray(0, size))
      peer.socket.destroy()
    }
  })
})
