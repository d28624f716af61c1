/**
 * Measures the memory of an idle connection: heap and resident bytes of many that have each read and answered one message. Starts
 * itself in one process per kind, so that nothing else grows.
 */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Receiver, Sender } from 'ws'
import { drive, Endpoint } from '../dist/adapters/node/index.js'
import { Connection, connectionOptions, encodeFrame } from '../dist/index.js'
import { record } from './results.mjs'
import { number, printTable, quick } from './rounds.mjs'

const script = fileURLToPath(import.meta.url)
const frame = Buffer.from(encodeFrame({ opcode: 1, payload: 'hello there', maskKey: Uint8Array.of(55, 250, 33, 61) }))
const options = connectionOptions({ role: 'server' })
const kinds = { Connection: openOurs, 'a peer of the adapter, with keepalive': openPeer, ws: openWs }

const endpoint = new Endpoint({ message: (peer, data) => peer.send(data) })
const keptAlive = connectionOptions({ role: 'server', keepalive: { interval: 30_000, timeout: 30_000 } })

/** A stream that takes everything. Made before anything is measured: only what the adapter adds counts. */
class Sink {
  data = undefined
  ended = false
  destroyed = false
  on(event, listener) {
    if (event === 'data') this.data = listener
  }
  off() {}
  pause() {}
  resume() {}
  write(bytes, callback) {
    if (bytes.length !== 13) throw new Error('no echo')
    process.nextTick(callback)
    return true
  }
}
const sinks = []
/** A property from outside, as on a stream of Node, so that the adapter can add another one cheaply. */
const fromOutside = Symbol('from outside')

function openPeer() {
  return drive(endpoint, sinks.pop(), new Connection(keptAlive), { rest: Buffer.from(frame) })
}

function openOurs() {
  const connection = new Connection(options)
  for (const event of connection.receive(Buffer.from(frame))) connection.sendText(event.data)
  if (connection.takeOutput()?.length !== 13) throw new Error('no echo')
  return connection
}

/** The parts of ws that do the same, without its sockets and its `WebSocket`. */
function openWs() {
  const written = []
  const sender = new Sender({ cork() {}, uncork() {}, write: (bytes) => written.push(Buffer.from(bytes)) }, {})
  const receiver = new Receiver({ isServer: true })
  receiver.on('message', (data) => sender.send(data.toString(), { binary: false, fin: true, mask: false }))
  receiver.write(Buffer.from(frame))
  if (Buffer.concat(written.splice(0)).length !== 13) throw new Error('no echo')
  return { receiver, sender }
}

if (process.argv[1] === script) console.log(JSON.stringify(await grow(kinds[process.argv[2]], Number(process.argv[3]))))

/** By how many bytes per connection the process grows. */
async function grow(open, count) {
  if (open === openPeer) {
    for (let i = 0; i < count + 1000; i++) sinks.push(new Sink())
    for (const sink of sinks) sink[fromOutside] = true
  }
  const kept = []
  for (let i = 0; i < 1000; i++) kept.push(open())
  const before = await settle()
  for (let i = 0; i < count; i++) {
    kept.push(open())
    if (i % 1000 === 0) await new Promise(setImmediate)
  }
  const after = await settle()
  return {
    heap: (after.heapUsed - before.heapUsed) / count,
    resident: (after.rss - before.rss) / count,
    kept: kept.length,
  }
}

async function settle() {
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    globalThis.gc()
  }
  return process.memoryUsage()
}

export function benchIdle() {
  const count = quick ? 20_000 : 100_000
  const sides = []
  const rows = [['idle connection', 'heap, bytes', 'resident, bytes']]
  for (const kind of Object.keys(kinds)) {
    const words = ['--expose-gc', script, kind, String(count)]
    const { stdout, stderr, status } = spawnSync(process.execPath, words, { encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
    const { heap, resident } = JSON.parse(stdout)
    rows.push([kind, number(heap), number(resident)])
    sides.push({ name: kind, samples: [heap] })
  }
  record({ name: 'Heap of an idle connection', unit: 'bytes', sides })
  printTable(`Memory of ${count} idle connections, for each`, rows)
}
