/**
 * The whole programs of README.md and the guides: finds them, starts them on the built package, and talks to them with `ws`. The tests are
 * in `programs*.test.ts`.
 *
 * @module
 */

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, expect } from 'vitest'
import { type ServerOptions, WebSocket, WebSocketServer } from 'ws'
import { type Running, startProcess, within } from '../peers/support.ts'
import { blocksIn, documents, read } from './snippets.ts'

/** Each program that opens sockets of Node, by its name: `docs/server.md: The whole program` is the block under that heading. */
export const programs: ReadonlyMap<string, string> = new Map(documents.flatMap(programsIn))

function programsIn(path: string): [string, string][] {
  const text = read(path)
  const lines = text.split('\n')
  return blocksIn(path, text)
    .filter(({ code }) => code.includes(" from 'node:"))
    .map(({ place, code }) => {
      const before = lines.slice(0, Number(place.slice(place.lastIndexOf(':') + 1)) - 1)
      const outsideCode = before.join('\n').replace(/^```.*?^```$/gms, '')
      const headings = [...outsideCode.matchAll(/^#+ (.*)$/gm)]
      return [`${path}: ${headings.at(-1)?.[1] ?? ''}`, code]
    })
}

const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

/** Calls this at the end of the test. */
export function stopLater(stop: () => unknown): void {
  stops.push(stop)
}

/** Starts the program of this name, with other ports than in its text. */
export function start(name: string, ports: Readonly<Record<string, string>> = {}): Running {
  return startProgram(name, programs.get(name), ports)
}

/** Starts a program. */
export function startProgram(
  name: string,
  program: string | undefined,
  ports: Readonly<Record<string, string>> = {},
): Running {
  if (program === undefined) throw new Error(`there is no program ${name}`)
  let text = program
  for (const [written, port] of Object.entries(ports)) {
    expect(text).toContain(written)
    text = text.replaceAll(written, port)
  }
  return startProcess(name, process.execPath, ['--input-type=module', '--eval', text])
}

/** The same for a server on port 8080; returns its port. */
export async function serve(
  name: string,
  ports: Readonly<Record<string, string>> = {},
  program: string | undefined = programs.get(name),
): Promise<[port: number, Running]> {
  const running = startProgram(name, program, {
    '.listen(8080)': ".listen(0, '127.0.0.1', function () { console.log(this.address().port) })",
    ...ports,
  })
  const [line] = await within(once(running.lines, 'line'), `${name} to listen`)
  return [Number(line), running]
}

/** A `ws` echo server. */
export async function echoServer(options: ServerOptions = {}): Promise<WebSocketServer> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', ...options })
  server.on('connection', (socket) => socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })))
  await once(server, 'listening')
  stopLater(() => {
    for (const socket of server.clients) socket.terminate()
    server.close()
  })
  return server
}

/** The port of a server that listens. */
export const portOf = (server: WebSocketServer): number => (server.address() as AddressInfo).port

/** Opens a WebSocket of `ws`. */
export async function open(url: string, ...more: (string[] | object)[]): Promise<WebSocket> {
  const socket = new WebSocket(url, ...(more as []))
  stopLater(() => socket.terminate())
  await within(once(socket, 'open'), `${url} to open`)
  return socket
}

/** The status of a refusal. */
export async function statusOf(url: string, options: object = {}): Promise<number> {
  const socket = new WebSocket(url, options).on('error', () => {})
  const [, response] = await within(once(socket, 'unexpected-response'), `${url} to refuse`)
  response.destroy()
  return response.statusCode
}

/** The next message. */
export async function said(socket: WebSocket): Promise<string> {
  return String((await within(once(socket, 'message'), 'a message'))[0])
}

/** The code and reason of the close. */
export async function ended(socket: WebSocket): Promise<string> {
  const [code, reason] = await within(once(socket, 'close'), 'the close')
  return `${code} ${reason}`.trim()
}
