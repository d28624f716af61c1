/**
 * A peer's end of a connection, written by hand: it writes what it is told to. On its own it answers nothing (except pings, if told to),
 * ends nothing and resets nothing.
 *
 * @module
 */

import { connect as connectTcp } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { closeFrame, codeOf, frame, Opcode, readFrame } from './frames.mjs'

/** A live program answers far sooner, even on a busy machine. */
const PATIENCE = 20_000

export class Wire {
  /** @type {import('node:stream').Duplex} */
  stream
  /** The underlying TCP socket. @type {import('node:net').Socket} */
  socket
  /** The port of this side, by which a program's socket is recognized. */
  port
  /** A client masks its frames. */
  masked
  bytes = Buffer.alloc(0)
  /** The other side has ended, or the connection is over. */
  ended = false
  answersPings = false
  patience = PATIENCE
  #wake = () => {}

  constructor(stream, { socket = stream, port, masked }) {
    Object.assign(this, { stream, socket, port, masked })
    stream.on('data', (chunk) => {
      this.bytes = this.bytes.length === 0 ? chunk : Buffer.concat([this.bytes, chunk])
      this.#wake()
    })
    const end = () => {
      this.ended = true
      this.#wake()
    }
    for (const event of ['end', 'error', 'close']) stream.on(event, end)
    if (socket !== stream) socket.on('error', end)
  }

  write(...parts) {
    if (!this.stream.destroyed) this.stream.write(Buffer.concat(parts.map((part) => Buffer.from(part))))
    return this
  }
  send(text) {
    return this.write(frame(Opcode.Text, text, this))
  }
  close(code, reason) {
    return this.write(closeFrame(code, reason, this))
  }
  end() {
    this.stream.end()
    return this
  }
  reset() {
    this.socket.resetAndDestroy()
    return this
  }
  stopReading() {
    this.stream.pause()
    return this
  }
  answerPings() {
    this.answersPings = true
    return this
  }

  /** Waits until `find` finds something in the bytes that arrived. */
  async take(what, find) {
    const deadline = Date.now() + this.patience
    for (;;) {
      const found = find()
      if (found !== undefined) return found
      if (this.ended) throw new Error(`${what} expected, the connection ended after ${show(this.bytes)}`)
      const left = deadline - Date.now()
      if (left <= 0) throw new Error(`${what} expected, nothing more arrived after ${show(this.bytes)}`)
      let timer
      await new Promise((resolve) => {
        this.#wake = resolve
        timer = setTimeout(resolve, Math.min(left, 2 ** 30))
      })
      clearTimeout(timer)
    }
  }

