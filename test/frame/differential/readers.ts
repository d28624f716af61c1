/**
 * Reads streams of frames with our connection, the receiver of `ws` and the parser of websocket-driver, in this process and with the
 * same limit, and converts their results to one form. Checks nothing.
 */

import { createRequire } from 'node:module'
import { Connection, type ConnectionEvent } from '../../../src/connection/index.ts'
import { receiveAll } from '../../receive.ts'
import { MAX_SIZE, type Stream } from '../streams.ts'
import type { Peer, Report } from './difference.ts'

const require = createRequire(import.meta.url)

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const quote = (text: unknown): string => JSON.stringify(String(text))

/** Reads with our connection, with pings and pongs in the format of the peer that it is compared with. */
export function readOurs({ role, bytes }: Stream, spell: Peer['spell']): Report {
  const events: string[] = []
  const connection = new Connection({ role, limits: { maxMessageSize: MAX_SIZE } })
  for (const event of receiveAll(connection, bytes)) {
    if (event.type !== 'close') events.push(describe(event, spell))
    else if (event.error === undefined) return { events, end: `close ${event.code} ${quote(event.reason)}` }
    else {
      const { code, closeCode, message, offset } = event.error
      return { events, end: `error ${closeCode} ${code}: ${message}`, offset }
    }
  }
  return { events, end: 'waiting' }
}

function describe(event: Exclude<ConnectionEvent, { type: 'close' }>, spell: Peer['spell']): string {
  if (event.type === 'text') return `text ${quote(event.data)}`
  return `${event.type} ${event.type === 'binary' ? hex(event.data) : spell(event.data)}`
}

type Done = (error?: Error) => void

/** The part of the receiver that is used; without the stream around it, it reports everything at once. */
interface Receiver {
  on(event: string, listener: (...values: never[]) => void): this
  _write(chunk: Buffer, encoding: string, done: Done): void
}

const { Receiver } = require('ws') as {
  Receiver: new (options: { isServer: boolean; maxPayload: number }) => Receiver
}

/** The receiver has the close code of an error under its own symbol. */
function closeCodeOf(error: Error): unknown {
  const [symbol] = Object.getOwnPropertySymbols(error).filter((each) => each.description === 'status-code')
  return error[symbol as never]
}

function readWs({ role, bytes }: Stream): Report {
  const events: string[] = []
  let end = 'waiting'
  const receiver = new Receiver({ isServer: role === 'server', maxPayload: MAX_SIZE })
  receiver.on('message', (data: Buffer, isBinary: boolean) => {
    events.push(isBinary ? `binary ${hex(data)}` : `text ${quote(data)}`)
  })
  for (const name of ['ping', 'pong']) receiver.on(name, (data: Buffer) => events.push(`${name} ${hex(data)}`))
  receiver.on('conclude', (code: number, reason: Buffer) => {
    end = `close ${code} ${quote(reason)}`
  })
  // The receiver unmasks in place.
  receiver._write(Buffer.from(bytes), '', (error) => {
    if (error !== undefined) end = `error ${closeCodeOf(error)} ${error.message}`
  })
  return { events, end }
}

/** The part of a driver that is used after the handshake. */
interface Driver {
  on(event: string, listener: (event: { data: string | Buffer; code: number; reason: string }) => void): this
  start(): boolean
  parse(chunk: Buffer): void
}

const library = require('websocket-driver') as {
  http(request: object, options: { maxLength: number; requireMasking: boolean }): Driver
}

const request = {
  method: 'GET',
  url: '/',
  headers: {
    host: 'a.example',
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  },
}

/** Its client has the same parser, with this option off. */
function openDriver(role: Stream['role']): Driver {
  const driver = library.http(request, { maxLength: MAX_SIZE, requireMasking: role === 'server' })
  driver.start()
  return driver
}

function readDriver({ role, bytes }: Stream): Report {
  const events: string[] = []
  let end = 'waiting'
  let failed = false
  const driver = openDriver(role)
  driver.on('message', ({ data }) =>
    events.push(typeof data === 'string' ? `text ${quote(data)}` : `binary ${hex(data)}`),
  )
  for (const name of ['ping', 'pong']) driver.on(name, ({ data }) => events.push(`${name} ${quote(data)}`))
  driver.on('error', () => {
    failed = true
  })
  driver.on('close', ({ code, reason }) => {
    end = failed ? `error ${code} ${reason}` : `close ${code} ${quote(reason)}`
  })
  driver.parse(Buffer.from(bytes))
  return { events, end }
}

export const ws: Peer = { name: 'ws', spell: hex, read: readWs }

/** It reports pings and pongs as text, whatever their bytes. */
export const driver: Peer = { name: 'driver', spell: (payload) => quote(Buffer.from(payload)), read: readDriver }
