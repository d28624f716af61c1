/**
 * Compares echo servers over loopback, each in its own process with the same client: a C program that this bench builds, so that
 * the server is the bottleneck. First checks that all echo the same bytes. Includes the runtimes' native servers where `npm run
 * test:runtimes` has installed them.
 */

import { deepStrictEqual } from 'node:assert'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { encodeFrame, Opcode } from '../dist/index.js'
import { findProgram, programs } from '../test/runtimes/programs.mjs'
import { measure, number, printTable, quick, ratios, ratioTitles, sizeLabel } from './rounds.mjs'

const CONNECTIONS = 100
/** Messages per round, over all connections. */
const ROUND = quick ? 10_000 : 40_000
const ROUNDS = quick ? 3 : 11
const PIPELINED = 50

const request = [
  'GET / HTTP/1.1',
  'Host: 127.0.0.1',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
  '',
  '',
].join('\r\n')

export async function benchEcho() {
  const folder = mkdtempSync(join(tmpdir(), 'echo-'))
  const contenders = []
  try {
    writeFileSync(join(folder, 'request'), request)
    const source = fileURLToPath(new URL('echo-client.c', import.meta.url))
    const { error, status, stderr } = spawnSync('gcc', ['-O2', '-o', join(folder, 'client'), source])
    if (error !== undefined || status !== 0) return console.log(`Echo: skipped, no gcc (${error ?? stderr})\n`)
    for (const server of servers()) contenders.push(await start(server, folder))
    await measureEchoes(contenders, folder)
  } finally {
    for (const { child, client } of contenders) {
      client.kill()
      child.kill()
    }
    rmSync(folder, { recursive: true })
  }
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

async function start({ command: [program, ...words], ...contender }, folder) {
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [port] = await once(createInterface(child.stdout), 'line')
  const args = [port, String(CONNECTIONS), join(folder, 'request')]
  const client = spawn(join(folder, 'client'), args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface(client.stdout)[Symbol.asyncIterator]()
  return { ...contender, child, client, lines, port: Number(port), cpu: 0, messages: 0 }
}

async function measureEchoes(contenders, folder) {
  const titles = contenders.map(({ name }) => `${name}, messages/s`)
  const busy = contenders.map(({ name }) => `${name}, µs of CPU`)
  const rows = [['payload', 'in flight', ...titles, ...ratioTitles(contenders), ...busy]]
  for (const size of [20, 125])
    for (const inFlight of [1, PIPELINED]) rows.push(await row(contenders, size, inFlight, join(folder, 'batch')))
  printTable(
    `Echo of texts over loopback, ${CONNECTIONS} connections: messages a second, how many times as many, and CPU of the server a message`,
    rows,
  )
}

async function row(contenders, size, inFlight, path) {
  const text = 'x'.repeat(size)
  const frame = encodeFrame({ opcode: Opcode.Text, payload: text, maskKey: Uint8Array.of(55, 250, 33, 61) })
  const echoed = Buffer.from(encodeFrame({ opcode: Opcode.Text, payload: text }))
  for (const { port, control } of contenders)
    if (!control) deepStrictEqual(await exchange(port, frame, echoed.length), echoed)
  writeFileSync(path, Buffer.concat(Array.from({ length: inFlight }, () => frame)))
  const batches = Math.max(1, Math.round(ROUND / CONNECTIONS / inFlight))
  const messages = batches * inFlight * CONNECTIONS
  const run = async (contender) => {
    const before = cpuOf(contender.child)
    contender.client.stdin.write(`${path} ${echoed.length * inFlight} ${batches}\n`)
    const { value, done } = await contender.lines.next()
    if (done) throw new Error(`the client of ${contender.name} has given up`)
    contender.cpu += cpuOf(contender.child) - before
    contender.messages += messages
    return Number(value) / messages
  }
  for (const contender of contenders) contender.cpu = contender.messages = 0
  const title = `Echo of texts, ${sizeLabel(size)}, ${inFlight} in flight`
  const times = await measure(title, contenders, run, { rounds: ROUNDS })
  const cells = times.map((time) => number(1e9 / time))
  const busy = contenders.map(({ cpu, messages }) => number(cpu / messages))
  return [sizeLabel(size), String(inFlight), ...cells, ...ratios(contenders, times), ...busy]
}

/** CPU time of a process in microseconds, user and system; NaN without /proc. */
function cpuOf({ pid }) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    // In ticks of 10 ms, Linux's unit on every machine.
    return (Number(fields[11]) + Number(fields[12])) * 10_000
  } catch {
    return Number.NaN
  }
}

/** The bytes echoed for one frame, on a new connection. */
async function exchange(port, frame, size) {
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
