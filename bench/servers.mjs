/** Servers and their clients in processes of their own, and what such a process uses. */

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { encodeFrame, Opcode } from '../dist/index.js'

export const request = [
  'GET / HTTP/1.1',
  'Host: 127.0.0.1',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
  '',
  '',
].join('\r\n')

/** A masked text, as a client sends it. */
export function clientFrame(text) {
  return encodeFrame({ opcode: Opcode.Text, payload: text, maskKey: Uint8Array.of(55, 250, 33, 61) })
}

/** A text, as a server sends it. */
export function serverFrame(text) {
  return encodeFrame({ opcode: Opcode.Text, payload: text })
}

/**
 * Builds the client in a temporary folder, for as long as `work(folder)` takes. Without a compiler it says so, under the name of the
 * bench, and does nothing.
 */
export async function withClient(bench, work) {
  const folder = mkdtempSync(join(tmpdir(), 'client-'))
  try {
    writeFileSync(join(folder, 'request'), request)
    const source = fileURLToPath(new URL('echo-client.c', import.meta.url))
    const { error, status, stderr } = spawnSync('gcc', ['-O2', '-o', join(folder, 'client'), source])
    if (error !== undefined || status !== 0) return console.log(`${bench}: skipped, no gcc (${error ?? stderr})\n`)
    await work(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Starts a server, whose first line is its port. */
export async function startServer([program, ...words]) {
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${words.at(-1)} has ended with ${code}`)
  })
  ended.catch(() => {})
  const [port] = await Promise.race([once(createInterface(child.stdout), 'line'), ended])
  return { pid: child.pid, port: Number(port), stop: () => child.kill() }
}

/** Opens connections, in a process of its own. `send` resolves to nanoseconds, once every byte that was asked for has come. */
export async function startClient(folder, port, connections) {
  const words = [String(port), String(connections), join(folder, 'request')]
  const child = spawn(join(folder, 'client'), words, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const next = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error(`the client of port ${port} has given up`)
    return value
  }
  const path = join(folder, `batch-${child.pid}`)
  /** Each of the first `writers` connections writes `batch`; each of all then gets `echoed` bytes; `times` times. */
  const send = async (batch, echoed, times, writers = connections) => {
    writeFileSync(path, batch)
    child.stdin.write(`${path} ${echoed} ${times} ${writers}\n`)
    return Number(await next())
  }
  await next()
  return { send, stop: () => child.kill() }
}

/** CPU time of a process in microseconds, user and system; NaN without /proc. */
export function cpuOf({ pid }) {
  const fields = read(`/proc/${pid}/stat`)
    ?.replace(/^.*\) /s, '')
    .split(' ')
  // In ticks of 10 ms, Linux's unit on every machine.
  return fields === undefined ? Number.NaN : (Number(fields[11]) + Number(fields[12])) * 10_000
}

/** Bytes of memory that a process has; NaN without /proc. */
export function residentOf({ pid }) {
  return Number(/^VmRSS:\s*(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1]) * 1024
}

/** How many files one process may have open. */
export function openFiles() {
  const limit = /^Max open files\s+\S+\s+(\S+)/m.exec(read('/proc/self/limits'))?.[1]
  return limit === 'unlimited' ? Infinity : Number(limit)
}

function read(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
