/** graphql-ws over an Endpoint, with its server interface and its own client: results, and each of its close codes. */
import assert from 'node:assert/strict'
import { on, once } from 'node:events'
import { createServer } from 'node:http'
import { describe, test } from 'node:test'
import { buildSchema } from 'graphql'
import { createClient, GRAPHQL_TRANSPORT_WS_PROTOCOL, makeServer } from 'graphql-ws'
import { acceptUpgrade } from 'websocket-primitives/node'
import { WebSocket } from 'ws'
import { graphqlEndpoint } from '../../examples/graphql-endpoint.mjs'
import { expectNothingLeft } from './support.mjs'

expectNothingLeft()

const schema = buildSchema(`
  type Query { hello(name: String!): String! }
  type Subscription { count(to: Int!): Int! forever: Int! }
`)
const counters = { open: 0 }
const roots = {
  query: { hello: ({ name }) => `hello ${name}` },
  subscription: {
    async *count({ to }) {
      for (let count = 1; count <= to; count++) yield { count }
    },
    async *forever() {
      counters.open++
      try {
        for (let forever = 0; ; forever++) {
          await new Promise(setImmediate)
          yield { forever }
        }
      } finally {
        counters.open--
      }
    },
  },
}

/** A server on a free port, which stops after its test. */
async function serve(context, options = {}) {
  const ends = []
  const onClose = (_, code, reason) => void ends.push(`${code} ${reason}`)
  const endpoint = graphqlEndpoint(makeServer({ schema, roots, onClose, ...options }))
  const server = createServer()
  server.on('upgrade', (request, socket, head) => acceptUpgrade(endpoint, request, socket, head))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => {
    server.close()
    return endpoint.close()
  })
  return { endpoint, ends, url: `ws://127.0.0.1:${server.address().port}` }
}

function connect(context, url, options = {}) {
  const client = createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0, ...options })
  context.after(() => client.dispose())
  return client
}

/** A WebSocket that sends any message. */
async function open(context, url, protocol = GRAPHQL_TRANSPORT_WS_PROTOCOL) {
  const socket = new WebSocket(url, protocol)
  context.after(() => socket.terminate())
  await once(socket, 'open')
  const messages = on(socket, 'message')
  return {
    socket,
    say: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    read: async () => JSON.parse(String((await messages.next()).value[0])),
    end: once(socket, 'close').then(([code, reason]) => `${code} ${reason}`),
  }
}

async function collect(results) {
  const all = []
  for await (const { data, errors } of results) all.push(errors ?? { ...data })
  return all
}

