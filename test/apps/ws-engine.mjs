/**
 * The part of `ws` that frameworks call, over an Endpoint: a class for engine.io's `wsEngine`, whose sockets other frameworks also accept.
 */
import { EventEmitter } from 'node:events'
import { permessageDeflate } from 'websocket-primitives'
import { zlib } from 'websocket-primitives/codec/zlib'
import { acceptUpgrade, Endpoint } from 'websocket-primitives/node'

class Socket extends EventEmitter {
  get readyState() {
    return { open: 1, closing: 2, closed: 3 }[this.peer.connection.state]
  }
  send(data, options, done = options) {
    this.peer.send(data, { written: typeof done === 'function' ? done : undefined })
  }
  ping = () => this.peer.ping()
  close = (code, reason) => this.peer.close(code, reason)
}

const open = (peer) => peer.data.done(Object.assign(peer.data, { peer }))
const event = ({ data: socket }, { type, data, error }) => {
  if (type === 'text') socket.emit('message', data, false)
  if (type === 'binary') socket.emit('message', Buffer.from(data.buffer, data.byteOffset, data.length), true)
  if (type === 'pong') socket.emit('pong')
  if (type === 'close' && error && socket.listenerCount('error') > 0) socket.emit('error', error)
}
const gone = ({ data: socket, closed }) => socket.emit('close', closed.code, closed.reason)

export const wsEngine = (options = {}) =>
  class extends EventEmitter {
    constructor({ perMessageDeflate: deflate, maxPayload: maxMessageSize } = {}) {
      super()
      const extensions = deflate ? [permessageDeflate({ codec: zlib, ...deflate })] : []
      const limits = { ...options.limits, maxMessageSize: maxMessageSize ?? options.limits?.maxMessageSize }
      this.endpoint = new Endpoint({ extensions, ...options, limits, open, event, gone })
    }
    handleUpgrade(request, socket, head, done) {
      const lines = []
      this.emit('headers', lines, request) // adds `name: value`
      const headers = lines.map((line) => line.split(/: (.*)/, 2))
      acceptUpgrade(this.endpoint, request, socket, head, { headers, data: Object.assign(new Socket(), { done }) })
    }
    close = () => this.endpoint.close()
  }
