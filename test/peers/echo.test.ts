/**
 * Thousands of mixed messages between us and `ws`, over transports that split everything at random: nothing is lost, changed or
 * reordered. `SEED=… RUNS=…` repeats or extends a run.
 */

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, test, vi } from 'vitest'
import { type PerMessageDeflateOptions, WebSocket, WebSocketServer } from 'ws'
import { pako } from '../../src/codec/pako.ts'
import { zlib } from '../../src/codec/zlib.ts'
import { type DefinedExtension, permessageDeflate } from '../../src/index.ts'
import { Ledger, mixed, seeded, sendAll } from './mixed.ts'
import { echo, open, serve } from './ours.ts'
import { patient, within } from './support.ts'

vi.setConfig(patient)

interface Way {
  readonly title: string
  readonly messages: number
  /** The codec of each side; none: no compression. */
  readonly extensions?: readonly DefinedExtension[]
  readonly perMessageDeflate: PerMessageDeflateOptions | false
}

const small = { serverMaxWindowBits: 9, clientMaxWindowBits: 9, serverNoContextTakeover: true }
const ways: readonly Way[] = [
  { title: 'plain', messages: 1500, perMessageDeflate: false },
  {
    title: 'compressed by zlib',
    messages: 400,
    extensions: [permessageDeflate({ codec: zlib, threshold: 0 })],
    perMessageDeflate: { threshold: 0 },
  },
  {
    title: 'compressed by pako in small windows',
    messages: 150,
    extensions: [permessageDeflate({ codec: pako, threshold: 100, ...small })],
    perMessageDeflate: { threshold: 100, ...small },
  },
]

const table = ways.map((way) => [Number(process.env.RUNS ?? way.messages), way.title, way] as const)

test.each(table)(
  'our client gets %i messages back from a ws server, %s',
  (count, _, { extensions, perMessageDeflate }) =>
    seeded(async (random, cut) => {
      const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate })
      server.on('connection', (end) => end.on('message', (data, binary) => end.send(data, { binary })))
      await once(server, 'listening')
      const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
      const ledger = new Ledger()
      const link = await open(
        url,
        (event) => {
          if (event.type === 'close') ledger.fail(`closed with ${event.code}: ${event.error?.message}`)
          else if (event.type !== 'ping' && event.type !== 'encoded') ledger.receive(event.type, event.data)
        },
        { cut, fragmentSize: 4096, ...(extensions && { extensions }) },
      )
      expect(link.extensions).toEqual(extensions === undefined ? [] : ['permessage-deflate'])
      await sendAll(mixed(count, random), ledger, (message) => link.send(message))
      for (const end of server.clients) end.terminate()
      server.close()
      await within(once(server, 'close'), 'the server to close')
    }),
)

test.each(table)(
  'a ws client gets %i messages back from our server, %s',
  (count, _, { extensions, perMessageDeflate }) =>
    seeded(async (random, cut) => {
      const server = await serve(echo, { cut, fragmentSize: 4096, ...(extensions && { extensions }) })
      const client = new WebSocket(server.url, { perMessageDeflate })
      await within(once(client, 'open'), 'ws to open')
      expect(client.extensions).toBe(extensions === undefined ? '' : 'permessage-deflate')
      const ledger = new Ledger()
      client.on('message', (data, binary) => ledger.receive(binary ? 'binary' : 'text', data as Buffer))
      client.on('pong', (data) => ledger.receive('pong', data))
      client.on('close', (code) => ledger.fail(`closed with ${code}`))
      await sendAll(mixed(count, random), ledger, ({ type, bytes }) => {
        if (type === 'ping') client.ping(bytes)
        else if (random() < 0.9) client.send(bytes, { binary: type === 'binary' })
        else {
          // In two fragments, cut anywhere.
          const half = Math.floor(bytes.length * random())
          client.send(bytes.subarray(0, half), { binary: type === 'binary', fin: false })
          client.send(bytes.subarray(half), { fin: true })
        }
      })
      client.terminate()
      await server.stop()
    }),
)
