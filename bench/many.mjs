/**
 * Many connections to one server, beside `ws`, bare sockets and Bun's own server, each in a process of its own with a client in C: the memory that
 * a connection takes, idle after one message, and the time and CPU to send one message to all. First checks that all send the same
 * bytes.
 */

import { deepStrictEqual } from 'node:assert'
import { fileURLToPath } from 'node:url'
import { findProgram, programs } from '../test/runtimes/programs.mjs'
import { exchange } from './echo.mjs'
import { record } from './results.mjs'
import { measure, median, number, printTable, quick, ratios, ratioTitles, sizeLabel } from './rounds.mjs'
import {
  clientFrame,
  cpuOf,
  openFiles,
  residentOf,
  serverFrame,
  startClient,
  startServer,
  withClient,
} from './servers.mjs'

const WANTED = quick ? 2_000 : 10_000
/** Files that a process has open besides. */
const OTHER_FILES = 200
const CONNECTIONS = Math.min(WANTED, openFiles() - 2 * OTHER_FILES)
/** Connections of a server before its memory counts: its code is compiled by then. */
const WARM = 100
const TIMES = quick ? 1 : 3
const ROUNDS = quick ? 3 : 7
const SIZES = [20, 1024]
/** Messages to all in a round. */
const MESSAGES = 3

export function benchMany() {
  if (CONNECTIONS < WANTED)
    console.log(`*** Only ${CONNECTIONS} connections: a process may have ${openFiles()} files open here. ***`)
  return withClient('Many connections', async (folder) => {
    await compareMemory(folder)
    await compareFanOut(folder)
  })
}

function servers() {
  const script = fileURLToPath(new URL('many-server.mjs', import.meta.url))
  const node = (kind) => [process.execPath, '--expose-gc', script, kind]
  const { programs: places, version } = programs.find(({ name }) => name === 'Bun')
  const bun = findProgram(places(), version)
  return [
    { name: 'adapter', ours: true, command: node('adapter') },
    { name: 'ws', ours: false, command: node('ws') },
    { name: 'bare sockets', ours: false, command: node('bare') },
    ...(bun === undefined ? [] : [{ name: 'Bun', ours: false, command: [bun.program, 'run', script, 'bun'] }]),
  ]
}

/** The servers run one after the other, so that nothing else takes memory. */
async function compareMemory(folder) {
  const contenders = servers()
  const samples = contenders.map(() => [])
  for (let left = TIMES; left > 0; left--)
    for (const [index, { command }] of contenders.entries()) samples[index].push(await memoryOf(command, folder))
  record({
    name: `Memory of ${CONNECTIONS} connections`,
    unit: 'bytes',
    sides: contenders.map(({ name }, index) => ({ name, samples: samples[index] })),
  })
  const medians = samples.map((each) => median(each.toSorted((a, b) => a - b)))
  printTable(
    `Resident memory of each of ${CONNECTIONS} idle connections, in bytes, and how many times as much others take`,
    [
      [...contenders.map(({ name }) => name), ...ratioTitles(contenders)],
      [...medians.map(number), ...ratios(contenders, medians)],
    ],
  )
}

async function memoryOf(command, folder) {
  const server = await startServer(command)
  const clients = []
  try {
    const first = await startClient(folder, server.port, WARM)
    clients.push(first)
    await sayHello(first, 100)
    const before = await settled(server)
    const all = await startClient(folder, server.port, CONNECTIONS)
    clients.push(all)
    await sayHello(all, 1)
    return ((await settled(server)) - before) / CONNECTIONS
  } finally {
    for (const client of clients) client.stop()
    server.stop()
  }
}

function sayHello(client, times) {
  return client.send(clientFrame('hello there'), serverFrame('hello there').length, times)
}

/** Resident bytes once garbage is collected, which one more connection asks for. */
async function settled(server) {
  await exchange(server.port, clientFrame('collect'), serverFrame('collect').length)
  await new Promise((resolve) => setTimeout(resolve, 200))
  await exchange(server.port, clientFrame('collect'), serverFrame('collect').length)
  return residentOf(server)
}

/** The servers are up at the same time, and take turns. */
async function compareFanOut(folder) {
  const contenders = []
  try {
    for (const { command, ...contender } of servers()) {
      const server = await startServer(command)
      for (const size of SIZES) await prove(server, size)
      const client = await startClient(folder, server.port, CONNECTIONS)
      contenders.push({ ...contender, server, client })
    }
    const titles = contenders.map(({ name }) => `${name}, messages/s`)
    const busy = contenders.map(({ name }) => `${name}, µs of CPU`)
    const rows = [['text', ...titles, ...ratioTitles(contenders), ...busy]]
    for (const size of SIZES) rows.push(await fanOut(contenders, size))
    printTable(
      `One text to ${CONNECTIONS} connections: messages a second, how many times as many, and CPU of the server a message`,
      rows,
    )
  } finally {
    for (const { client, server } of contenders) {
      client.stop()
      server.stop()
    }
  }
}

const textOf = (size) => '*'.padEnd(size, 'x')

async function fanOut(contenders, size) {
  const text = textOf(size)
  const echoed = serverFrame(text).length
  const messages = MESSAGES * CONNECTIONS
  const busy = new Map(contenders.map(({ name }) => [name, []]))
  const run = async ({ name, server, client }) => {
    const before = cpuOf(server)
    const elapsed = await client.send(clientFrame(text), echoed, MESSAGES, 1)
    busy.get(name).push((cpuOf(server) - before) / messages)
    return elapsed / messages
  }
  const title = `${sizeLabel(size)} to ${CONNECTIONS} connections`
  const times = await measure(title, contenders, run, { rounds: ROUNDS })
  const sides = contenders.map(({ name }) => ({ name, samples: busy.get(name).slice(-ROUNDS) }))
  record({ name: `${title}, CPU of the server`, unit: 'µs', sides })
  const cpu = sides.map(({ samples }) => median(samples.toSorted((a, b) => a - b)))
  return [sizeLabel(size), ...times.map((time) => number(1e9 / time)), ...ratios(contenders, times), ...cpu.map(number)]
}

/** The same bytes come from all, at a connection of its own, which is among those that the message is for. */
async function prove({ port }, size) {
  const expected = Buffer.from(serverFrame(textOf(size)))
  deepStrictEqual(await exchange(port, clientFrame(textOf(size)), expected.length), expected)
}
