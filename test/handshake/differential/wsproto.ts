/**
 * wsproto, a sans-I/O WebSocket library for Python, as a process that takes handshakes in batches and returns outcomes. Finds the library
 * and reads the output of the process.
 */

import { spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { KEY } from '../opening.ts'
import { describeDeflate, describeDeflateField } from './deflate.ts'
import type { Outcome, Peer } from './difference.ts'

/** The Python for which Debian installs its packages. */
const python: string = process.env.PYTHON ?? '/usr/bin/python3'

/** The version for which the lists of differences are written. */
const VERSION = '1.2'

function findVersion(): string {
  const { status, stdout } = spawnSync(python, ['-c', 'import wsproto; print(wsproto.__version__)'], {
    encoding: 'utf8',
  })
  return status === 0 ? stdout.trim() : 'none'
}

/** Returns what is missing to run wsproto, or `undefined`. */
export function findWsprotoMissing(): string | undefined {
  const version = findVersion()
  if (version.startsWith(VERSION)) return undefined
  return `${python} has wsproto ${version}, expected ${VERSION}; set PYTHON=… to use another Python`
}

type Answer =
  | ['accepted', answer: string]
  | ['accepted', subprotocol: string | null, extensions: Readonly<Record<string, unknown>>[]]
  | ['refused', status: number | null, why: string]
  | ['waiting']

function toOutcome(answer: Answer): Outcome {
  if (answer[0] === 'waiting') return { state: 'waiting' }
  if (answer[0] === 'refused') {
    const [, status, why] = answer
    return { state: 'refused', whys: [why], ...(status !== null && { statuses: [status] }) }
  }
  if (answer.length === 2) return readAnswer(answer[1])
  const [, subprotocol, [extension, ...more]] = answer
  const deflate = extension && describeDeflate(Object.entries(extension))
  return {
    state: 'accepted',
    subprotocol: subprotocol ?? undefined,
    deflate: more.length > 0 ? `${more.length + 1} times` : deflate,
  }
}

/** Reads the 101 of its server. */
function readAnswer(head: string): Outcome {
  const field = (name: string): string | undefined => new RegExp(`\r\n${name}: (.*)`, 'i').exec(head)?.[1]
  return {
    state: 'accepted',
    accept: field('Sec-WebSocket-Accept'),
    subprotocol: field('Sec-WebSocket-Protocol'),
    deflate: describeDeflateField(field('Sec-WebSocket-Extensions')),
  }
}

export function createWsproto(side: 'server' | 'client', subprotocols: readonly string[]): Peer {
  const script = fileURLToPath(new URL('wsproto-judge.py', import.meta.url))
  const settings = JSON.stringify({ side, subprotocols, key: KEY })
  const child = spawn(python, [script, settings], { stdio: ['pipe', 'pipe', 'inherit'] })
  // An aborted test run leaves no process.
  process.once('exit', () => child.kill())
  // The process answers in the order of the requests.
  const asked: { answer(line: string): void; fail(error: Error): void }[] = []
  createInterface(child.stdout).on('line', (line) => asked.shift()?.answer(line))
  child.once('exit', (code) => {
    for (const { fail } of asked) fail(new Error(`the process that runs wsproto has ended with ${code}`))
  })
  const judge = async (texts: readonly string[]): Promise<Outcome[]> => {
    const line = await new Promise<string>((answer, fail) => {
      asked.push({ answer, fail })
      child.stdin.write(`${JSON.stringify(texts)}\n`)
    })
    return (JSON.parse(line) as Answer[]).map(toOutcome)
  }
  return { name: 'wsproto', judge, stop: () => child.kill() }
}