describe('its client', () => {
  test('queries and subscribes, several at a time over one WebSocket', async (context) => {
    const { endpoint, url } = await serve(context)
    const client = connect(context, url, { lazy: false })
    const [names, counts, more] = await Promise.all([
      collect(client.iterate({ query: 'query ($name: String!) { hello(name: $name) }', variables: { name: 'Käthe' } })),
      collect(client.iterate({ query: 'subscription { count(to: 1000) }' })),
      collect(client.iterate({ query: 'subscription { count(to: 3) }' })),
    ])
    assert.deepEqual(names, [{ hello: 'hello Käthe' }])
    assert.deepEqual(
      counts,
      Array.from({ length: 1000 }, (_, n) => ({ count: n + 1 })),
    )
    assert.deepEqual(more, [{ count: 1 }, { count: 2 }, { count: 3 }])
    assert.equal(endpoint.peers.size, 1)
  })

  test('gets the errors of a query', async (context) => {
    const client = connect(context, (await serve(context)).url)
    await assert.rejects(collect(client.iterate({ query: '{ goodbye }' })), ([{ message }]) => {
      assert.equal(message, 'Cannot query field "goodbye" on type "Query".')
      return true
    })
  })

  test('leaves a subscription, which ends on the server', async (context) => {
    const { url, ends } = await serve(context)
    const client = connect(context, url)
    for await (const { data } of client.iterate({ query: 'subscription { forever }' })) if (data.forever === 5) break
    while (counters.open > 0) await new Promise(setImmediate)
    while (ends.length === 0) await new Promise(setImmediate)
    assert.deepEqual(ends, ['1000 Normal Closure'])
  })

  test('vanishes, and its subscription ends', async (context) => {
    const { url, ends } = await serve(context)
    let socket
    const client = connect(context, url, { on: { opened: (opened) => (socket = opened) } })
    const reading = collect(client.iterate({ query: 'subscription { forever }' }))
    while (counters.open === 0) await new Promise(setImmediate)
    socket.terminate()
    await assert.rejects(reading, ({ code }) => code === 1006)
    while (counters.open > 0 || ends.length === 0) await new Promise(setImmediate)
    assert.deepEqual(ends, ['1006 '])
  })

  test('a subscription waits for a client that does not read', async (context) => {
    const text = 'x'.repeat(10_000)
    let made = 0
    const { url, endpoint } = await serve(context, {
      roots: {
        subscription: {
          async *forever() {
            for (;;) yield { forever: made++ }
          },
        },
      },
      onNext: () => ({ data: { text } }),
    })
    const { socket, say, read } = await open(context, url)
    say({ type: 'connection_init' })
    assert.equal((await read()).type, 'connection_ack')
    say({ id: '1', type: 'subscribe', payload: { query: 'subscription { forever }' } })
    assert.equal((await read()).type, 'next')
    socket.pause()
    const [peer] = endpoint.peers
    while (!peer.full) await new Promise(setImmediate)
    const before = made
    for (let turn = 0; turn < 1000; turn++) await new Promise(setImmediate)
    assert.ok(made <= before + 1)
    assert.ok(peer.bufferedAmount < 100_000)
    socket.terminate()
  })
})

describe('close codes', () => {
  const subscribe = { id: '1', type: 'subscribe', payload: { query: 'subscription { forever }' } }
  const init = { type: 'connection_init' }

  for (const [name, end, messages, options] of [
    ['no JSON', '4400 Invalid message received', ['hello']],
    ['a message of no type', '4400 Invalid message received', [{}]],
    ['a subscription before the connection is acknowledged', '4401 Unauthorized', [subscribe]],
    ['parameters that are not accepted', '4403 Forbidden', [init], { onConnect: () => false }],
    ['silence', '4408 Connection initialisation timeout', [], { connectionInitWaitTimeout: 20 }],
    ['an id that is taken', '4409 Subscriber for 1 already exists', [init, subscribe, subscribe]],
    ['a second connection_init', '4429 Too many initialisation requests', [init, init]],
    [
      'a server that fails',
      '4500 Internal server error',
      [init, subscribe],
      {
        onSubscribe() {
          throw new Error('no database')
        },
      },
    ],
  ])
    test(`${end}: ${name}`, async (context) => {
      const { url, ends } = await serve(context, options)
      const client = await open(context, url)
      for (const message of messages) {
        client.say(message)
        if (message === init && messages.length > 1) await Promise.race([client.read(), client.end])
      }
      assert.equal(await client.end, end)
      while (ends.length === 0 || counters.open > 0) await new Promise(setImmediate)
      assert.deepEqual(ends, [end])
    })

  test('4406: another subprotocol', async (context) => {
    const { url } = await serve(context)
    const socket = new WebSocket(url)
    assert.deepEqual(
      await once(socket, 'close').then(([code, reason]) => `${code} ${reason}`),
      '4406 Subprotocol not acceptable',
    )
  })

  test('its client treats them as fatal', async (context) => {
    const { url } = await serve(context, { onConnect: () => false })
    const client = connect(context, url)
    await assert.rejects(collect(client.iterate({ query: '{ hello(name: "a") }' })), ({ code, reason }) => {
      assert.deepEqual([code, reason], [4403, 'Forbidden'])
      return true
    })
  })
})
