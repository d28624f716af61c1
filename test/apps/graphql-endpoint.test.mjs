/** What `graphql-endpoint.mjs` does with an error of the application. graphql-ws itself has its own test. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { acceptUpgrade } from 'websocket-primitives/node'
import { WebSocket } from 'ws'
import { graphqlEndpoint } from '../../examples/graphql-endpoint.mjs'
import { expectNothingLeft, next } from './support.mjs'

expectNothingLeft()

test('an error is logged, and closes the WebSocket with 4500', async (context) => {
  const log = context.mock.method(console, 'error', () => {})
  const failure = new Error('a resolver failed')
  const endpoint = graphqlEndpoint({
    opened(socket) {
      socket.onMessage(() => {
        throw failure
      })
      return () => {}
    },
  })
  const http = createServer().on('upgrade', (...upgrade) => acceptUpgrade(endpoint, ...upgrade))
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  context.after(() => http.close())
  const client = new WebSocket(`ws://127.0.0.1:${http.address().port}/`, 'graphql-transport-ws')
  await once(client, 'open')
  client.send('{}')
  const [code, reason] = await next(client, 'close')
  assert.deepEqual([code, String(reason)], [4500, 'Internal server error'])
  assert.deepEqual(
    log.mock.calls.map(({ arguments: [error] }) => error),
    [failure],
  )
})
