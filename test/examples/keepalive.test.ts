/** The example with one timer for all connections, on the built package: live peers stay connected, others are disconnected. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { examplePath, patient, within } from '../peers/support.ts'

vi.setConfig(patient)

const child = { port: 0, lines: [] as string[], stop: () => {} }

beforeAll(async () => {
  const program = spawn(process.execPath, [examplePath('keepalive-node-net.mjs'), '0', '200'])
  const lines = createInterface(program.stdout)
  let said = ''
  lines.on('line', (line) => child.lines.push(line))
  while (!/port: \d+/.test(said)) said += (await once(lines, 'line'))[0]
  child.port = Number(/port: (\d+)/.exec(said)?.[1])
  child.stop = () => program.kill()
})
afterAll(() => child.stop())

test('pings after silence; a peer that answers stays, one that does not ends with 1006', async () => {
  const url = `ws://127.0.0.1:${child.port}/`
  const [good, mute] = [new WebSocket(url), new WebSocket(url, { autoPong: false })]
  await Promise.all([good, mute].map((client) => within(once(client, 'open'), 'ws to open')))
  await Promise.all([good, mute].map((client) => within(once(client, 'ping'), 'a ping')))
  const [code] = await within(once(mute, 'close'), 'the end of who does not answer')
  expect(code).toBe(1006)
  expect(child.lines).toContain('1006 timeout')
  good.send('still here')
  const [data] = await within(once(good, 'message'), 'an echo')
  expect(String(data)).toBe('still here')
  good.close(1000)
  expect((await within(once(good, 'close'), 'the end'))[0]).toBe(1000)
})
