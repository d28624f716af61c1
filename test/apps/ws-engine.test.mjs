/** The sockets of `ws-engine.mjs`, called as those of `ws` are. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { wsEngine } from '../../examples/ws-engine.mjs'
import { expectNothingLeft, next } from './support.mjs'

expectNothingLeft()

/** A client of `ws`, the server's socket for it, and what the client reads from TCP. */
async function connect(context, options) {
  const http = createServer()
  const sockets = new (wsEngine({ handshake: { origins: 'any' } }))(options)
  const opened = new Promise((resolve) => {
    http.on('upgrade', (request, socket, head) => sockets.handleUpgrade(request, socket, head, resolve))
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const client = new WebSocket(`ws://127.0.0.1:${http.address().port}/`)
  context.after(() => {
    client.terminate()
    http.close()
  })
  const [[{ socket: tcp }]] = await Promise.all([once(client, 'upgrade'), once(client, 'open')])
  const chunks = []
  tcp.on('data', (chunk) => chunks.push(chunk))
  return { client, socket: await opened, chunks }
}

/** The next message, and whether its frame was compressed: RSV1, the second bit. */
async function nextMessage({ client, chunks }) {
  chunks.length = 0
  const [data, isBinary] = await next(client, 'message')
  return [String(data), isBinary, (Buffer.concat(chunks)[0] & 0x40) !== 0]
}

const text = 'all work and no play '.repeat(500)

test('`send` with and without options and a callback', async (context) => {
  const pair = await connect(context)
  const { socket } = pair
  for (const args of [[], [{}], [undefined], [null]]) {
    const got = nextMessage(pair)
    socket.send('a', ...args)
    assert.deepEqual(await got, ['a', false, false])
  }
  for (const args of [[], [{}], [undefined]]) {
    const got = nextMessage(pair)
    assert.equal(await new Promise((resolve) => socket.send('a', ...args, resolve)), undefined)
    assert.deepEqual(await got, ['a', false, false])
  }
})

test('`binary` chooses the type of the message', async (context) => {
  const pair = await connect(context)
  const bytes = Buffer.from('Käse')
  for (const [data, options, isBinary] of [
    [bytes, {}, true],
    [bytes, { binary: true }, true],
    [bytes, { binary: false }, false],
    [new Uint8Array(bytes).buffer, { binary: false }, false],
    ['Käse', { binary: true }, true],
    ['Käse', { binary: false }, false],
  ]) {
    const got = nextMessage(pair)
    pair.socket.send(data, options)
    assert.deepEqual(await got, ['Käse', isBinary, false])
  }
})

test('`compress: false` does not compress; the default and `true` do', async (context) => {
  const pair = await connect(context, { perMessageDeflate: true })
  for (const [options, compressed] of [
    [undefined, true],
    [{ compress: true }, true],
    [{ compress: false }, false],
    [{ compress: false, binary: false }, false],
  ]) {
    const got = nextMessage(pair)
    pair.socket.send(text, options)
    assert.deepEqual(await got, [text, false, compressed])
  }
})

test('`terminate` ends the connection without a Close', async (context) => {
  const { client, socket } = await connect(context)
  const closes = [next(client, 'close'), next(socket, 'close')]
  socket.terminate()
  const [[ofClient], [ofSocket]] = await Promise.all(closes)
  assert.deepEqual([ofClient, ofSocket, socket.readyState], [1006, 1006, 3])
  socket.send('too late')
})
