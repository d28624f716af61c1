/**
 * Compares echo servers over loopback, each in its own process with the same client: a C program that this bench builds, so that
 * the server is the bottleneck. First checks that all echo the same bytes. Includes the runtimes' native servers where `npm run
 * test:runtimes` has installed them.
 */

import { deepStrictEqual } from 'node:assert'
import { once } from 'node:events'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { findProgram, programs } from '../test/runtimes/programs.mjs'
import { measure, number, printTable, quick, ratios, ratioTitles, sizeLabel } from './rounds.mjs'
import { clientFrame, cpuOf, request, serverFrame, startClient, startServer, withClient } from './servers.mjs'

const CONNECTIONS = 100
/** Messages per round, over all connections. */
const ROUND = quick ? 10_000 : 40_000
const ROUNDS = quick ? 3 : 11
const PIPELINED = 50

export function benchEcho() {
  return withClient('Echo', async (folder) => {
    const contenders = []
    try {
      for (const { command, ...contender } of servers()) {
        const server = await startServer(command)
        const client = await startClient(folder, server.port, CONNECTIONS)
        contenders.push({ ...contender, server, client, cpu: 0, messages: 0 })
      }
      await measureEchoes(contenders)
    } finally {
      for (const { server, client } of contenders) {
        client.stop()
        server.stop()
      }
    }
  })
}

function servers() {
  const script = (name) => fileURLToPath(new URL(name, import.meta.url))
  const node = (kind) => [process.execPath, script('echo-server.mjs'), kind]
  const native = programs
    .filter(({ name }) => name === 'Deno' || name === 'Bun')
    .map(({ name, programs: places, version }) => ({ name, found: findProgram(places(), version) }))
    .filter(({ found }) => found !== undefined)
    .map(({ name, found }) => {
      const words = name === 'Deno' ? ['run', '--allow-net', '--no-lock'] : ['run']
      return { name, ours: false, command: [found.program, ...words, script('echo-native.mjs')] }
    })
  return [
    { name: 'Connection', ours: true, command: node('ours') },
    { name: 'adapter', ours: false, command: node('adapter') },
    { name: 'ws + addon', ours: false, command: node('ws') },
    { name: 'bare TCP', ours: false, control: true, command: node('bare') },
    ...native,
  ]
}

async function measureEchoes(contenders) {
  const titles = contenders.map(({ name }) => `${name}, messages/s`)
  const busy = contenders.map(({ name }) => `${name}, µs of CPU`)
  const rows = [['payload', 'in flight', ...titles, ...ratioTitles(contenders), ...busy]]
  for (const size of [20, 125]) for (const inFlight of [1, PIPELINED]) rows.push(await row(contenders, size, inFlight))
  printTable(
    `Echo of texts over loopback, ${CONNECTIONS} connections: messages a second, how many times as many, and CPU of the server a message`,
    rows,
  )
}

async function row(contenders, size, inFlight) {
  const text = 'x'.repeat(size)
  const frame = clientFrame(text)
  const echoed = Buffer.from(serverFrame(text))
  for (const { server, control } of contenders)
    if (!control) deepStrictEqual(await exchange(server.port, frame, echoed.length), echoed)
  const batch = Buffer.concat(Array.from({ length: inFlight }, () => frame))
  const batches = Math.max(1, Math.round(ROUND / CONNECTIONS / inFlight))
  const messages = batches * inFlight * CONNECTIONS
  const run = async (contender) => {
    const before = cpuOf(contender.server)
    const elapsed = await contender.client.send(batch, echoed.length * inFlight, batches)
    contender.cpu += cpuOf(contender.server) - before
    contender.messages += messages
    return elapsed / messages
  }
  for (const contender of contenders) contender.cpu = contender.messages = 0
  const title = `Echo of texts, ${sizeLabel(size)}, ${inFlight} in flight`
  const times = await measure(title, contenders, run, { rounds: ROUNDS })
  const cells = times.map((time) => number(1e9 / time))
  const busy = contenders.map(({ cpu, messages }) => number(cpu / messages))
  return [sizeLabel(size), String(inFlight), ...cells, ...ratios(contenders, times), ...busy]
}

/** The bytes echoed for one frame, on a new connection. */
export async function exchange(port, frame, size) {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.write(request)
  const [head] = await once(socket, 'data')
  if (!head.toString().startsWith('HTTP/1.1 101')) throw new Error(head.toString())
  socket.write(frame)
  let bytes = Buffer.alloc(0)
  while (bytes.length < size) bytes = Buffer.concat([bytes, (await once(socket, 'data'))[0]])
  socket.destroy()
  return bytes
}
