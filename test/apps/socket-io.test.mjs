/** socket.io's server on our WebSocket, through its option `wsEngine`, with its own client. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, test } from 'node:test'
import { Server } from 'socket.io'
import { io } from 'socket.io-client'
import { wsEngine } from '../../examples/ws-engine.mjs'
import { expectNothingLeft, next } from './support.mjs'

expectNothingLeft()

/** A server on a free port, which stops after its test. */
async function serve(context, options = {}, endpointOptions = {}) {
  const http = createServer()
  const server = new Server(http, { wsEngine: wsEngine(endpointOptions), maxHttpBufferSize: 4e6, ...options })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  context.after(() => server.close())
  const url = `http://127.0.0.1:${http.address().port}`
  return { server, url, endpoint: server.engine.ws.endpoint }
}

/** Connects a client and returns both ends. */
async function connect(context, { server, url }, options = {}) {
  const client = io(url, { forceNew: true, reconnection: false, transports: ['websocket'], ...options })
  context.after(() => client.disconnect())
  const [[socket]] = await Promise.all([once(server, 'connection'), connected(client)])
  return { client, socket }
}

const connected = (client) =>
  new Promise((resolve, reject) => client.once('connect', resolve).once('connect_error', reject))

const transport = (client) => client.io.engine.transport

test('a client begins with polling and moves to WebSocket, without losing a message', async (context) => {
  const host = await serve(context)
  host.server.on('connection', (socket) => socket.on('number', (n) => socket.emit('number', n)))
  const client = io(host.url, { forceNew: true, reconnection: false })
  context.after(() => client.disconnect())
  const names = []
  const { engine } = client.io
  engine.once('open', () => names.push(engine.transport.name)).once('upgrade', ({ name }) => names.push(name))
  const [[socket]] = await Promise.all([once(host.server, 'connection'), connected(client)])
  const got = []
  client.on('number', (n) => got.push(n))
  let sent = 0
  for (let more = 10; more > 0; more -= names.length - 1) {
    client.emit('number', sent++)
    await new Promise(setImmediate)
  }
  while (got.length < sent) await next(client, 'number')
  assert.deepEqual(got, [...Array(sent).keys()])
  assert.deepEqual(names, ['polling', 'websocket'])
  assert.equal(socket.conn.transport.name, 'websocket')
  assert.equal(host.endpoint.peers.size, 1)
})

describe('WebSocket alone', () => {
  test('the events of both sides, with acknowledgements', async (context) => {
    const { client, socket } = await connect(context, await serve(context))
    socket.on('sum', (a, b, answer) => answer(a + b))
    client.on('sum', (a, b, answer) => answer(a + b))
    assert.equal(await client.emitWithAck('sum', 1, 2), 3)
    assert.equal(await socket.emitWithAck('sum', 3, 4), 7)
    assert.equal(socket.conn.transport.name, 'websocket')
  })

  test('binary data of every kind', async (context) => {
    const { client, socket } = await connect(context, await serve(context))
    const bytes = [1, 2, 3, 250]
    const kinds = [
      Buffer.from(bytes),
      Uint8Array.from(bytes),
      Uint8Array.from(bytes).buffer,
      Uint8Array.of(0, ...bytes).subarray(1),
    ]
    socket.on('echo', (data, answer) => {
      assert.ok(Buffer.isBuffer(data))
      answer(data)
    })
    for (const kind of kinds) assert.deepEqual(await client.emitWithAck('echo', kind), Buffer.from(bytes))
    client.on('echo', (data, answer) => answer(data))
    for (const kind of kinds) assert.deepEqual(await socket.emitWithAck('echo', kind), Buffer.from(bytes))
  })

  test('header fields that the application adds to the 101', async (context) => {
    const host = await serve(context)
    host.server.engine.on('headers', (headers) => {
      headers['X-Node'] = 'a: b'
    })
    const client = io(host.url, { forceNew: true, reconnection: false, transports: ['websocket'], autoConnect: false })
    context.after(() => client.disconnect())
    client.connect()
    const upgraded = once(client.io.engine.transport.ws, 'upgrade')
    await connected(client)
    const [{ headers }] = await upgraded
    assert.equal(headers['x-node'], 'a: b')
  })

  test('a page of another site is refused, unless the endpoint lists its origin', async (context) => {
    const other = { extraHeaders: { origin: 'https://app.example' } }
    const refusing = await serve(context)
    await assert.rejects(connect(context, refusing, other), ({ description }) => {
      assert.equal(description.message, 'Unexpected server response: 403')
      return true
    })
    const allowing = await serve(context, {}, { handshake: { origins: ['https://app.example'] } })
    await connect(context, allowing, other)
  })
})

test('`maxHttpBufferSize` applies, whatever other limits the endpoint has', async (context) => {
  const limits = { maxMessageSize: 8e6 }
  const { endpoint } = await serve(context, { maxHttpBufferSize: 1000 }, { limits })
  assert.equal(endpoint.handlers.limits.maxMessageSize, 1000)
})

