/**
 * A peer that sends any bytes, in any pieces, over a real socket, and records what it receives. Parses responses on its own, so that a bug
 * of ours cannot hide another.
 */

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'vitest'
import { encodeFrame, type FrameInit } from '../../src/frame/index.ts'
import { within } from './support.ts'

/** How bytes are sent: in one write, or one by one. */
export type Pace = 'whole' | 'byte by byte'
export const paces: readonly Pace[] = ['whole', 'byte by byte']

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
/** RFC 6455 §1.3. */
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

export class RawPeer {
  readonly socket: Socket
  private bytes: Buffer = Buffer.alloc(0)
  private ended = false
  private wake = (): void => {}

  private constructor(socket: Socket) {
    this.socket = socket
    socket.setNoDelay()
    socket.on('data', (chunk) => {
      this.bytes = Buffer.concat([this.bytes, chunk])
      this.wake()
    })
    const end = (): void => {
      this.ended = true
      this.wake()
    }
    socket.on('end', end).on('close', end).on('error', end)
  }

  static async connect(port: number): Promise<RawPeer> {
    // Half-open: the server's end must not end our side.
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    await within(once(socket, 'connect'), 'a TCP connection')
    return new RawPeer(socket)
  }

  /** A peer that has opened a WebSocket. */
  static async open(port: number): Promise<RawPeer> {
    const peer = await RawPeer.connect(port)
    await peer.send(openingHead(port))
    await peer.expectOpen()
    return peer
  }

  async send(bytes: Uint8Array, pace: Pace = 'whole'): Promise<void> {
    if (pace === 'whole') return void this.socket.write(bytes)
    for (const byte of bytes) {
      this.socket.write(Buffer.of(byte))
      await nextTurn()
    }
  }

  /** Reads this many bytes. */
  async take(size: number): Promise<Buffer> {
    await this.until(() => this.bytes.length >= size, `${size} bytes`)
    const taken = this.bytes.subarray(0, size)
    this.bytes = this.bytes.subarray(size)
    return taken
  }

  /** Reads a response, with the body that its `Content-Length` announces. */
  async response(): Promise<RawResponse> {
    await this.until(() => this.bytes.includes('\r\n\r\n'), 'a response head')
    const response = parseResponse(await this.take(this.bytes.indexOf('\r\n\r\n') + 4))
    response.body = (await this.take(Number(response.headers.get('content-length') ?? 0))).toString('latin1')
    return response
  }

  /** Reads the 101 that opens a WebSocket. */
  async expectOpen(): Promise<void> {
    const { status, headers } = await this.response()
    expect([status, headers.get('sec-websocket-accept')]).toEqual(['101 Switching Protocols', ACCEPT])
  }

  /** Reads everything until the server ends TCP, which it must do on its own. */
  async rest(): Promise<Buffer> {
    await this.until(() => this.ended, 'the server to end TCP')
    this.socket.destroy()
    return this.bytes
  }

  private async until(condition: () => boolean, what: string): Promise<void> {
    while (!condition()) {
      if (this.ended) throw new Error(`the server has ended, still waiting for ${what}; got ${show(this.bytes)}`)
      const woken = new Promise<void>((resolve) => {
        this.wake = resolve
      })
      await within(woken, `${what}; got ${show(this.bytes)}`)
    }
  }
}

function show(bytes: Buffer): string {
  return JSON.stringify(bytes.toString('latin1').slice(0, 200))
}

/** A valid opening request, with some lines (by lower-case name) replaced, or omitted if `undefined`. */
export function openingHead(
  port: number,
  changes: Readonly<Record<string, string | undefined>> = {},
  requestLine = 'GET / HTTP/1.1',
): Buffer {
  const fields: Record<string, string | undefined> = {
    host: `127.0.0.1:${port}`,
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-key': KEY,
    'sec-websocket-version': '13',
    ...changes,
  }
  const lines = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : `${name}: ${value}`))
  return Buffer.from([requestLine, ...lines, '', ''].join('\r\n'), 'latin1')
}

export interface RawResponse {
  /** With the reason. */
  status: string
  /** By lower-case name; repeated lines are joined. */
  headers: Map<string, string>
  body: string
}

export function parseResponse(bytes: Buffer): RawResponse {
  const text = bytes.toString('latin1')
  const end = text.indexOf('\r\n\r\n')
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n')
  expect(statusLine).toMatch(/^HTTP\/1\.1 \d{3} /)
  const headers = new Map<string, string>()
  for (const line of lines) {
    const name = line.slice(0, line.indexOf(':')).toLowerCase()
    const value = line.slice(name.length + 1).trim()
    headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value)
  }
  return { status: statusLine.slice('HTTP/1.1 '.length), headers, body: text.slice(end + 4) }
}

/** A frame from a client, masked unless stated otherwise. */
export function frame(init: FrameInit): Uint8Array {
  return encodeFrame({ maskKey: Uint8Array.of(0x37, 0xfa, 0x21, 0x3d), ...init })
}

/** Checks that the server still works: a valid client opens, gets an echo and closes cleanly. */
export async function expectGoodService(port: number): Promise<void> {
  const peer = await RawPeer.open(port)
  await peer.send(frame({ opcode: 1, payload: 'still there?' }))
  expect((await peer.take(14)).toString('latin1')).toBe('\x81\x0cstill there?')
  await peer.send(frame({ opcode: 8, payload: Uint8Array.of(0x03, 0xe8) }))
  expect([...(await peer.rest())]).toEqual([0x88, 0x02, 0x03, 0xe8])
}
