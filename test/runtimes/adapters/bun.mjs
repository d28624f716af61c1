/**
 * What the Bun adapter does over Bun's own sockets, with peers that misbehave. The peers are written by hand on raw Bun sockets, which can
 * end one direction, and reset. Runs in Bun.
 */

import { readdirSync, readlinkSync } from 'node:fs'
import { Duplex, pipeline } from 'node:stream'
import { generate } from 'selfsigned'
import {
  acceptSocket,
  attach,
  connectSocket,
  detach,
  drained,
  Endpoint,
  messageStream,
  sent,
  socketHandlers,
} from '../../../dist/adapters/bun/index.js'
import { encodeFrame } from '../../../dist/frame/index.js'
import { offerHandshake } from '../../../dist/index.js'
import { masked, request } from '../clients/wire.mjs'
import { pattern } from '../suite/tools.mjs'
import { Transcript } from '../suite/transcript.mjs'
import { bunCases } from './names.mjs'

const local = { hostname: '127.0.0.1', allowHalfOpen: true }
const opening = request(['Upgrade: websocket', 'Connection: Upgrade'])
const closeFrame = Uint8Array.of(0x88, 2, 3, 0xe8)
const block = pattern(1_000_000)
const sentBlock = encodeFrame({ opcode: 2, payload: block })
/** Each wait is far shorter: only a hang takes so long. */
const PATIENCE = 20_000

