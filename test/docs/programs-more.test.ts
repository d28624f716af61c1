/** Runs the programs of the guides on compression and on many processes. */

import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test, vi } from 'vitest'
import type { WebSocket } from 'ws'
import { zlib } from '../../src/codec/zlib.ts'
import { encodeFrame, formatRequestHead, Opcode, offerHandshake, permessageDeflate } from '../../src/index.ts'
import { findFreePort, whenListening } from '../peers/proxies.ts'
import { findExecutable, patient, startProcess, within } from '../peers/support.ts'
import { ended, open, said, serve, stopLater } from './guide-programs.ts'

vi.setConfig(patient)

test('compression.md compresses what was found, and never the session', async () => {
  const [port, program] = await serve('docs/compression.md: Compression and secrets')
  const socket = await open(`ws://127.0.0.1:${port}`)
  socket.send('item 1')
  let json = ''
  while (!json.startsWith('[')) json = await said(socket) // the session may come first
  expect(JSON.parse(json)).toHaveLength(111)

  const extensions = [permessageDeflate({ codec: zlib })]
  const raw = connect(port, '127.0.0.1').setEncoding('latin1')
  stopLater(() => raw.destroy())
  let wire = ''
  raw.on('data', (text) => {
    wire += text
  })
  raw.write(formatRequestHead(offerHandshake(`ws://127.0.0.1:${port}`, { extensions }).request))
  await vi.waitFor(() => expect(wire).toMatch(/\{"session":"[\da-f-]{36}"\}$/))
  const start = wire.length
  raw.write(encodeFrame({ opcode: Opcode.Text, payload: 'item 1', maskKey: 'random' }))
  raw.write(encodeFrame({ opcode: Opcode.Close, maskKey: 'random' }))
  await within(once(raw, 'close'), 'the end')
  expect(wire.length - start).toBeLessThan(json.length / 5)
  await program.stop()
})

test('compression.md answers only the last question of many at once', async () => {
  const [port, program] = await serve('docs/compression.md: Compression and secrets')
  const raw = connect(port, '127.0.0.1')
  stopLater(() => raw.destroy())
  raw.write(formatRequestHead(offerHandshake(`ws://127.0.0.1:${port}`).request))
  const question = encodeFrame({ opcode: Opcode.Text, payload: 'i', maskKey: 'random' })
  const last = encodeFrame({ opcode: Opcode.Text, payload: 'item 999', maskKey: 'random' })
  raw.write(Buffer.concat([...Array(9300).fill(question), last]))
  let received = 0
  let end = ''
  raw.on('data', (chunk: Buffer) => {
    received += chunk.length
    end = (end + chunk.toString('latin1')).slice(-100)
  })
  await vi.waitFor(() => expect(end).toMatch(/\[\{"id":999,"name":"item 999","state":"ready"\}\]$/), 10_000)
  expect(received).toBeLessThan(50_000_000)
  await program.stop()
})

const redisServer = findExecutable('redis-server')

test.skipIf(redisServer === undefined)(`many-processes.md delivers to the peers of all processes`, async () => {
  const redisPort = await findFreePort()
  const arguments_ = ['--port', `${redisPort}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const redis = startProcess('redis-server', redisServer as string, arguments_)
  stopLater(() => redis.child.kill('SIGKILL'))
  await within(whenListening(redisPort, redis), 'redis-server to listen')
  const name = 'docs/many-processes.md: Scaling to many processes'
  const processes = await Promise.all([1, 2].map(() => serve(name, { '127.0.0.1:6379': `127.0.0.1:${redisPort}` })))
  const [one, two] = (await Promise.all(processes.map(([port]) => open(`ws://127.0.0.1:${port}`)))) as [
    WebSocket,
    WebSocket,
  ]

  // Until both processes have subscribed.
  const heard = new Set<string>()
  one.on('message', (data) => heard.add(`one ${data}`))
  two.on('message', (data) => heard.add(`two ${data}`))
  await vi.waitFor(() => {
    one.send('hello')
    two.send('hi')
    expect([...heard]).toEqual(expect.arrayContaining(['one hello', 'two hello', 'one hi', 'two hi']))
  }, 10_000)

  redis.child.kill('SIGKILL')
  await redis.exited
  await vi.waitFor(() => {
    one.send('lost')
    expect([...heard]).toContain('one (perhaps not delivered: Redis is away)')
  }, 10_000)
  const binary = ended(two)
  two.send(Uint8Array.of(1))
  expect(await binary).toBe('1003 texts only')
  const ends = ended(one)
  for (const [, { child }] of processes) child.kill('SIGTERM')
  expect(await ends).toBe('1001 restart')
  for (const [, { exited }] of processes) expect(await within(exited, 'the server to exit')).toEqual([0, null])
})
