/**
 * The example with chat rooms: which peer gets which messages, what happens to a slow peer, and the end on SIGTERM. Runs on the built
 * package.
 */

import { once } from 'node:events'
import { afterEach, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { RawPeer } from '../peers/raw.ts'
import { examplePath, patient, type Running, startProcess, within } from '../peers/support.ts'

vi.setConfig(patient)

const stops: (() => unknown)[] = []
afterEach(() => {
  for (const stop of stops.splice(0).reverse()) stop()
})

async function start(...args: string[]): Promise<Running & { readonly port: number }> {
  const name = 'rooms-node-http.mjs'
  const running = startProcess(name, process.execPath, [examplePath(name), '0', ...args])
  stops.push(() => running.child.kill('SIGKILL'))
  const [line] = await within(once(running.lines, 'line'), `${name} to listen`)
  return { ...running, port: Number(/port: (\d+)/.exec(line)?.[1]) }
}

async function open(port: number, room: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${room}`)
  stops.push(() => socket.terminate())
  await within(once(socket, 'open'), 'ws to open')
  return socket
}

async function received(socket: WebSocket): Promise<[data: string, isBinary: boolean]> {
  const [data, isBinary] = await within(once(socket, 'message'), 'a message')
  return [String(data), isBinary]
}

async function ended(socket: WebSocket): Promise<string> {
  const [code, reason] = await within(once(socket, 'close'), 'the end')
  return `${code} ${reason}`.trim()
}

test('passes a message to all others in the same room', async () => {
  const { port } = await start()
  const [one, two, three, elsewhere] = await Promise.all(['/a', '/a', '/a?token=x', '/b'].map((at) => open(port, at)))
  const others = [two, three].map((socket) => received(socket as WebSocket))
  one?.send('Käse 世界')
  expect(await Promise.all(others)).toEqual([
    ['Käse 世界', false],
    ['Käse 世界', false],
  ])
  const back = received(one as WebSocket)
  two?.send(Buffer.of(65))
  expect(await back).toEqual(['A', true])
  // Nothing has arrived in the other room, nor at a sender from itself.
  const last = received(elsewhere as WebSocket)
  const another = await open(port, '/b')
  another.send('first here')
  expect((await last)[0]).toBe('first here')
})

/** Sends more than the system's buffers can contain, while one peer of the room does not read and another does. */
async function overwhelm(
  port: number,
): Promise<{ readonly slow: WebSocket; readonly sender: WebSocket; readonly sent: number }> {
  const [slow, sender, reader] = [await open(port, '/room'), await open(port, '/room'), await open(port, '/room')]
  slow.pause()
  const data = Buffer.alloc(2 ** 18, 'x')
  const sent = 80
  for (let n = 0; n < sent; n++) {
    const got = received(reader)
    sender.send(data)
    await got
  }
  return { slow, sender, sent }
}

test('a slow peer misses messages, and continues', async () => {
  const { port } = await start('skip')
  const { slow, sender, sent } = await overwhelm(port)
  let got = 0
  const last = new Promise<void>((resolve) => {
    slow.on('message', (data) => {
      got++
      if (String(data) === 'the last') resolve()
    })
  })
  slow.resume()
  // Until it has caught up, it misses further messages.
  const timer = setInterval(() => sender.send('the last'), 20)
  await within(last, 'a message after those that it missed')
  clearInterval(timer)
  expect(got).toBeLessThan(sent)
})

test('or is closed, with 1013', async () => {
  const { port } = await start('close')
  const { slow } = await overwhelm(port)
  const end = ended(slow)
  slow.resume()
  expect(await end).toBe('1013 too slow')
})

test('SIGTERM: a Close to all, and the process exits', async () => {
  const { port, child, exited } = await start()
  const [one, two] = [await open(port, '/a'), await open(port, '/b')]
  const half = await RawPeer.connect(port) // plain HTTP that never ends
  await half.send(Buffer.from('GET / HTTP/1.1\r\nHost: '))
  const ends = [one, two].map(ended)
  child.kill('SIGTERM')
  expect(await Promise.all(ends)).toEqual(['1001 restart', '1001 restart'])
  expect(await within(exited, 'the server to exit')).toEqual([0, null])
  half.socket.destroy()
})
