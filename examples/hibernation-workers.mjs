// A WebSocket that sleeps in the storage of a Durable Object. A Worker keeps the TCP connection and passes each chunk to the object.
// The object resumes the connection, answers, and stores it again, even in the middle of a message. It may be evicted at any time.
//   sockets = [ (name = "echo", address = "127.0.0.1:8087", tcp = (), service = "main") ]   # workerd serve --experimental
// Cloudflare does not route TCP from the Internet to a Worker; docs/runtimes.md explains what does.
//   bindings = [ (name = "SESSIONS", durableObjectNamespace = "Session") ]
import { DurableObject } from 'cloudflare:workers'
import * as ws from 'websocket-primitives'

const HEAD_TIMEOUT = 10_000 // ms for the request to arrive
const IDLE_TIMEOUT = 30_000 // ms without a byte before a ping, and again before the connection ends
const CLOSE_TIMEOUT = 10_000 // ms from the end of our side to the end of the peer's
/** The names of this server. Other names are refused: a page can point its own name at this address (DNS rebinding). */
const handshake = ws.handshakeOptions({ hosts: ['localhost', '127.0.0.1'] })
/** In pieces, so that the object never stores a whole message. */
const options = ws.connectionOptions({ role: 'server', text: 'bytes', pieces: true })
/** @typedef {ws.Connection<'bytes', true>} Connection */

/** A Durable Object: one WebSocket, an echo. */
export class Session extends DurableObject {
  /** @param {Uint8Array} chunk */
  receive(chunk) {
    return this.#resume((connection) => {
      for (let next = chunk; ; next = new Uint8Array(0)) {
        for (const event of connection.receive(next))
          if (event.type === 'text' || event.type === 'binary') connection.send(event)
        if (!connection.hasPending) return
      }
    })
  }

  ping() {
    return this.#resume((connection) => connection.ping())
  }

  /** @param {(connection: Connection) => void} act */
  async #resume(act) {
    const { storage } = this.ctx
    const stored = /** @type {ws.ConnectionSnapshot | undefined} */ (await storage.get('connection'))
    const connection = stored ? ws.resumeConnection(stored, options) : new ws.Connection(options)
    act(connection)
    const output = connection.takeOutput()
    await storage.put('connection', ws.snapshotConnection(connection))
    await storage.setAlarm(Date.now() + 4 * IDLE_TIMEOUT) // long after the last chunk
    return { output, ended: connection.transport !== 'keep' }
  }

  alarm() {
    return this.ctx.storage.deleteAll()
  }
}

/**
 * Reads a request, and writes the 101 or the refusal.
 *
 * @param {ReadableStreamDefaultReader<Uint8Array>} reader
 * @param {WritableStreamDefaultWriter<Uint8Array>} writer
 * @returns The bytes after the request; `undefined` if it was refused or did not arrive.
 */
async function accept(reader, writer) {
  const heads = new ws.RequestHeadParser()
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    const parsed = heads.push(chunk.value)
    if (!parsed) continue
    const accepted = ws.acceptHandshake(parsed, handshake)
    await writer.write(ws.formatResponse(accepted.response))
    return accepted.ok ? parsed.rest : undefined
  }
  return undefined
}

export default {
  /** @param {import('cloudflare:sockets').Socket} socket @param {{ SESSIONS: DurableObjects<Session> }} env */
  async connect(socket, env) {
    const reader = socket.readable.getReader()
    const writer = socket.writable.getWriter()
    const destroy = () => {
      for (const ended of [reader.cancel(), writer.abort(), socket.close()]) ended.catch(() => {})
    }
    let timer = setTimeout(destroy, HEAD_TIMEOUT)
    const wait = (/** @type {number} */ ms, act = destroy) => {
      clearTimeout(timer)
      timer = setTimeout(act, ms)
    }
    const session = env.SESSIONS.get(env.SESSIONS.newUniqueId())
    const ask = async () => {
      wait(IDLE_TIMEOUT)
      await session
        .ping()
        .then(({ output }) => writer.write(output))
        .catch(destroy)
    }
    try {
      for (let chunk = await accept(reader, writer); chunk; chunk = (await reader.read()).value) {
        const { output, ended } = await session.receive(chunk)
        if (output) await writer.write(output)
        if (ended) break
        wait(IDLE_TIMEOUT, ask)
      }
      wait(CLOSE_TIMEOUT)
      await writer.close()
      while (!(await reader.read()).done); // the peer ends the connection
    } catch {
      // The peer reset the connection, or the time is over.
    }
    clearTimeout(timer)
    destroy() // TCP ends when this returns
  },
}
