// Runs the server of the README as it stands, against a real client and against misbehaving ones.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'

const root = new URL('..', import.meta.url)
const [, snippet = ''] = /```js\n(.*?)```/s.exec(readFileSync(new URL('README.md', root), 'utf8')) ?? []
// On a free port, which it prints.
const program = snippet.replace('.listen(8080)', '.listen(0, function () { console.log(this.address().port) })')

const server = spawn(process.execPath, ['--input-type=module', '--eval', program], {
  cwd: fileURLToPath(root),
  stdio: ['ignore', 'pipe', 'inherit'],
})
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

test('is there, whole', () => {
  expect(program).toContain('acceptHandshake')
  expect(program).not.toContain('8080')
})

test('echoes, and closes cleanly', async () => {
  expect(await echo('Käse 世界')).toBe('Käse 世界 1000')
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
