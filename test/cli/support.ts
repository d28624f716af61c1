/** Runs the built command as a process, and the servers that it tests. Needs `dist/`, which `npm test` builds first. */

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { Endpoint, type EndpointOptions } from '../../src/adapters/node/index.ts'
import type { Case } from '../../src/testing/case.ts'
import type { Report } from '../../src/testing/result.ts'
import { listen, listenHttp } from '../driver/hosts.ts'

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

export interface Exit {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A running process, with its exit code and output once it has ended. */
export function start(...args: readonly string[]): { readonly child: ChildProcess; readonly exit: Promise<Exit> } {
  if (!existsSync(main)) throw new Error(`there is no ${main}: run \`npm run build\` first`)
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const exit = new Promise<Exit>((resolve, reject) => {
    child.on('error', reject).on('close', (code) => resolve({ code, stdout, stderr }))
  })
  return { child, exit }
}

export function run(...args: readonly string[]): Promise<Exit> {
  return start(...args).exit
}

/** Returns the report of a run that printed JSON. */
export async function runJson(...args: readonly string[]): Promise<Exit & { readonly report: Report }> {
  const exit = await run(...args, '--format', 'json')
  if (exit.code === 2) throw new Error(exit.stderr)
  return { ...exit, report: JSON.parse(exit.stdout) }
}

/** Returns the verdicts by slug. */
export function verdictsOf({ results }: Report): Record<string, string> {
  return Object.fromEntries(results.map(({ id, verdict }) => [id, verdict]))
}

/** Creates a folder that is removed after the test. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'command-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Writes a value as JSON, or a text unchanged, to a file. */
export function writeJson(value: unknown): string {
  const file = join(makeFolder(), 'file.json')
  writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value))
  return file
}

/** Writes four small cases of one side to a file. */
export function caseFile(side: 'server' | 'client'): string {
  return writeJson({ format: 1, cases: smallCases(side) })
}

export function smallCases(side: 'server' | 'client'): readonly Case[] {
  const common = {
    since: '0.1.0',
    why: 'Messages get lost.',
    level: 'must' as const,
    references: [{ section: 'RFC 6455 §5.1', quote: 'An endpoint MUST NOT …' }],
    side,
    carriers: ['http/1.1', 'http/2'] as const,
    needs: [],
  }
  const close = { do: 'send', pieces: [{ frame: { opcode: 8, payload: { hex: '03e8' } } }] } as const
  const awaitClose = { do: 'await', for: 'close' } as const
  return [
    {
      ...common,
      id: `${side}/framing/text`,
      title: 'a text',
      autobahn: ['1.1.2'],
      needs: ['echo'],
      steps: [
        { do: 'open' },
        { do: 'send', pieces: [{ frame: { opcode: 1, payload: 'hello' } }] },
        { do: 'await', for: 'message' },
        close,
        awaitClose,
      ],
      outcomes: [
        { verdict: 'pass', reason: 'It came back.', when: { messages: [{ text: 'hello' }], close: [1000, 'empty'] } },
      ],
    },
    {
      ...common,
      id: `${side}/framing/opcode-3`,
      title: 'a reserved opcode',
      steps: [{ do: 'open' }, { do: 'send', pieces: [{ frame: { opcode: 3 } }] }, close, awaitClose],
      outcomes: [{ verdict: 'pass', reason: 'It closed the connection.', when: { close: 1002 } }],
    },
    {
      ...common,
      id: `${side}/control/ping`,
      title: 'a ping',
      references: [{ section: 'RFC 6455 §5.5.2', quote: 'an endpoint MUST send a Pong frame in response' }],
      autobahn: ['2.1', '2.2'],
      steps: [
        { do: 'open' },
        { do: 'send', pieces: [{ frame: { opcode: 9, payload: 'p' } }] },
        { do: 'await', for: 'pong' },
        close,
        awaitClose,
      ],
      outcomes: [{ verdict: 'pass', reason: 'It answered.', when: { pongs: ['p'] } }],
    },
    {
      ...common,
      id: `${side}/closing/code-1000`,
      title: 'a clean Close',
      level: 'should',
      steps: [{ do: 'open' }, close, awaitClose],
      outcomes: [
        { verdict: 'pass', reason: 'It answered with 1000.', when: { close: 1000 } },
        { verdict: 'warn', reason: 'It answered with another code.', when: { close: 'any' } },
      ],
    },
  ]
}

/** Starts a server of this package. It echoes unless the options say otherwise. */
export async function serve(options: EndpointOptions = {}): Promise<string> {
  return `ws://127.0.0.1:${await listenHttp(echoEndpoint(options))}/`
}

export function echoEndpoint(options: EndpointOptions = {}): Endpoint {
  return new Endpoint({ message: (peer, data) => void peer.send(data), ...options })
}

/** Starts a server that calls a function with each connection. */
export async function serveRaw(answer: (socket: Socket, server: Server) => void): Promise<string> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    answer(socket, server)
  })
  return `ws://127.0.0.1:${await listen(server)}/`
}
