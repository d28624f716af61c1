// Runs the server and the client of the README unchanged, with each other, with a real client, and with peers that misbehave.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'

const root = new URL('..', import.meta.url)
const readme = readFileSync(new URL('README.md', root), 'utf8')
const [serverCode = '', clientCode = ''] = Array.from(readme.matchAll(/```js\n(.*?)```/gs), ([, code]) => code)
// On a free port, which it prints.
const program = serverCode.replace('.listen(8080)', '.listen(0, function () { console.log(this.address().port) })')

function start(code: string) {
  return spawn(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: fileURLToPath(root),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}
const startClient = (port: number) => start(clientCode.replace('localhost:8080', `127.0.0.1:${port}`))

const server = start(program)
let port = 0

beforeAll(async () => {
  const [line] = await once(server.stdout, 'data')
  port = Number(String(line))
})
afterAll(() => server.kill())

async function echo(text: string): Promise<string> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`)
  await once(socket, 'open')
  socket.send(text)
  const [answer] = await once(socket, 'message')
  socket.close(1000)
  const [code] = await once(socket, 'close')
  return `${answer} ${code}`
}

const opening = (key: string) =>
  `GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`

test('the README has both programs, complete', () => {
  expect(program).toContain('acceptUpgrade')
  expect(program).not.toContain('8080')
  expect(clientCode).toContain('connectSocket')
})

test('echoes, and closes cleanly', async () => {
  expect(await echo('Käse 世界')).toBe('Käse 世界 1000')
})

test('answers plain HTTP', async () => {
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('plain http\n')
})

test('reads a frame right after the request', async () => {
  const socket = connect(port, '127.0.0.1')
  socket.write(
    Buffer.concat([
      Buffer.from(opening('dGhlIHNhbXBsZSBub25jZQ==')),
      Buffer.from('818500000000' + '48656c6c6f', 'hex'),
    ]),
  )
  let text = ''
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    text += chunk.toString('latin1')
    if (text.endsWith('\x81\x05Hello')) break
  }
  expect(text).toContain('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
  socket.end()
  // A FIN without a Close is answered with a FIN.
  await once(socket.resume(), 'close')
})

test('survives clients that reset, before and after a refusal', async () => {
  for (const key of ['dGhlIHNhbXBsZSBub25jZQ==', 'bad']) {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(opening(key))
    await once(socket, 'data')
    socket.resetAndDestroy()
  }
  expect(await echo('still here')).toBe('still here 1000')
  expect(server.exitCode).toBeNull()
})

test('the client exchanges a message with the server', async () => {
  const client = startClient(port)
  const [line] = await once(client.stdout, 'data')
  expect(String(line)).toBe('hello\n')
  expect(await once(client, 'exit')).toEqual([0, null])
})

test.each<[string, (socket: Socket) => unknown, RegExp]>([
  ['refuses', (socket) => socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'), /HandshakeError.*404/],
  ['resets', (socket) => socket.resetAndDestroy(), /HandshakeError/],
])('the client reports the reason if the server %s', async (_, act, reason) => {
  const lonely = createServer((socket) => socket.once('data', () => act(socket))).listen(0, '127.0.0.1')
  await once(lonely, 'listening')
  const client = startClient((lonely.address() as AddressInfo).port)
  const [complaint, [code]] = await Promise.all([text(client.stderr), once(client, 'exit')])
  expect([complaint, code]).toEqual([expect.stringMatching(reason), 1])
  lonely.close()
})