  #cut(end) {
    const cut = this.bytes.subarray(0, end)
    this.bytes = this.bytes.subarray(end)
    return cut
  }

  /** The next head of HTTP/1. */
  async head(what = 'a head') {
    return this.take(what, () => {
      const end = this.bytes.indexOf('\r\n\r\n')
      if (end === -1) return undefined
      const [start = '', ...lines] = this.#cut(end + 4)
        .toString('latin1')
        .trimEnd()
        .split('\r\n')
      const fields = new Map()
      for (const line of lines) {
        const colon = line.indexOf(':')
        const name = line.slice(0, colon).toLowerCase()
        const value = line.slice(colon + 1).trim()
        fields.set(name, fields.has(name) ? `${fields.get(name)}, ${value}` : value)
      }
      return { start, status: Number(start.split(' ')[1]), fields }
    })
  }

  /** Fails unless the next head has one of these status codes. */
  async expectStatus(...expected) {
    const what = `status ${expected.join(' or ')}`
    const head = await this.head(what)
    if (!expected.includes(head.status)) throw new Error(`${what} expected, found ${head.status}`)
    return head
  }

  /** Reads the next frame. With `answersPings` a ping is answered and skipped. */
  async frame(what = 'a frame') {
    for (;;) {
      const next = await this.take(what, () => readFrame(this.bytes))
      this.#cut(next.size)
      if (next.masked === this.masked) throw new Error(this.masked ? 'a masked frame' : 'a frame that is not masked')
      if (next.opcode !== Opcode.Ping || !this.answersPings) return next
      this.write(frame(Opcode.Pong, next.payload, this))
    }
  }

  /** Fails unless the next message has this payload. */
  async expectMessage(expected) {
    const parts = []
    for (let fin = false; !fin; ) {
      const next = await this.frame('a message')
      if (next.opcode === Opcode.Close) throw new Error(`a message expected, found Close ${codeOf(next)}`)
      if (next.opcode > Opcode.Close) continue
      parts.push(next.payload)
      fin = next.fin
    }
    const [found, wanted] = [Buffer.concat(parts), Buffer.from(expected)]
    if (!found.equals(wanted)) throw new Error(`${show(wanted)} expected, found ${show(found)}`)
  }

  /** Fails unless the next pong has this payload; messages before it are dropped. */
  async expectPong(expected) {
    for (;;) {
      const next = await this.frame('a pong')
      if (next.opcode === Opcode.Close) throw new Error(`a pong expected, found Close ${codeOf(next)}`)
      if (next.opcode === Opcode.Pong && next.payload.equals(Buffer.from(expected))) return
    }
  }

  /** Fails unless a Close with one of these codes arrives; frames before it are dropped. */
  async expectClose(...expected) {
    const what = `Close ${expected.join(' or ')}`
    let next
    do next = await this.frame(what)
    while (next.opcode !== Opcode.Close)
    if (!expected.includes(codeOf(next))) throw new Error(`${what} expected, found Close ${codeOf(next)}`)
    return codeOf(next)
  }

  /**
   * Writes as fast as the other side takes it, until `size` bytes are taken, nothing is taken for `stall` ms, or the connection is over.
   *
   * @returns The number of bytes that were taken.
   */
  async pour(chunk, size, stall) {
    let taken = 0
    while (taken < size && !this.stream.destroyed && this.stream.writable) {
      const written = await new Promise((resolve) => {
        const timer = setTimeout(resolve, stall, false)
        this.stream.write(chunk, (error) => {
          clearTimeout(timer)
          resolve(!error)
        })
      })
      if (!written) break
      taken += chunk.length
    }
    return taken
  }

  /** Writes `bytes` piece by piece, one every `ms` (0: at once, but each separately), until all is written or the connection is over. */
  async drip(bytes, ms, size = 1) {
    for (let at = 0; at < bytes.length && !this.stream.destroyed && this.stream.writable; at += size) {
      this.write(bytes.subarray(at, at + size))
      await new Promise((resolve) => (ms === 0 ? process.nextTick(resolve) : setTimeout(resolve, ms)))
    }
  }

  /** Reads `size` bytes every `ms`, until the connection is over. If a timer is late, the next read is as much larger. */
  async sip(size, ms) {
    this.stopReading()
    for (let last = performance.now(), passed = ms; !this.ended; ) {
      const allowed = Math.round(size * Math.max(1, passed / ms))
      this.stream.read(Math.min(allowed, Math.max(1, this.stream.readableLength)))
      await new Promise((resolve) => setTimeout(resolve, ms))
      passed = performance.now() - last
      last += passed
    }
  }
}

function show(bytes) {
  if (bytes.length === 0) return 'nothing'
  const text = JSON.stringify(bytes.subarray(0, 24).toString('latin1'))
  return bytes.length > 24 ? `${text} … (${bytes.length} bytes)` : text
}

/** A client's connection to a port of loopback. */
export async function dial(port, { tls = false } = {}) {
  const socket = connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  const side = { socket, port: socket.localPort, masked: true }
  return new Wire(tls ? await startTls(socket) : socket, side)
}

async function startTls(socket) {
  const options = {
    ALPNProtocols: ['http/1.1'],
    servername: 'localhost',
    rejectUnauthorized: false,
    allowHalfOpen: true,
  }
  const stream = connectTls({ socket, ...options })
  await new Promise((resolve, reject) => stream.once('secureConnect', resolve).once('error', reject))
  return stream
}
