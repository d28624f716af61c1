/** An exception in a handler ends the process, but the peer gets its Close first, whichever handler throws, and however. */

import { once } from 'node:events'
import { expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { patient, startProcess, within } from '../peers/support.ts'

vi.setConfig(patient)

const program = (handler: string): string => `
  import { createServer } from 'node:http'
  import { acceptUpgrade, Endpoint } from 'websocket-primitives/node'
  const endpoint = new Endpoint({ ${handler} })
  const server = createServer().on('upgrade', (request, socket, head) => acceptUpgrade(endpoint, request, socket, head))
  server.listen(0, '127.0.0.1', () => console.log(server.address().port))`

test.each([
  "open() { throw new Error('mine') }",
  "async open() { throw new Error('mine') }",
  "message() { throw new Error('mine') }",
  "async message() { throw new Error('mine') }",
  "message: () => new Promise((_, reject) => setTimeout(reject, 10, new Error('mine')))",
])('sends 1011 first: %s', async (handler) => {
  const { exited, lines } = startProcess('the server', process.execPath, [
    '--input-type=module',
    '--eval',
    program(handler),
  ])
  const [port] = await within(once(lines, 'line'), 'the server to listen')
  const socket = new WebSocket(`ws://127.0.0.1:${port}`).on('error', () => {})
  socket.on('open', () => socket.send('hello'))
  const [[code], status] = await within(Promise.all([once(socket, 'close'), exited]), 'the end')
  expect([code, status]).toEqual([1011, [1, null]])
})