const cases = {
  async 'Bun.listen: a slow reader gets 40 MB in order, with little memory'(transcript) {
    let most = 0
    const server = serve({
      async message(peer) {
        for (let n = 0; n < 40; n++) {
          peer.send(block)
          most = Math.max(most, peer.bufferedAmount)
          await drained(peer)
        }
        peer.close(1000)
      },
    })
    const client = await open(server.port)
    client.write(masked(1, 'go'))
    for (let n = 0; n < 40; n++) {
      client.pause()
      await Bun.sleep(2)
      client.resume()
      transcript.equal(equals(await client.take(sentBlock.length), sentBlock), true)
    }
    transcript.equal(await client.take(4), closeFrame)
    transcript.equal(most < 1_200_000, true)
    client.write(masked(8, [3, 0xe8]))
    await client.ended
    client.socket.shutdown()
    await server.stop()
  },

  async 'Bun.listen: a peer that ends its direction still gets the queued output, and the Close'(transcript) {
    const server = serve({
      message(peer) {
        for (let n = 0; n < 10; n++) peer.send(block)
      },
    })
    const client = await open(server.port)
    client.pause()
    client.write(masked(1, 'go'))
    client.write(masked(8, [3, 0xe8]))
    client.socket.shutdown()
    await Bun.sleep(20)
    client.resume()
    for (let n = 0; n < 10; n++) transcript.equal(equals(await client.take(sentBlock.length), sentBlock), true)
    transcript.equal(await client.take(4), closeFrame)
    await client.ended
    transcript.equal(await server.closed, [1000, true])
    await server.stop()
  },

  async 'Bun.listen: a reset in the middle of a write is an end, and fails the write'(transcript) {
    let failure
    const server = serve({
      message(peer) {
        failure = sent(peer, new Uint8Array(20_000_000)).catch((error) => error.message)
      },
    })
    const client = await open(server.port)
    client.write(masked(1, 'go'))
    await client.take(100_000)
    client.pause()
    client.socket.terminate()
    transcript.equal(await server.closed, [1006, false])
    transcript.equal(await failure, 'not written: the WebSocket has ended')
    await server.stop()
  },

  async 'Bun.listen: 1000 connections open and end in every way, and none is left'(transcript) {
    const before = countSockets()
    const server = serve({ message: (peer, data) => peer.send(data) })
    const ways = [
      (client) => client.write(masked(8, [3, 0xe8])),
      (client) => client.socket.shutdown(),
      (client) => client.socket.terminate(),
      // The endpoint's own `close` closes it.
      () => {},
    ]
    const clients = []
    for (let n = 0; n < 1000; n += 100)
      clients.push(...(await Promise.all(Array.from({ length: 100 }, () => open(server.port)))))
    for (const client of clients) client.write(masked(1, 'a'))
    for (const client of clients) transcript.equal(await client.take(3), Uint8Array.of(0x81, 1, 97))
    for (const [i, client] of clients.entries()) ways[i % 4](client)
    await server.stop()
    for (const { socket } of clients) socket.terminate()
    await turns()
    transcript.equal([server.endpoint.peers.size, countSockets() - before], [0, 0])
  },

  ...Object.fromEntries(
    ['plain', 'TLS'].map((kind) => [
      `Bun.listen, ${kind}: peers that are silent or do not read are released`,
      async (transcript) => {
        const before = countSockets()
        const tls = kind === 'TLS' ? await createTls() : undefined
        const server = serve({ message: (peer) => peer.send(new Uint8Array(20_000_000)), tls })
        // Silent: over TLS not even a handshake arrives.
        const silent = await connectRaw(server.port)
        const deaf = await open(server.port, tls)
        deaf.write(masked(1, 'go'))
        await deaf.take(100_000)
        deaf.pause()
        await silent.ended
        // Only the deadline ends the other one.
        await server.stop()
        silent.socket.terminate()
        deaf.socket.terminate()
        await turns()
        transcript.equal(countSockets() - before, 0)
      },
    ]),
  ),

  ...Object.fromEntries(
    ['plain', 'TLS'].map((kind) => [
      `Bun.connect, ${kind}: a client echoes, closes and leaves no socket`,
      async (transcript) => {
        const before = countSockets()
        const tls = kind === 'TLS' ? await createTls() : undefined
        const server = serve({ message: (peer, data) => peer.send(data), tls })
        const [messages, closed] = [[], defer()]
        const endpoint = new Endpoint({
          message(peer, data) {
            messages.push(data)
            if (messages.length === 2) peer.close(3000, 'enough')
          },
          close: (_, { code, clean }) => closed.resolve([code, clean]),
        })
        const offer = offerHandshake(`${tls ? 'wss' : 'ws'}://127.0.0.1:${server.port}/`)
        const { port } = offer
        const socket = await Bun.connect({ ...local, port, tls: tls && { ca: tls.cert }, socket: socketHandlers() })
        const peer = await connectSocket(endpoint, socket.data, offer)
        peer.send('Käse 世界 👋🏽')
        peer.send(block)
        transcript.equal(await closed.promise, [3000, true])
        transcript.equal([messages[0], equals(messages[1], block)], ['Käse 世界 👋🏽', true])
        await endpoint.close()
        await server.stop()
        await turns()
        transcript.equal(countSockets() - before, 0)
      },
    ]),
  ),

  async 'Bun.connect: an untrusted certificate is the cause of the failure'(transcript) {
    const server = serve({ tls: await createTls() })
    const offer = offerHandshake(`wss://127.0.0.1:${server.port}/`)
    const socket = await Bun.connect({ ...local, port: offer.port, tls: true, socket: socketHandlers() })
    const { name, cause } = await connectSocket(new Endpoint(), socket.data, offer).catch((error) => error)
    transcript.equal([name, cause.code], ['HandshakeError', 'DEPTH_ZERO_SELF_SIGNED_CERT'])
    await server.stop()
  },

  async 'Bun.listen: a peer moves to another endpoint'(transcript) {
    const moved = new Endpoint({ message: (peer, data) => peer.send(`moved ${data}`) })
    const first = defer()
    const server = serve({
      message(peer, data) {
        peer.send(data)
        first.resolve(peer)
      },
    })
    const client = await open(server.port)
    client.write(masked(1, 'a'))
    const { stream, snapshot, rest } = await detach(await first.promise)
    client.write(masked(1, 'b'))
    attach(moved, stream, snapshot, { rest })
    client.write(masked(1, 'c'))
    const expected = [1, 97, 7, ...Buffer.from('moved b'), 7, ...Buffer.from('moved c')]
    transcript.equal(
      (await client.take(21)).filter((byte) => byte !== 0x81),
      Uint8Array.from(expected),
    )
    transcript.equal([server.endpoint.peers.size, moved.peers.size], [0, 1])
    client.socket.terminate()
    await moved.close()
    await server.stop()
  },

  async 'Bun.listen: a peer as a stream of node:stream'(transcript) {
    const server = serve({
      open(peer) {
        const stream = messageStream(peer, { Duplex })
        pipeline(stream, stream, () => {})
      },
    })
    const client = await open(server.port)
    for (const text of ['a', 'bc']) client.write(masked(1, text))
    transcript.equal(await client.take(7), Uint8Array.of(0x81, 1, 97, 0x81, 2, 98, 99))
    client.write(masked(8, [3, 0xe8]))
    transcript.equal(await client.take(4), closeFrame)
    await client.ended
    client.socket.shutdown()
    await server.stop()
  },
}

