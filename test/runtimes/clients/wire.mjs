/** Reads and writes bytes of HTTP and WebSocket by hand, over TCP on loopback. Every wait has a deadline. */

import { once } from 'node:events'
import { connect } from 'node:net'

const PATIENCE = 10_000

/** A request for a WebSocket, except for the fields that ask for one. */
export function request(fields) {
  const standing = ['Host: 127.0.0.1', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==']
  return Buffer.from(['GET / HTTP/1.1', ...standing, ...fields, '', ''].join('\r\n'))
}

const maskKey = Buffer.of(0x37, 0xfa, 0x21, 0x3d)

/** A frame as a client sends it (RFC 6455 §5.2). */
export function masked(opcode, content, fin = true) {
  const payload = Buffer.from(content)
  const size = payload.length
  const head = Buffer.alloc(size < 126 ? 2 : size < 65_536 ? 4 : 10)
  head[0] = (fin ? 0x80 : 0) | opcode
  head[1] = 0x80 | (size < 126 ? size : size < 65_536 ? 126 : 127)
  if (head.length === 4) head.writeUInt16BE(size, 2)
  if (head.length === 10) head.writeBigUInt64BE(BigInt(size), 2)
  for (let i = 0; i < size; i++) payload[i] ^= maskKey[i & 3]
  return Buffer.concat([head, maskKey, payload])
}

export class Wire {
  #socket
  #chunks = []
  #size = 0
  #ended = false
  #wake = () => {}

  static async connect(port) {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    await once(socket, 'connect')
    return new Wire(socket)
  }

  constructor(socket) {
    this.#socket = socket
    socket.on('data', (chunk) => {
      this.#chunks.push(chunk)
      this.#size += chunk.length
      this.#wake()
    })
    const end = () => {
      this.#ended = true
      this.#wake()
    }
    socket.on('end', end).on('close', end)
    // A server may reset rather than end; what it sent before counts.
    socket.on('error', end)
  }

  write(bytes) {
    this.#socket.write(bytes)
  }

  pause() {
    this.#socket.pause()
  }

  resume() {
    this.#socket.resume()
  }

  destroy() {
    this.#socket.destroy()
  }

  reset() {
    this.#socket.resetAndDestroy()
  }

  /** Reads to the empty line. */
  async head() {
    for (let size = 1; ; size = this.#size + 1) {
      await this.#wait(size, 'a head')
      const end = this.#join().indexOf('\r\n\r\n')
      if (end >= 0) return this.#take(end + 4).toString('latin1')
    }
  }

  /** A frame as a server sends it. */
  async frame() {
    await this.#wait(2, 'a frame')
    const short = this.#join()[1]
    const headSize = short < 126 ? 2 : short === 126 ? 4 : 10
    await this.#wait(headSize, 'the head of a frame')
    const head = this.#take(headSize)
    if (short > 127) throw new Error('a server has masked its frame')
    const size = short < 126 ? short : short === 126 ? head.readUInt16BE(2) : Number(head.readBigUInt64BE(2))
    await this.#wait(size, `a payload of ${size} bytes`)
    return { fin: head[0] >= 0x80, opcode: head[0] & 0x7f, payload: this.#take(size) }
  }

  /** Everything until the end. */
  async rest() {
    while (!this.#ended) await this.#wait(this.#size + 1, 'the end', true)
    this.destroy()
    return this.#take(this.#size)
  }

  async #wait(size, what, mayEnd = false) {
    const deadline = setTimeout(() => this.#socket.destroy(new Error('too late')), PATIENCE)
    while (this.#size < size && !this.#ended) {
      await new Promise((resolve) => {
        this.#wake = resolve
      })
    }
    clearTimeout(deadline)
    if (this.#size < size && !mayEnd)
      throw new Error(`the server has ended, or hangs, before ${what}: ${this.#join().subarray(0, 100)}`)
    if (this.#socket.errored?.message === 'too late') throw new Error(`still waiting for ${what}`)
  }

  #join() {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)]
    return this.#chunks[0] ?? Buffer.alloc(0)
  }

  #take(size) {
    const all = this.#join()
    this.#chunks = [all.subarray(size)]
    this.#size -= size
    return all.subarray(0, size)
  }
}
