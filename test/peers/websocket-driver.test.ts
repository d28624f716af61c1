/**
 * `websocket-driver`, which also does no I/O, as a client and as a server on `node:net`. It has no compression of its own, but supports
 * extensions: one poses as permessage-deflate, and one is made up.
 */

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import library, { type Driver, type Extension, type Params } from 'websocket-driver'
import { defineExtension } from '../../src/index.ts'
import { testClient, testServer } from './conversations.ts'
import { madeUp } from './made-up.ts'
import { ask } from './ours.ts'
import type { Order, Puppet, PuppetServer, Report } from './puppet.ts'
import { Inbox, patient, within } from './support.ts'

vi.setConfig(patient)

const manners = { emptyAnswer: 1000, closesEmpty: false } as const

const same = (message: unknown, pass: (error: null, message: unknown) => void): void => pass(null, message)

/** Changes nothing: only its negotiation matters, and is reported. */
function extension(name: string, rsv: 1 | 2, offer: Params[], tell: (agreed: string) => void): Extension {
  const session = {
    generateOffer: () => offer,
    activate: ({ level }: Params) => {
      tell(`${name}; level=${level}`)
      return true
    },
    generateResponse: () => ({ level: 3 }),
    processIncomingMessage: same,
    processOutgoingMessage: same,
    close: () => {},
  }
  const createServerSession = (offers: Params[]): typeof session | null => {
    if (offers.some(({ level }) => level === 0)) throw new Error('there is no level 0')
    if (!offers.some(({ exact }) => !exact)) return null
    tell(`${name}; level=3`)
    return session
  }
  const bits = { rsv1: rsv === 1, rsv2: rsv === 2, rsv3: false }
  return { name, type: 'permessage', ...bits, createClientSession: () => session, createServerSession }
}

/** Reports all events of a driver on its socket. */
function report(driver: Driver, socket: Socket, reports: Inbox<Report>): void {
  const extensions: string[] = []
  const tell = (agreed: string): void => void extensions.push(agreed)
  driver.addExtension(extension('x-made-up', 2, [{ level: 9, exact: true }, { level: 5 }], tell))
  let ended = false
  const tellEnd = (report: Report): void => {
    if (!ended) reports.push(report)
    ended = true
  }
  driver.on('open', () => reports.push({ type: 'open', subprotocol: driver.protocol ?? null, extensions }))
  driver.on('message', ({ data }) => {
    reports.push(typeof data === 'string' ? { type: 'text', data } : { type: 'binary', data })
  })
  driver.on('pong', ({ data }) => reports.push({ type: 'pong', data }))
  driver.on('close', ({ code, reason }) => {
    const { statusCode = 101 } = driver
    tellEnd(statusCode === 101 ? { type: 'close', code, reason } : { type: 'refused', status: statusCode })
    socket.end()
  })
  // The library does not report an end without a Close.
  socket.on('close', () => tellEnd({ type: 'close', code: 1006, reason: '' }))
  socket.on('error', () => socket.destroy())
  socket.pipe(driver.io).pipe(socket)
}

function obey(driver: Driver, order: Order): void {
  if (order.type === 'text') driver.text(order.data)
  if (order.type === 'binary') driver.binary(Buffer.from(order.data))
  if (order.type === 'ping') driver.ping(order.data)
  if (order.type === 'close') driver.close(order.reason, order.code)
}

function startClient(): Puppet {
  const reports = new Inbox<Report>()
  let socket: Socket | undefined
  let driver: Driver
  const open = ({ url, subprotocols, headers }: Extract<Order, { type: 'open' }>): void => {
    driver = library.client(url, { protocols: subprotocols })
    for (const [name, value] of Object.entries(headers)) driver.setHeader(name, value)
    driver.addExtension(extension('permessage-deflate', 1, [{ client_max_window_bits: true }], () => {}))
    const { port, hostname } = new URL(url)
    socket = connect(Number(port), hostname)
    report(driver, socket, reports)
    driver.start()
  }
  return {
    reports,
    order: (order) => (order.type === 'open' ? open(order) : obey(driver, order)),
    stop: async () => {
      socket?.destroy()
    },
  }
}

async function startServer(): Promise<PuppetServer> {
  const reports = new Inbox<Report>()
  const sockets = new Set<Socket>()
  let driver: Driver
  const server = createServer((socket) => {
    sockets.add(socket.on('close', () => sockets.delete(socket)))
    const current = library.server({ protocols: ['chat.v1', 'chat.v2'] })
    driver = current
    report(current, socket, reports)
    current.on('connect', () => current.start())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await within(once(server, 'close'), 'the server to close')
  }
  return { port, url: `ws://127.0.0.1:${port}/`, reports, order: (order) => obey(driver, order), stop }
}

describe('websocket-driver as a client of our server', () => {
  const offers = 'permessage-deflate; client_max_window_bits, x-made-up; level=9; exact, x-made-up; level=5'
  testClient(startClient, offers, manners)
})

describe('websocket-driver as a server of our client', () => {
  testServer(startServer, manners, (server) => {
    // The only refusal that the library supports.
    test('refuses with 400 if its extension throws', async () => {
      const impossible = defineExtension({ ...madeUp('x-made-up'), offer: () => [{ level: 0 }] })
      const answer = await ask(server().url, { extensions: [impossible] })
      expect(answer).toMatchObject({ ok: false, kind: 'refused', status: 400, errors: [{ code: 'status' }] })
      const reason = 'there is no level 0'
      expect(await server().reports.next('its end')).toEqual({ type: 'close', code: 1002, reason })
    })
  })
})
