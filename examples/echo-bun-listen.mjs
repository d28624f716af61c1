// An echo server on Bun.listen, whose `write` may take only some of the bytes: the rest waits here until the socket drains.
//   bun run examples/echo-bun-listen.mjs [port]
import {
  acceptHandshake,
  Connection,
  connectionOptions,
  formatResponse,
  handshakeOptions,
  RequestHeadParser,
} from 'websocket-primitives'

const PATIENCE = 60 // seconds without a byte
/** The names of this server: a page can give its own name this address (DNS rebinding). */
const handshake = handshakeOptions({ hosts: ['localhost', '127.0.0.1'] })
const options = connectionOptions({ role: 'server' })

class Peer {
  heads = new RequestHeadParser()
  /** @type {Connection | undefined} */
  connection = undefined
  /** @type {Uint8Array | undefined} */
  waiting = undefined
  refused = false

  /** @param {Bun.Socket<Peer>} socket @param {Uint8Array} chunk */
  receive(socket, chunk) {
    if (this.refused) return
    if (!this.connection) {
      const parsed = this.heads.push(chunk)
      if (!parsed) return
      const accepted = acceptHandshake(parsed, handshake)
      this.waiting = formatResponse(accepted.response) // the 101, or the refusal
      if (accepted.ok) this.connection = new Connection(options, accepted)
      else this.refused = true
      chunk = parsed.rest
    }
    let next = chunk
    do {
      for (const event of this.connection?.receive(next) ?? [])
        if (event.type === 'text' || event.type === 'binary') this.connection?.send(event)
      next = new Uint8Array(0)
    } while (this.connection?.hasPending) // a large chunk is handed out bit by bit
    this.flush(socket)
  }

  /** Writes what there is as far as it is taken, and reads on when all of it is. @param {Bun.Socket<Peer>} socket */
  flush(socket) {
    for (let bytes = this.waiting ?? this.connection?.takeOutput(); bytes; bytes = this.connection?.takeOutput()) {
      const written = Math.max(0, socket.write(bytes)) // -1: it is closed
      this.waiting = written < bytes.length ? bytes.subarray(written) : undefined
      if (this.waiting) return void socket.pause()
    }
    const transport = this.connection?.transport ?? 'keep'
    if (transport === 'destroy') socket.terminate()
    else if (this.refused || transport === 'end') socket.end()
    else socket.resume()
  }
}

const server = Bun.listen({
  hostname: '127.0.0.1',
  port: Number(process.argv[2] ?? 8083),
  socket: {
    open: (/** @type {Bun.Socket<Peer>} */ socket) => {
      socket.data = new Peer()
      socket.timeout(PATIENCE)
    },
    data: (socket, chunk) => socket.data.receive(socket, chunk),
    drain: (socket) => socket.data.flush(socket),
    close: (socket) => void socket.data.connection?.receiveEnd(),
    timeout: (socket) => socket.terminate(),
  },
})
console.log('listening on', { port: server.port })
