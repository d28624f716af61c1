// An echo server on TCP that comes in to a Worker: streams of messages over streams of bytes, so that backpressure comes with the
// pipe. In workerd, a socket of the configuration leads here:
//   sockets = [ (name = "echo", address = "127.0.0.1:8086", tcp = (), service = "main") ]   # workerd serve --experimental
import { acceptStream } from 'websocket-primitives/streams'

const PATIENCE = 10_000 // ms until the request has come

export default {
  /** @param {import('cloudflare:sockets').Socket} socket */
  async connect(socket) {
    const timer = setTimeout(() => void socket.close(), PATIENCE)
    const accepted = await acceptStream(socket) // reads the request, writes the 101, or the refusal that is owed
    clearTimeout(timer)
    if (!accepted.ok) return
    // What goes wrong, whether the peer or the network caused it, is told by `closed` as well, which never rejects.
    await accepted.readable.pipeTo(accepted.writable).catch(() => {})
    const { code, error } = await accepted.closed
    if (error) console.log(code, error.message)
  },
}
