/** Runs the programs of the guides on HTTP/2, input and upgrades, as they are written. */

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, test, vi } from 'vitest'
import { connectHttp2Stream, Endpoint } from '../../src/adapters/node/index.ts'
import { offerHandshake, toHttp2Headers } from '../../src/index.ts'
import { patient, startProcess, within } from '../peers/support.ts'
import { ended, open, programs, said, serve, start, stopLater } from './guide-programs.ts'
import { read } from './snippets.ts'

vi.setConfig(patient)

const hashOf = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex')

test('http2.md echoes over HTTP/2 and HTTP/1.1', async () => {
  const listens = ".listen(0, '127.0.0.1', function () { console.log(this.address().port) })"
  const program = start('docs/http2.md: HTTP/2 and HTTP/3', { '.listen(8443)': listens })
  const [port] = await within(once(program.lines, 'line'), 'docs/http2.md to listen')
  const socket = await open(`wss://127.0.0.1:${port}`, { rejectUnauthorized: false })
  socket.send('Käse')
  expect(await said(socket)).toBe('Käse')
  const session = connectHttp2(`https://127.0.0.1:${port}`, { rejectUnauthorized: false })
  stopLater(() => session.destroy())
  const [settings] = await within(once(session, 'remoteSettings'), 'the settings')
  expect(settings.enableConnectProtocol).toBe(true)
  const offer = offerHandshake(`wss://127.0.0.1:${port}/`, { httpVersion: '2' })
  const echo = new Promise((resolve) => {
    const endpoint = new Endpoint({ open: (peer) => peer.send('Käse'), message: (_, data) => resolve(data) })
    void connectHttp2Stream(endpoint, session.request(toHttp2Headers(offer.request)), offer)
  })
  expect(await within(echo, 'the echo over HTTP/2')).toBe('Käse')
  await program.stop()
})

describe('input.md', () => {
  test('hashes texts and binary messages of any length, fragmented or not', async () => {
    const [port, program] = await serve('docs/input.md: Fragmented, slow and endless input')
    const socket = await open(`ws://127.0.0.1:${port}`)
    for (const data of ['Käse', '', Buffer.alloc(3_000_000, 'abc')]) {
      socket.send(data)
      expect(await said(socket)).toBe(`${Buffer.byteLength(data)} bytes, SHA-256 ${hashOf(data)}`)
    }
    socket.send('Kä', { fin: false })
    socket.send('se')
    expect(await said(socket)).toBe(`5 bytes, SHA-256 ${hashOf('Käse')}`)
    const ends = ended(socket)
    socket.close(1000)
    expect(await ends).toBe('1000')
    await program.stop()
  })

  test('holds little of a long message', async () => {
    const [port, program] = await serve('docs/input.md: Fragmented, slow and endless input')
    const socket = await open(`ws://127.0.0.1:${port}`)
    const [part, count] = [Buffer.alloc(2 ** 20, 'x'), 128]
    const hash = createHash('sha256')
    const answer = once(socket, 'message')
    for (let sent = 1; sent <= count; sent++) {
      hash.update(part)
      await new Promise((resolve) => socket.send(part, { fin: sent === count }, resolve))
    }
    expect(String((await within(answer, 'the hash'))[0])).toBe(
      `${count * part.length} bytes, SHA-256 ${hash.digest('hex')}`,
    )
    if (process.platform === 'linux') {
      const status = readFileSync(`/proc/${program.child.pid}/status`, 'utf8')
      expect(Number(/VmHWM:\s*(\d+) kB/.exec(status)?.[1])).toBeLessThan(150 * 1024)
    }
    await program.stop()
  })

  test('closes with 1011 if the sink fails, and drops what still arrives', async () => {
    const [port, program] = await serve('docs/input.md: Fragmented, slow and endless input', {
      "import { createHash } from 'node:crypto'": "import { Writable } from 'node:stream'",
      "createHash('sha256')":
        "new Writable({ write: (_chunk, _encoding, done) => done(new Error('the disk is full')) })",
    })
    const socket = await open(`ws://127.0.0.1:${port}`)
    const ends = ended(socket)
    // The Close follows it, so that it arrives only if all of the message is read.
    socket.send(Buffer.alloc(2 ** 26), { fin: false })
    expect(await ends).toBe('1011 not stored')
    await program.stop()
  })
})

