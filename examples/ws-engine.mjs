// Makes an Endpoint look like `ws` to socket.io, engine.io, y-websocket and other frameworks. A module to copy, with no server of its own:
//   new Server(server, { wsEngine: wsEngine({ handshake: { origins: ['https://app.example', 'absent'] } }) })
import { EventEmitter } from 'node:events'
import { permessageDeflate } from 'websocket-primitives'
import { zlib } from 'websocket-primitives/codec/zlib'
import { acceptUpgrade, Endpoint } from 'websocket-primitives/node'

/** @typedef {import('websocket-primitives/node').EndpointOptions<Socket>} Options */

/** The part of a WebSocket of `ws` that frameworks call. */
class Socket extends EventEmitter {
  /** @type {import('websocket-primitives/node').Peer<Socket> | undefined} */
  peer
  /** @param {(socket: Socket) => void} opened Called when the WebSocket is open. */
  constructor(opened) {
    super()
    this.opened = opened
  }
  get readyState() {
    return { open: 1, closing: 2, closed: 3 }[this.peer?.connection.state ?? 'closed']
  }
  /**
   * @typedef {(error?: Error) => void} Done
   * @param {string | Uint8Array} data @param {{ compress?: boolean, binary?: boolean } | Done | null} [options] @param {Done} [done]
   * @returns {void}
   */
  send(data, options, done) {
    if (typeof options === 'function') return this.send(data, {}, options)
    const { compress, binary = typeof data !== 'string' } = options ?? {}
    const message = binary === (typeof data !== 'string') ? data : toTyped(data, binary)
    // With `ws`, `true` is the default, and short messages are still not compressed.
    this.peer?.send(message, { compress: compress === false ? false : undefined, written: done })
  }
  ping = () => this.peer?.ping()
  /** @param {number} [code] @param {string} [reason] */
  close = (code, reason) => this.peer?.close(code, reason)
  terminate = () => this.peer?.terminate()
}

/**
 * Bytes as text, or a string as binary.
 * @param {string | Uint8Array} data @param {boolean} binary @returns {import('websocket-primitives').Message}
 */
const toTyped = (data, binary) => ({ type: binary ? 'binary' : 'text', data: Buffer.from(data) })

/** @type {Options} */
const handlers = {
  open: (peer) => peer.data.opened(Object.assign(peer.data, { peer })),
  event({ data: socket }, event) {
    if (event.type === 'text') socket.emit('message', event.data, false)
    if (event.type === 'binary') {
      const { buffer, byteOffset, length } = event.data
      socket.emit('message', Buffer.from(buffer, byteOffset, length), true)
    }
    if (event.type === 'pong') socket.emit('pong')
    if (event.type === 'close' && event.error && socket.listenerCount('error') > 0) socket.emit('error', event.error)
  },
  gone: ({ data: socket, closed }) => socket.emit('close', closed?.code, closed?.reason),
}

/** @param {Options} [options] Options of the Endpoint, except for its handlers. */
export const wsEngine = (options = {}) =>
  class extends EventEmitter {
    /** @param {{ perMessageDeflate?: any, maxPayload?: number }} [wsOptions] Options of WebSocketServer, as engine.io passes them. */
    constructor({ perMessageDeflate: deflate, maxPayload } = {}) {
      super()
      const extensions = deflate ? [permessageDeflate({ codec: zlib, ...deflate })] : []
      const limits = { ...options.limits, maxMessageSize: maxPayload ?? options.limits?.maxMessageSize }
      this.endpoint = new Endpoint({ extensions, ...options, limits, ...handlers })
    }
    /**
     * @param {import('node:http').IncomingMessage} request @param {import('node:stream').Duplex} socket @param {Buffer} head
     * @param {(socket: Socket) => void} opened
     */
    handleUpgrade(request, socket, head, opened) {
      /** @type {string[]} */
      const lines = []
      this.emit('headers', lines, request) // adds `name: value`
      const headers = lines.map((line) => /** @type {[string, string]} */ (line.split(/: (.*)/, 2)))
      acceptUpgrade(this.endpoint, request, socket, head, { headers, data: new Socket(opened) })
    }
    close = () => this.endpoint.close()
  }
