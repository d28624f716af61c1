/** Runs the programs of the guides to origins and to keepalive. */

import { expect, test, vi } from 'vitest'
import type { WebSocket } from 'ws'
import { patient, within } from '../peers/support.ts'
import { ended, open, said, serve, statusOf } from './guide-programs.ts'
import { read } from './snippets.ts'

vi.setConfig(patient)

test('server.md logs why it refuses', async () => {
  const [port, program] = await serve('docs/server.md: A server')
  const lines: string[] = []
  program.lines.on('line', (line) => lines.push(line))
  const url = `ws://127.0.0.1:${port}/chat`
  await open(url, { origin: 'http://localhost:8080' })
  expect(await statusOf(url, { origin: 'https://evil.example' })).toBe(403)
  await program.stop()
  const line = '403 origin "https://evil.example" is not allowed by `origins`'
  expect(lines).toEqual([line])
  expect(read('docs/server.md')).toContain(line.replace('evil', 'app'))
})

test('origins.md groups IPv6 addresses by their first 64 bits, and knows mapped IPv4 addresses', () => {
  const [code] = /^function toSubscriber.*?^}$/ms.exec(read('docs/origins.md')) ?? []
  const toSubscriber: (address: string) => string = new Function(`${code}\nreturn toSubscriber`)()
  expect(toSubscriber('192.0.2.1')).toBe('192.0.2.1')
  expect(toSubscriber('::ffff:192.0.2.1')).toBe('192.0.2.1')
  expect(toSubscriber('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2')
  expect(toSubscriber('2001:db8:1::2')).toBe('2001:db8:1:0')
  expect(toSubscriber('2001:db8::3:4:5:6:7')).toBe('2001:db8:0:3')
  expect(toSubscriber('fe80::1%eth0')).toBe('fe80:0:0:0')
  expect(toSubscriber('::1')).toBe('0:0:0:0')
  expect(toSubscriber('1::')).toBe('1:0:0:0')
  expect(toSubscriber('')).toBe('')
})

test('origins.md accepts listed origins, sessions and tokens, and refuses others with 401 or 403', async () => {
  const [port, program] = await serve('docs/origins.md: Origins and authentication')
  const url = `ws://127.0.0.1:${port}/`
  const lines: string[] = []
  program.lines.on('line', (line) => lines.push(line))
  const [ada, bob] = ['session=JpH3zX9cVq', 'a=b; session=Wm2tR8kLbd']
  const pages = ['https://app.example', 'https://partner.example']
  for (const origin of pages) await open(url, { origin, headers: { cookie: ada } })
  const app = await open(url, { headers: { authorization: 'Bearer JpH3zX9cVq' } })
  expect(await statusOf(url, { origin: 'https://evil.example', headers: { cookie: ada } })).toBe(403)
  expect(await statusOf(url, { origin: pages[0], headers: { cookie: bob } })).toBe(403)
  expect(await statusOf(url, { headers: { cookie: 'session=wrong' } })).toBe(401)
  expect(await statusOf(url)).toBe(401)
  app.send('echo')
  expect(await said(app)).toBe('echo')
  const ends = ended(app)
  program.child.kill('SIGTERM')
  expect(await ends).toBe('1001')
  expect(await within(program.exited, 'the server to exit')).toEqual([0, null])
  expect(lines).toEqual([...Array(3).fill('Ada is here'), expect.stringContaining('403 origin "https://evil.example"')])
})

test('origins.md does not read from a peer while its token is checked', async () => {
  const [, section = ''] = read('docs/origins.md').split('\n## Authenticate after opening\n')
  const [, code = ''] = /```js\n(.*?)```/s.exec(section) ?? []
  const slow = code.replace(
    'return token ===',
    'await new Promise((resolve) => setTimeout(resolve, 2_000))\n  return token ===',
  )
  expect(slow).not.toBe(code)
  const program = `import { createServer } from 'node:http'
import { CloseCode, publicServerLimits } from 'websocket-primitives'
import { acceptUpgrade, Endpoint } from 'websocket-primitives/node'
${slow}
createServer().on('upgrade', (request, socket, head) => acceptUpgrade(endpoint, request, socket, head)).listen(8080)`
  const [port, running] = await serve('origins.md: Authenticate after opening', {}, program)
  const peer = await open(`ws://127.0.0.1:${port}/`, { origin: 'https://app.example', perMessageDeflate: false })
  peer.send('open-sesame')
  const message = 'x'.repeat(16_000)
  for (let n = 0; n < 2_000; n++) peer.send(message)
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  expect(peer.bufferedAmount).toBeGreaterThan(16_000_000) // the rest of 32 MB is in buffers of the operating system
  expect(await said(peer)).toBe('hello Ali')
  await vi.waitUntil(() => peer.bufferedAmount === 0, 10_000)
  await running.stop()
})

test.each(['SIGTERM', 'SIGINT'] as const)('keepalive.md closes its peers on %s, and exits', async (signal) => {
  const [port, program] = await serve('docs/keepalive.md: Keepalive and shutdown')
  const lines: string[] = []
  program.lines.on('line', (line) => lines.push(line))
  const sockets = [await open(`ws://127.0.0.1:${port}/`), await open(`ws://127.0.0.1:${port}/`)]
  sockets[0]?.send('echo')
  expect(await said(sockets[0] as WebSocket)).toBe('echo')
  const ends = Promise.all(sockets.map(ended))
  const start = performance.now()
  program.child.kill(signal)
  expect(await ends).toEqual(['1001 restart', '1001 restart'])
  expect(await within(program.exited, 'the server to exit')).toEqual([0, null])
  expect(performance.now() - start).toBeGreaterThan(2_900) // the second Close comes at the end of `spread`
  expect(lines).toEqual(['closed 1001 restart', 'closed 1001 restart'])
})
