/**
 * A scripted peer: another library, in a Python process or in this one, that follows a test's commands and reports events; and our
 * end of the connection.
 */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import {
  type AcceptOptions,
  type AgreedExtension,
  type Connection,
  type ConnectionEvent,
  getHeaders,
  type OfferOptions,
} from '../../src/index.ts'
import { type Link, open, serve } from './ours.ts'
import { type Host, Inbox, startProcess } from './support.ts'

export type Order =
  /** Echoes with compression: as a client of the server at `url`, or as a server without one. */
  | { type: 'echo'; url: string | undefined; preferences: Readonly<Record<string, number | boolean>> }
  | { type: 'open'; url: string; subprotocols: readonly string[]; headers: Readonly<Record<string, string>> }
  | { type: 'text'; data: string }
  | { type: 'binary'; data: Uint8Array }
  | { type: 'ping'; data: string }
  | { type: 'close'; code?: number; reason?: string }

/** What happened to the peer, as reported by its library. */
export type Report =
  | { type: 'listening'; port: number }
  /** An extension as in a head, if the library shows its parameters. */
  | { type: 'open'; subprotocol: string | null; extensions: string[] }
  | { type: 'refused'; status: number }
  | { type: 'text'; data: string }
  | { type: 'binary'; data: Uint8Array }
  | { type: 'pong'; data: string }
  | { type: 'close'; code: number; reason: string }
  /** Its process has ended; `stop` reports why. */
  | { type: 'exit' }

export interface Puppet {
  readonly reports: Inbox<Report>
  order(order: Order): void
  stop(): Promise<void>
}

/** A server. It obeys commands for its latest connection. */
export type PuppetServer = Puppet & Host

const PYTHON = '/usr/bin/python3'

/** What is missing to import a module; `undefined` if nothing is. */
export function findMissing(module: string): string | undefined {
  const { status } = spawnSync(PYTHON, ['-c', `import ${module}`], { stdio: 'ignore' })
  if (status === null) return `no ${PYTHON}`
  return status === 0 ? undefined : `${PYTHON} has no ${module}`
}

/** A script of `python/`. `-B`: writes no compiled files. */
export function startPython(script: string): Puppet {
  const path = fileURLToPath(new URL(`python/${script}`, import.meta.url))
  const { child, lines, exited, stop } = startProcess(script, PYTHON, ['-B', path])
  const reports = new Inbox<Report>()
  exited.then(() => reports.push({ type: 'exit' }))
  child.stdin.on('error', () => {})
  lines.on('line', (line) => {
    const report = JSON.parse(line)
    reports.push(report.type === 'binary' ? { ...report, data: fromBase64(report.data) } : report)
  })
  const order = (order: Order): void => {
    const data = order.type === 'binary' ? { data: Buffer.from(order.data).toString('base64') } : {}
    child.stdin.write(`${JSON.stringify({ ...order, ...data })}\n`)
  }
  return { reports, order, stop }
}

function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'))
}

export async function startPythonServer(script: string): Promise<PuppetServer> {
  const puppet = startPython(script)
  const report = await puppet.reports.next(`${script} to listen`)
  if (report.type === 'listening') return { ...puppet, port: report.port, url: `ws://127.0.0.1:${report.port}/` }
  await puppet.stop()
  throw new Error(`${script} began with ${report.type}`)
}

/** Both ends of a new connection, and the peer's report when it opened. */
export interface Pair {
  readonly theirs: Puppet
  readonly opened: Report
  readonly subprotocol: string | undefined
  /** The events of our end. */
  readonly events: Inbox<ConnectionEvent>
  /** Sends from our end. */
  act(send: (connection: Connection) => void): void
}

/** Opens a connection for which the client offers these subprotocols; the server supports chat.v1 and chat.v2. */
export type Meet = (subprotocols?: readonly string[]) => Promise<Pair>

/** Our client, and a server. */
export async function meetServer(theirs: PuppetServer, options: OfferOptions): Promise<Pair> {
  const events = new Inbox<ConnectionEvent>()
  const link = await open(theirs.url, events.push, options)
  return pair(theirs, link, events)
}

async function pair(theirs: Puppet, link: Link, events: Inbox<ConnectionEvent>): Promise<Pair> {
  const opened = await theirs.reports.next('the peer to open')
  const act = (send: (connection: Connection) => void): void => {
    send(link.connection)
  }
  return { theirs, opened, subprotocol: link.subprotocol, events, act }
}

/** Our server, for scripted clients. */
export interface OurServer extends Host {
  meet(theirs: Puppet, subprotocols?: readonly string[], headers?: Readonly<Record<string, string>>): Promise<Pair>
  /** For every accepted request: the extensions offered, field by field, and those agreed on. */
  readonly granted: { readonly offers: string[]; readonly agreed: readonly AgreedExtension[] }[]
}

export async function startOurs(options: AcceptOptions): Promise<OurServer> {
  const granted: OurServer['granted'] = []
  const links = new Inbox<Link>()
  const inboxes = new Map<Link, Inbox<ConnectionEvent>>()
  const host = await serve((event, link) => inboxes.get(link)?.push(event), {
    ...options,
    onAccept: ({ extensions }, { headers }) =>
      granted.push({ offers: getHeaders(headers, 'sec-websocket-extensions'), agreed: extensions }),
    onOpen: (link) => {
      inboxes.set(link, new Inbox())
      links.push(link)
    },
  })
  const meet: OurServer['meet'] = async (theirs, subprotocols = [], headers = {}) => {
    theirs.order({ type: 'open', url: host.url, subprotocols, headers })
    const link = await links.next('our server to accept')
    return pair(theirs, link, inboxes.get(link) as Inbox<ConnectionEvent>)
  }
  return { ...host, meet, granted }
}
