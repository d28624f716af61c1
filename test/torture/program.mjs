/** A program in its own process, and what can be observed from outside: its sockets, its memory, its complaints, its end. */

import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { runtimes } from './runtimes.mjs'

const START = 20_000

const running = new Set()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export class Program {
  complaints = ''
  /** Exit code or signal, once it has ended. @type {number | string | undefined} */
  ended
  exited
  port = 0
  /** The ports of each of its sockets, by inode. A socket that was reset keeps its inode, but the kernel forgets its ports. */
  #ports = new Map()
  #seen = { at: -Infinity, keys: [] }

  /**
   * Starts it, and waits until it listens if it is a server.
   *
   * @param {import('./programs.mjs').Entry} entry
   * @param {{ speed: number, peerPort?: number }} options
   */
  static async start(entry, options) {
    const program = new Program(entry, options)
    if (entry.role === 'client') return program
    let timer
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, START)
    })
    await Promise.race([program.#listening, program.exited, late])
    clearTimeout(timer)
    if (program.port > 0) return program
    program.kill('SIGKILL')
    throw new Error(`it does not listen: ${program.ended ?? ''} ${program.excerpt()}`)
  }

  #listening
  #memory

  constructor(entry, { speed, peerPort = 0 }) {
    const { child, port, memory } = runtimes[process.env.RUNTIME](entry, { speed, peerPort })
    this.child = child
    this.#memory = memory
    running.add(this.child)
    this.child.stdout.resume()
    this.child.stderr.on('data', (text) => {
      this.complaints = `${this.complaints}${text}`.slice(0, 10_000)
    })
    this.exited = new Promise((resolve) => {
      this.child.once('error', resolve)
      this.child.once('close', (code, signal) => {
        running.delete(this.child)
        this.ended = code ?? signal
        resolve(this.ended)
      })
    })
    this.#listening = port.then((port) => {
      this.port = port
    })
    this.#listening.catch(() => {}) // it has ended, which is noticed anyway
  }

  get pid() {
    return this.child.pid
  }

  kill(signal) {
    this.child.kill(signal)
  }

  /** Bytes in use after a collection; `undefined` once it has ended. */
  async memory() {
    return this.ended === undefined ? Promise.race([this.#memory(), this.exited.then(() => undefined)]) : undefined
  }

  /** Fails if it has written to stderr. */
  expectSilence() {
    if (this.complaints !== '') throw new Error(this.excerpt())
  }

  /** Fails if it has ended, or written to stderr. */
  expectHealth() {
    if (this.ended !== undefined) throw new Error(`it ended with ${this.ended}: ${this.excerpt()}`)
    this.expectSilence()
  }

  /**
   * Fails if it has more sockets than at an earlier time, and still has them after `ms`. They include sockets that were reset before their
   * ports were seen.
   */
  async expectSockets(before, ms) {
    const deadline = performance.now() + ms
    for (;;) {
      const more = this.socketCount() - before
      if (more <= 0) return
      if (performance.now() > deadline)
        throw new Error(`${more} more sockets than at the start: ${this.#look().slice(0, 20)}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  /** Fails if it uses more additional bytes than allowed since an earlier time. */
  async expectMemory(before, allowed) {
    const more = (await this.memory()) - before
    if (more > allowed) throw new Error(`${(more / 2 ** 20).toFixed(1)} MB more than at the start`)
  }

  excerpt() {
    return this.complaints.trim().split('\n').slice(0, 6).join(' | ').slice(0, 400)
  }

  /**
   * The keys of its connections ({@link keyOf}), without listeners and pipes. `since`: when they must have been seen, at the earliest.
   */
  connections(since) {
    if (this.#seen.at < since) this.#seen = { at: performance.now(), keys: this.#look() }
    return this.#seen.keys
  }

  #look() {
    if (this.ended !== undefined) return []
    const inodes = socketInodes(this.pid)
    const table = readTcpTable()
    for (const inode of this.#ports.keys()) if (!inodes.has(inode)) this.#ports.delete(inode)
    for (const inode of inodes) {
      const entry = table.get(inode)
      if (entry !== undefined && !entry.listening) this.#ports.set(inode, entry.ports)
    }
    return Array.from(this.#ports.values(), ([local, remote]) =>
      local === this.port ? keyOf(remote, true) : keyOf(local, false),
    )
  }

  /** All its sockets, including listeners, but without Unix sockets: the runtimes have some, and the bench has its pipes. */
  socketCount() {
    const local = readUnixInodes()
    return this.ended === undefined ? [...socketInodes(this.pid)].filter((inode) => !local.has(inode)).length : 0
  }
}

/**
 * Names a connection of a program by one port: of the peer that has connected to it, or its own if it has connected to the peer. The kernel
 * may use the same number for both at the same time.
 */
export function keyOf(port, isClient) {
  return `${isClient ? 'from' : 'at'} ${port}`
}

function socketInodes(pid) {
  const inodes = new Set()
  let names
  try {
    names = readdirSync(`/proc/${pid}/fd`)
  } catch {
    return inodes // it has ended
  }
  for (const name of names) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${name}`))?.[1]
      if (inode !== undefined) inodes.add(inode)
    } catch {
      // It was closed just now.
    }
  }
  return inodes
}

/** The kernel's table of TCP sockets, by inode. */
function readTcpTable() {
  const table = new Map()
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readFileSync(file, 'latin1').split('\n').slice(1)) {
      const [, local, remote, state, , , , , , inode] = line.trim().split(/\s+/)
      if (inode === undefined || inode === '0') continue
      const ports = [local, remote].map((address) => Number.parseInt(address.slice(-4), 16))
      table.set(inode, { ports, listening: state === '0A' })
    }
  }
  return table
}

function readUnixInodes() {
  const lines = readFileSync('/proc/net/unix', 'latin1').split('\n').slice(1)
  return new Set(lines.map((line) => line.trim().split(/\s+/)[6]))
}
