/**
 * The example client over HTTP/2: what it does with servers that accept, refuse, lack support or hang up. Runs on the built package.
 */

import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { echo, type Http2Example, serveHttp2, startHttp2Example } from '../peers/http2-host.ts'
import { patient, runExample, within } from '../peers/support.ts'

vi.setConfig(patient)

let example: Http2Example
beforeAll(async () => {
  example = await startHttp2Example()
})
afterAll(() => example.stop())

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

/** The client's output, and its exit code. */
async function outcomeOf(url: string, trusting = true): Promise<[printed: string, code: unknown]> {
  const env = { NODE_TLS_REJECT_UNAUTHORIZED: trusting ? '0' : '1', NODE_NO_WARNINGS: '1' }
  const { child, exited } = runExample('client-node-http2.mjs', [url], env)
  const [printed, [code]] = await within(Promise.all([text(child.stdout), exited]), 'the client to exit')
  return [printed, code]
}

test('sends, receives and closes cleanly with the example server, and exits', async () => {
  expect(await outcomeOf(`${example.url}chat`)).toEqual(['received hello\nclosed 1000 \n', 0])
  expect([await example.log.next(), await example.log.next()]).toEqual(['HTTP/2 /chat ', 'closed 1000 '])
})

test('ends when the server closes, and when it resets', async () => {
  const closing = await serveHttp2((event, connection) => {
    if (event.type === 'text') connection.close(4000, 'enough')
  })
  stops.push(() => closing.stop())
  expect(await outcomeOf(closing.url)).toEqual(['closed 4000 enough\n', 0])
  const resetting = await serveHttp2(() => {
    for (const session of resetting.sessions) session.destroy()
  })
  stops.push(() => resetting.stop())
  expect(await outcomeOf(resetting.url)).toEqual(['closed 1006 \n', 0])
})

test('fails with the status of a server that refuses', async () => {
  const server = await serveHttp2(echo, { hosts: ['a.example'] })
  stops.push(() => server.stop())
  const [printed, code] = await outcomeOf(server.url)
  expect([printed, code]).toEqual([expect.stringMatching(/421/), 1])
})

test('sends no request to a server that has not announced extended CONNECT', async () => {
  const server = await serveHttp2(echo, { settings: { enableConnectProtocol: false } })
  stops.push(() => server.stop())
  expect(await outcomeOf(server.url)).toEqual(['Error: the server does not support WebSocket over HTTP/2\n', 1])
})

test('fails if the certificate is untrusted, and if the server hangs up', async () => {
  const [printed, code] = await outcomeOf(example.url, false)
  expect([printed, code]).toEqual([expect.stringMatching(/^Error: self-signed certificate/), 1])
  const server = createServer((socket: Socket) => socket.destroy()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  expect((await outcomeOf(`wss://localhost:${port}/`))[1]).toBe(1)
  server.close()
  await within(once(server, 'close'), 'the server to close')
})