describe('compression', () => {
  const text = 'all work and no play '.repeat(5000)

  test('is agreed on if the server wants it, and used in both directions', async (context) => {
    const { client, socket } = await connect(context, await serve(context, { perMessageDeflate: true }))
    const { peer } = socket.conn.transport.socket
    assert.equal(peer.agreement.extensions.length, 1)
    const tcp = peer.connection && transport(client).ws._socket
    socket.on('echo', (data, answer) => answer(data))
    const [received, sent] = [tcp.bytesRead, tcp.bytesWritten]
    assert.equal(await client.emitWithAck('echo', text), text)
    assert.ok(tcp.bytesRead - received < text.length / 50)
    assert.ok(tcp.bytesWritten - sent < text.length / 50)
  })

  test('is declined otherwise', async (context) => {
    const { client, socket } = await connect(context, await serve(context))
    assert.deepEqual(socket.conn.transport.socket.peer.agreement.extensions, [])
    assert.equal(transport(client).ws.extensions, '')
  })
})

test('a broadcast reaches 50 clients, and a message to a room its members', async (context) => {
  const host = await serve(context)
  const pairs = []
  for (let n = 0; n < 50; n++) pairs.push(await connect(context, host))
  const all = pairs.map(({ client }) => next(client, 'all'))
  host.server.emit('all', 'text', Buffer.of(1, 2, 3))
  for (const got of await Promise.all(all)) assert.deepEqual(got, ['text', Buffer.of(1, 2, 3)])
  const got = pairs.map(() => [])
  for (const [n, { client, socket }] of pairs.entries()) {
    if (n % 5 === 0) socket.join('fifth')
    client.on('some', (data) => got[n].push(data))
  }
  pairs[0].socket.to('fifth').emit('some', 'from the first')
  const last = pairs.map(({ client }) => next(client, 'last'))
  host.server.emit('last')
  await Promise.all(last)
  assert.deepEqual(
    got,
    pairs.map((_, n) => (n % 5 === 0 && n > 0 ? ['from the first'] : [])),
  )
})

for (const perMessageDeflate of [false, true])
  test(`3 MB of binary in both directions, ${perMessageDeflate ? 'with' : 'without'} compression`, async (context) => {
    const { client, socket } = await connect(context, await serve(context, { perMessageDeflate }))
    const data = Buffer.concat([randomBytes(1_000_000), Buffer.alloc(1_000_000, 'abc'), randomBytes(1_000_000)])
    socket.on('up', (received, answer) => answer(data.equals(received)))
    client.on('down', (received, answer) => answer(data.equals(received)))
    assert.equal(await client.emitWithAck('up', data), true)
    assert.equal(await socket.emitWithAck('down', data), true)
  })

describe('the end', () => {
  /** Both reasons, and the close of the client's WebSocket, after `act` has been called. */
  async function end(context, act, options) {
    const pair = await connect(context, await serve(context, options, { closeTimeout: 100 }))
    const { client, socket } = pair
    const ends = Promise.all([next(client, 'disconnect'), next(socket, 'disconnect')])
    act(pair)
    const [[ofClient, details], [ofServer]] = await ends
    return [ofClient, ofServer, details?.context?.code]
  }

  test('the client disconnects', async (context) => {
    const reasons = await end(context, ({ client }) => client.disconnect())
    assert.deepEqual(reasons, ['io client disconnect', 'client namespace disconnect', undefined])
  })

  test('the server disconnects', async (context) => {
    const reasons = await end(context, ({ socket }) => socket.disconnect(true))
    assert.deepEqual(reasons, ['io server disconnect', 'server namespace disconnect', undefined])
  })

  test('the client leaves without a Close', async (context) => {
    const reasons = await end(context, ({ client }) => transport(client).ws.terminate())
    assert.deepEqual(reasons, ['transport close', 'transport close', 1006])
  })

  test('the server terminates', async (context) => {
    const reasons = await end(context, ({ socket }) => socket.conn.transport.socket.peer.terminate())
    assert.deepEqual(reasons, ['transport close', 'transport close', 1006])
  })

  test('the client sends more than the server takes', async (context) => {
    const reasons = await end(context, ({ client }) => client.emit('big', Buffer.alloc(2000)), {
      maxHttpBufferSize: 1000,
    })
    assert.deepEqual(reasons, ['transport close', 'transport error', 1009])
  })

  test('the client does not answer', async (context) => {
    const act = ({ client }) => {
      const { ws } = transport(client)
      ws._socket.pause()
      context.after(() => ws.terminate())
    }
    const [, ofServer] = await end(context, act, { pingInterval: 50, pingTimeout: 50 })
    assert.equal(ofServer, 'ping timeout')
  })

  test('the server shuts down: all clients are notified, and nothing is left', async (context) => {
    const host = await serve(context)
    const pairs = [await connect(context, host), await connect(context, host)]
    const ends = Promise.all(pairs.map(({ client }) => next(client, 'disconnect')))
    await host.server.close()
    for (const [reason] of await ends) assert.equal(reason, 'transport close')
    assert.equal(host.endpoint.peers.size, 0)
    await assert.rejects(connect(context, host), ({ description }) => description.message.includes('ECONNREFUSED'))
  })
})
