// The adapter over real sockets, with `ws` as the peer.
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { Endpoint } from '../../src/adapters/node/index.ts'
import { listenHttp, listenHttps, listenNet, listenTls } from './hosts.ts'

const hosts = [
  ['node:http', 'ws', listenHttp],
  ['node:net', 'ws', listenNet],
  ['node:https', 'wss', listenHttps],
  ['node:tls', 'wss', listenTls],
] as const

describe.each(hosts)('over %s', (_, scheme, listenOn) => {
  const connect = (port: number): WebSocket =>
    new WebSocket(`${scheme}://127.0.0.1:${port}/`, { rejectUnauthorized: false })

  test('echoes messages of any size, reports when they are written, and reports one end', async () => {
    const seen: unknown[] = []
    const endpoint = new Endpoint({
      open: () => seen.push('open'),
      message(peer, data) {
        peer.send(data, { written: (error) => seen.push(error ?? 'written') })
      },
      close: (_, { code }) => seen.push(code),
      gone: () => seen.push('gone'),
    })
    const client = connect(await listenOn(endpoint))
    await once(client, 'open')
    for (const text of ['hello', 'x'.repeat(5_000_000)]) {
      client.send(text)
      const [data] = await once(client, 'message')
      expect(String(data) === text).toBe(true)
    }
    client.close(4000)
    await once(client, 'close')
    await endpoint.close()
    expect(seen).toEqual(['open', 'written', 'written', 4000, 'gone'])
  })

  test('closes all peers, and refuses later clients', async () => {
    const endpoint = new Endpoint()
    const port = await listenOn(endpoint)
    const clients = [connect(port), connect(port)]
    await Promise.all(clients.map((client) => once(client, 'open')))
    const codes = clients.map(async (client) => (await once(client, 'close'))[0])
    await endpoint.close({ spread: 20 })
    expect(await Promise.all(codes)).toEqual([1001, 1001])
    const [error] = await once(connect(port), 'error')
    expect(error.message).toBe('Unexpected server response: 503')
    await endpoint.close()
  })
})
