/** The server of y-websocket over an Endpoint, and two of its clients, whose documents converge. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { docs, setupWSConnection } from '@y/websocket-server/utils'
import { WebSocket } from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { wsEngine } from '../../examples/ws-engine.mjs'
import { expectNothingLeft } from './support.mjs'

expectNothingLeft()

/** A server on a free port, which stops after its test. */
async function serve(context) {
  const WebSockets = wsEngine()
  const sockets = new WebSockets({ perMessageDeflate: true })
  const server = createServer()
  server.on('upgrade', (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (opened) => setupWSConnection(opened, request)),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(async () => {
    server.close()
    await sockets.close()
    for (const doc of docs.values()) doc.destroy()
    docs.clear()
  })
  return { endpoint: sockets.endpoint, url: `ws://127.0.0.1:${server.address().port}` }
}

/** A document and its client. */
function open(context, url, room = 'room') {
  const doc = new Y.Doc()
  const provider = new WebsocketProvider(url, room, doc, { WebSocketPolyfill: WebSocket, disableBc: true })
  context.after(() => {
    provider.destroy()
    doc.destroy()
  })
  return { doc, provider, text: doc.getText('text'), map: doc.getMap('map') }
}

/** Waits for events of `emitter` until a condition holds. */
const until = (emitter, event, holds) =>
  new Promise((resolve) => {
    const check = () => {
      if (!holds()) return
      emitter.off(event, check)
      resolve()
    }
    emitter.on(event, check)
    check()
  })

const synced = ({ provider }) => until(provider, 'sync', () => provider.synced)
/** Waits until a condition holds for a document. */
const updated = ({ doc }, holds) => until(doc, 'update', holds)

test('two documents converge, whichever client writes, also before they were connected', async (context) => {
  const { url } = await serve(context)
  const one = open(context, url)
  one.text.insert(0, 'world')
  await synced(one)
  const two = open(context, url)
  two.map.set('by', 'two')
  await synced(two)
  await updated(one, () => one.map.has('by'))
  for (let n = 0; n < 500; n++) {
    one.text.insert(0, 'hello ')
    two.text.insert(two.text.length, '!')
  }
  for (const client of [one, two]) await updated(client, () => client.text.length === 3505)
  assert.equal(one.text.toString(), `${'hello '.repeat(500)}world${'!'.repeat(500)}`)
  assert.equal(two.text.toString(), one.text.toString())
  assert.deepEqual(one.map.toJSON(), { by: 'two' })
  const large = 'many letters '.repeat(100_000)
  two.map.set('large', large)
  await updated(one, () => one.map.has('large'))
  assert.equal(one.map.get('large'), large)
})

test('documents in different rooms stay separate', async (context) => {
  const { url } = await serve(context)
  const [one, other] = [open(context, url, 'one'), open(context, url, 'other')]
  one.text.insert(0, 'mine')
  await Promise.all([synced(one), synced(other)])
  const third = open(context, url, 'other')
  await synced(third)
  assert.equal(third.text.toString(), '')
})

test('each client knows who is present, and that the other has left', async (context) => {
  const { url, endpoint } = await serve(context)
  const [one, two] = [open(context, url), open(context, url)]
  await Promise.all([synced(one), synced(two)])
  const { awareness } = one.provider
  two.provider.awareness.setLocalState({ name: 'two', cursor: 7 })
  await until(awareness, 'change', () => awareness.getStates().has(two.doc.clientID))
  assert.deepEqual(awareness.getStates().get(two.doc.clientID), { name: 'two', cursor: 7 })
  two.provider.shouldConnect = false
  two.provider.ws.terminate()
  await until(awareness, 'change', () => !awareness.getStates().has(two.doc.clientID))
  assert.deepEqual([...awareness.getStates().keys()], [one.doc.clientID])
  assert.equal(endpoint.peers.size, 1)
})

test('a client that was disconnected gets the changes it has missed', async (context) => {
  const { url } = await serve(context)
  const [one, two] = [open(context, url), open(context, url)]
  await Promise.all([synced(one), synced(two)])
  two.provider.disconnect()
  one.text.insert(0, 'meanwhile')
  two.text.insert(0, 'alone')
  two.provider.connect()
  for (const client of [one, two]) await updated(client, () => client.text.length === 14)
  assert.equal(one.text.toString(), two.text.toString())
})
