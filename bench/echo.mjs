/**
 * Knows how servers compare that echo over loopback: each in a process of its own, under the same client, which writes frames that
 * were made before and counts the bytes that come back. First both echo the same bytes.
 */

import { deepStrictEqual } from 'node:assert'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { encodeFrame, Opcode } from '../dist/index.js'
import { measureInTurns, number, printTable, quick, ratios, ratioTitles, sizeLabel } from './rounds.mjs'

const CONNECTIONS = 100
/** Messages of all connections, a round. */
const ROUND = quick ? 5_000 : 20_000
const ROUNDS = quick ? 3 : 9
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
  const contenders = await Promise.all([
    start({ name: 'Connection', kind: 'ours', ours: true }),
    start({ name: 'ws + addon', kind: 'ws', ours: false }),
  ])
  try {
    const rows = [
      ['payload', 'in flight', ...contenders.map(({ name }) => `${name}, messages/s`), ...ratioTitles(contenders)],
    ]
    for (const size of [20, 125])
      for (const inFlight of [1, PIPELINED]) rows.push(await row(contenders, size, inFlight))
    printTable(
      `Echo of texts over loopback, ${CONNECTIONS} connections: messages a second, and how many times as many`,
      rows,
    )
  } finally {
    for (const { sockets, child } of contenders) {
      for (const socket of sockets) socket.destroy()
      child.kill()
    }
  }
}

async function start(contender) {
  const script = fileURLToPath(new URL('echo-server.mjs', import.meta.url))
  const child = spawn(process.execPath, [script, contender.kind], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [port] = await once(createInterface(child.stdout), 'line')
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => open(Number(port))))
  return { ...contender, child, sockets }
}

/** A socket behind its handshake. */
async function open(port) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  socket.write(request)
  const [head] = await once(socket, 'data')
  if (!head.toString().startsWith('HTTP/1.1 101')) throw new Error(head.toString())
  return socket
}

async function row(contenders, size, inFlight) {
  const text = 'x'.repeat(size)
  const frame = encodeFrame({ opcode: Opcode.Text, payload: text, maskKey: Uint8Array.of(55, 250, 33, 61) })
  const echoed = Buffer.from(encodeFrame({ opcode: Opcode.Text, payload: text }))
  for (const { sockets } of contenders) deepStrictEqual(await exchange(sockets[0], frame, echoed.length), echoed)
  const batch = Buffer.concat(Array.from({ length: inFlight }, () => frame))
  const batches = Math.max(1, Math.round(ROUND / CONNECTIONS / inFlight))
  const run = async ({ sockets }) => {
    const begun = process.hrtime.bigint()
    await Promise.all(sockets.map((socket) => load(socket, batch, echoed.length * inFlight, batches)))
    return Number(process.hrtime.bigint() - begun) / (batches * inFlight * CONNECTIONS)
  }
  const times = await measureInTurns(contenders, run, undefined, ROUNDS)
  const cells = times.map((time) => number(1e9 / time))
  return [sizeLabel(size), String(inFlight), ...cells, ...ratios(contenders, times)]
}

async function exchange(socket, frame, size) {
  socket.write(frame)
  let bytes = Buffer.alloc(0)
  while (bytes.length < size) bytes = Buffer.concat([bytes, (await once(socket, 'data'))[0]])
  return bytes
}

/** Writes a batch whenever the last one has come back. */
function load(socket, batch, size, batches) {
  return new Promise((resolve) => {
    let left = size * batches
    let awaited = size
    socket.on('data', function count(chunk) {
      left -= chunk.length
      awaited -= chunk.length
      if (left === 0) {
        socket.off('data', count)
        resolve()
      } else if (awaited === 0) {
        awaited = size
        socket.write(batch)
      }
    })
    socket.write(batch)
  })
}
