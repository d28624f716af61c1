/** One peer's visit: its connections to the program, its clock, and the requests that it can make. */

import { keyOf } from './program.mjs'
import { dial } from './wire.mjs'

/** In real time, added to each bound: what a busy machine needs. */
const GRACE = 5000
/** In real time: how often a program's sockets are checked. */
const LOOK = 100

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

export class Visit {
  wires = []
  /** Whether the program has connected to this server. */
  met = false

  /**
   * @param {import('./programs.mjs').Entry} entry
   * @param {import('./program.mjs').Program | undefined} program The server; a client connects on its own.
   */
  constructor(entry, speed, program, othersAreDone = () => true) {
    Object.assign(this, { entry, speed, program, othersAreDone })
  }

  /** @param {number} ms In the program's time. */
  real(ms) {
    return ms / this.speed
  }
  /** @param {number} [ms] In the program's time. */
  pause(ms = 200) {
    return sleep(this.real(ms))
  }

  async connect() {
    const wire = await dial(this.program.port, { tls: this.entry.tls })
    this.wires.push(wire)
    return wire
  }

  /** Returns the connection after the 101. */
  async open({ deflate = false } = {}) {
    const wire = await this.connect()
    const fields = deflate ? { 'Sec-WebSocket-Extensions': 'permessage-deflate' } : {}
    const answer = await wire.write(this.request({ fields })).expectStatus(101)
    if (deflate && !answer.fields.has('sec-websocket-extensions')) throw new Error('no permessage-deflate')
    return wire
  }

  get host() {
    return `localhost:${this.program.port}`
  }

  /** The head of an opening request. */
  request({ version = '13', fields = {}, ...more } = {}) {
    const opening = {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': version,
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    }
    return this.plainRequest({ ...more, fields: { ...opening, ...this.entry.fields, ...fields } })
  }

  plainRequest({ method = 'GET', target = this.entry.path, fields = {} } = {}) {
    const lines = Object.entries({ Host: this.host, ...fields }).map(([name, value]) => `${name}: ${value}`)
    return Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  }

  /** Fails if the program still has one of these connections after twice the bound. */
  async expectReleased(program, bound, wires = this.wires) {
    const start = performance.now()
    const limit = this.entry.bounds[bound]
    const keys = new Set(wires.map((wire) => keyOf(wire.port, wire.masked)))
    for (;;) {
      const held = program
        .connections(Math.max(start, performance.now() - LOOK / 2))
        .filter((key) => keys.has(key)).length
      if (held === 0) return
      const passed = performance.now() - start
      if (passed > 2 * this.real(limit) + GRACE) {
        const seconds = Math.round((passed * this.speed) / 1000)
        throw new Error(`${held} of ${keys.size} sockets open ${seconds} s later, bound ${limit / 1000} s`)
      }
      await sleep(LOOK)
    }
  }
}
