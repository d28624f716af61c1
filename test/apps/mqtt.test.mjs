/**
 * An MQTT broker, aedes, over streams of our WebSocket, with mqtt.js as its clients. On Node 26 mqtt.js 5.16.0 does not connect over any
 * WebSocket, not even to a server on `ws`.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { Duplex } from 'node:stream'
import { test } from 'node:test'
import { Aedes } from 'aedes'
import mqtt from 'mqtt'
import { acceptUpgrade, Endpoint, messageStream } from 'websocket-primitives/node'
import { WebSocket } from 'ws'
import { expectNothingLeft, next } from './support.mjs'

expectNothingLeft()

/** A broker on a free port, which stops after its test. */
async function serve(context) {
  const broker = await Aedes.createBroker()
  const types = new Set()
  const endpoint = new Endpoint({
    handshake: { subprotocols: ['mqtt'], requireSubprotocol: true },
    open: (peer) => broker.handle(messageStream(peer, { Duplex, objectMode: false })),
    event: (_, { type }) => types.add(type),
  })
  const server = createServer()
  server.on('upgrade', (request, socket, head) => acceptUpgrade(endpoint, request, socket, head))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(async () => {
    server.close()
    await new Promise((resolve) => broker.close(resolve))
    await endpoint.close()
  })
  return { broker, endpoint, types, url: `ws://127.0.0.1:${server.address().port}` }
}

/** Connects a client; `sockets` of the result are its WebSockets. */
async function connect(context, url, options = {}) {
  const sockets = []
  const createWebsocket = (address, protocols) => {
    const socket = new WebSocket(address, protocols)
    socket.on('message', (_, isBinary) => assert.ok(isBinary))
    sockets.push(socket)
    return socket
  }
  const client = await mqtt.connectAsync(url, { reconnectPeriod: 0, createWebsocket, ...options })
  context.after(() => client.endAsync(true))
  return { client, sockets }
}

test('10 000 messages of QoS 1 are acknowledged, and arrive in order', async (context) => {
  const { url, types } = await serve(context)
  const { client: reader } = await connect(context, url)
  const { client: writer } = await connect(context, url)
  const count = 10_000
  const got = []
  const all = new Promise((resolve) => {
    reader.on('message', (topic, payload, { qos, dup }) => {
      got.push(`${topic} ${payload} ${qos} ${dup}`)
      if (got.length === count) resolve()
    })
  })
  await reader.subscribeAsync('numbers/#', { qos: 1 })
  const acknowledged = []
  for (let n = 0; n < count; n++)
    acknowledged.push(writer.publishAsync(`numbers/${n % 7}`, `Nr. ${n} für alle`, { qos: 1 }))
  const packets = await Promise.all(acknowledged)
  await all
  assert.equal(packets.length, count)
  assert.deepEqual(
    got,
    Array.from({ length: count }, (_, n) => `numbers/${n % 7} Nr. ${n} für alle 1 false`),
  )
  assert.deepEqual(types, new Set(['binary']))
})

test('a payload of 3 MB comes back', async (context) => {
  const { url } = await serve(context)
  const { client } = await connect(context, url)
  const payload = Buffer.alloc(3_000_000, 'many bytes, ')
  await client.subscribeAsync('large', { qos: 1 })
  const came = next(client, 'message')
  await client.publishAsync('large', payload, { qos: 1 })
  assert.ok(payload.equals((await came)[1]))
})

test('the will of a client is published when its socket is lost, but not when it disconnects', async (context) => {
  const { broker, url } = await serve(context)
  const { client: reader } = await connect(context, url)
  const got = []
  reader.on('message', (topic, payload) => got.push(`${topic} ${payload}`))
  await reader.subscribeAsync('wills', { qos: 1 })
  const will = (payload) => ({ will: { topic: 'wills', payload, qos: 1 } })

  const polite = await connect(context, url, will('polite'))
  const left = once(broker, 'clientDisconnect')
  await polite.client.endAsync()
  await left

  const lost = await connect(context, url, will('lost'))
  const came = next(reader, 'message')
  lost.sockets[0].terminate()
  await came
  assert.deepEqual(got, ['wills lost'])
})

test('a client reconnects to a server that has closed its WebSocket, and gets the messages it has missed', async (context) => {
  const { broker, endpoint, url } = await serve(context)
  const { client: writer } = await connect(context, url)
  const { client, sockets } = await connect(context, url, { clientId: 'reader', clean: false, reconnectPeriod: 1 })
  await client.subscribeAsync('news', { qos: 1 })
  const [, peer] = endpoint.peers
  const closed = once(sockets[0], 'close')
  const left = once(broker, 'clientDisconnect')
  const came = next(client, 'message')
  peer.close(1012, 'restart')
  await left
  await writer.publishAsync('news', 'missed', { qos: 1 })
  const [code, reason] = await closed
  assert.equal(`${code} ${reason}`, '1012 restart')
  assert.equal(String((await came)[1]), 'missed')
  assert.equal(sockets.length, 2)
})