describe('upgrade.md', () => {
  /** Sends a request with `Upgrade`, and returns all that comes until the server ends or `expected` has come. */
  async function ask(
    port: number,
    protocols: string,
    expected: RegExp,
    more = '',
    hosts = ['a'],
    method = 'GET',
  ): Promise<string> {
    const socket = connect(port, '127.0.0.1')
    stopLater(() => socket.destroy())
    const host = hosts.map((name) => `Host: ${name}\r\n`).join('')
    socket.write(`${method} / HTTP/1.1\r\n${host}Connection: Upgrade\r\nUpgrade: ${protocols}\r\n${more}\r\nHello`)
    let received = ''
    const answer = (async () => {
      for await (const chunk of socket) {
        received += chunk
        if (expected.test(received)) break
      }
      return received
    })()
    return within(answer, `${expected} from the server`)
  }

  test('uses the protocol that the client prefers, WebSocket among them', async () => {
    const [port, program] = await serve('docs/upgrade.md: Upgrading to any protocol')
    expect(await ask(port, 'example/1, foo/2', /HELLO$/)).toMatch(/^HTTP\/1\.1 101 .*Upgrade: example\/1\r\n/s)
    expect(await ask(port, 'foo/3, foo/2', /48656c6c6f$/)).toMatch(/^HTTP\/1\.1 101 .*Upgrade: foo\/2\r\n/s)
    expect(await ask(port, 'foo/2', /f$/, 'Expect: 100-continue\r\n')).toMatch(/^HTTP\/1\.1 100 .*HTTP\/1\.1 101 /s)
    const socket = await open(`ws://127.0.0.1:${port}`)
    socket.send('Käse')
    expect(await said(socket)).toBe('Käse')
    await program.stop()
  })

  test('refuses or ignores any other, and a body', async () => {
    const [port, program] = await serve('docs/upgrade.md: Upgrading to any protocol')
    expect(await ask(port, 'foo/2', /\n\r\n/, 'Content-Length: 5\r\n')).toMatch(/^HTTP\/1\.1 426 /)
    // Newer versions of Node ask first, and answer as plain HTTP.
    expect(await ask(port, 'h2c', /\n\r\n/)).toMatch(
      /^HTTP\/1\.1 (?:426 .*Upgrade: websocket, example\/1, foo\/2\r\n|200 )/s,
    )
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('plain http\n')
    await program.stop()
  })

  test('refuses a request with no Host or two', async () => {
    const [port, program] = await serve('docs/upgrade.md: Upgrading to any protocol')
    for (const protocol of ['foo/2', 'websocket']) {
      expect(await ask(port, protocol, /\n\r\n/, 'Host: b\r\n')).toMatch(/^HTTP\/1\.1 400 /)
      expect(await ask(port, protocol, /\n\r\n/, '', [])).toMatch(/^HTTP\/1\.1 400 /)
    }
    await program.stop()
  })

  test('sends no body in answer to HEAD', async () => {
    const [port, program] = await serve('docs/upgrade.md: Upgrading to any protocol')
    expect(await ask(port, 'foo/2', /$^/, 'Content-Length: 5\r\n', ['a'], 'HEAD')).toMatch(
      /^HTTP\/1\.1 426 .*\r\n\r\n$/s,
    )
    expect(await ask(port, 'foo/2', /$^/, '', [], 'HEAD')).toMatch(/^HTTP\/1\.1 400 .*\r\n\r\n$/s)
    await program.stop()
  })

  test('insists on an upgrade', async () => {
    const program = programs.get('docs/upgrade.md: Upgrading to any protocol') ?? ''
    const [, insist = ''] = /\n```js\n(function insist.*?)```/s.exec(read('docs/upgrade.md')) ?? []
    const [port, running] = await serve(
      'docs/upgrade.md: Insist on an upgrade',
      {
        "(_, response) => response.end('plain http\\n')": 'insist',
        '  upgradeRequired,': '  upgradeRequired, toHeaderRecord,',
      },
      `${program}\n${insist}`,
    )
    const response = await fetch(`http://127.0.0.1:${port}/`)
    expect([response.status, response.headers.get('upgrade')]).toEqual([426, 'foo/2'])
    await running.stop()
  })

  test('is tried with the command of the guide', async () => {
    const [port, program] = await serve('docs/upgrade.md: Upgrading to any protocol')
    const [, code = ''] = /^node -e "(.*)"$/m.exec(read('docs/upgrade.md')) ?? []
    const client = startProcess('the command', process.execPath, ['-e', code.replace('8080', `${port}`)])
    stopLater(() => client.child.kill('SIGKILL'))
    expect(String((await within(once(client.child.stdout, 'data'), 'the 101'))[0])).toMatch(/^HTTP\/1\.1 101 /)
    client.child.stdin.end('Hello\n')
    expect(await within(text(client.child.stdout), 'the answer')).toBe('48656c6c6f0a')
    expect(await within(client.exited, 'the command to exit')).toEqual([0, null])
    await program.stop()
  })
})