export async function main() {
  for (const name of bunCases) {
    const transcript = new Transcript()
    const late = defer()
    const timer = setTimeout(() => late.reject(new Error(`still waiting after ${PATIENCE} ms`)), PATIENCE)
    try {
      await Promise.race([cases[name](transcript), late.promise])
      console.log(JSON.stringify({ case: name, state: 'ok', digest: await transcript.digest() }))
    } catch (thrown) {
      console.log(JSON.stringify({ case: name, state: 'FAIL', reason: String(thrown?.stack ?? thrown) }))
    }
    clearTimeout(timer)
  }
}

/** A server with the adapter; `closed` of its first peer. */
function serve({ tls, ...handlers }) {
  const closed = defer()
  const endpoint = new Endpoint({
    closeTimeout: 500,
    headTimeout: 500,
    close: (_, { code, clean }) => closed.resolve([code, clean]),
    ...handlers,
  })
  const socket = socketHandlers((stream) => acceptSocket(endpoint, stream))
  const listener = Bun.listen({ ...local, port: 0, ...(tls && { tls }), socket })
  return {
    endpoint,
    port: listener.port,
    closed: closed.promise,
    stop() {
      listener.stop()
      return endpoint.close()
    },
  }
}

/** A raw socket, and the bytes that it receives. */
class Raw {
  socket
  #chunks = []
  #size = 0
  #wake = () => {}
  #unsent = []
  #end = defer()

  /** The peer's direction has ended, or the socket is closed. */
  get ended() {
    return this.#end.promise
  }

  get handlers() {
    return {
      open: () => {},
      data: (_, chunk) => {
        this.#chunks.push(chunk)
        this.#size += chunk.length
        this.#wake()
      },
      drain: () => this.#flush(),
      end: () => this.#over(),
      close: () => this.#over(),
      error: () => {},
    }
  }

  #over() {
    this.#end.resolve()
    this.#wake()
  }

  write(bytes) {
    this.#unsent.push(bytes)
    this.#flush()
  }

  #flush() {
    for (; this.#unsent.length > 0; this.#unsent.shift()) {
      const [bytes] = this.#unsent
      const taken = Math.max(0, this.socket.write(bytes))
      this.#unsent[0] = bytes.subarray(taken)
      if (taken < bytes.length) return
    }
  }

  pause() {
    this.socket.pause()
  }

  resume() {
    this.socket.resume()
  }

  /** Reads a number of bytes. */
  async take(size) {
    while (this.#size < size) {
      const woken = new Promise((resolve) => {
        this.#wake = resolve
      })
      if ((await Promise.race([woken, this.ended.then(() => 'ended')])) === 'ended' && this.#size < size)
        throw new Error(`the end came after ${this.#size} bytes of ${size}`)
    }
    const all = Buffer.concat(this.#chunks)
    this.#chunks = [all.subarray(size)]
    this.#size -= size
    return new Uint8Array(all.subarray(0, size))
  }

  /** Reads to the empty line. */
  async takeHead() {
    let head = ''
    while (!head.endsWith('\r\n\r\n')) head += String.fromCharCode(...(await this.take(1)))
    return head
  }
}

async function connectRaw(port, tls) {
  const raw = new Raw()
  raw.socket = await Bun.connect({ ...local, port, ...(tls && { tls: { ca: tls.cert } }), socket: raw.handlers })
  return raw
}

/** A raw socket with a WebSocket on it. */
async function open(port, tls) {
  const raw = await connectRaw(port, tls)
  raw.write(opening)
  const head = await raw.takeHead()
  if (!head.startsWith('HTTP/1.1 101 ')) throw new Error(`no 101: ${head}`)
  return raw
}

async function createTls() {
  const { cert, private: key } = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  })
  return { cert, key }
}

/** The sockets of this process; 0 if the system does not report them. */
function countSockets() {
  if (process.platform !== 'linux') return 0
  return readdirSync('/proc/self/fd').filter((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`).startsWith('socket:')
    } catch {
      // It was the descriptor of the folder itself.
      return false
    }
  }).length
}

/** Lets everything happen that can happen now. */
async function turns() {
  for (let n = 0; n < 10; n++) await Bun.sleep(5)
}

function defer() {
  return Promise.withResolvers()
}

function equals(one, other) {
  return Buffer.compare(one, other) === 0
}
