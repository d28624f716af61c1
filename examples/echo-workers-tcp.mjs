// An echo server on TCP connections to a Worker: message streams over byte streams, so the pipe provides backpressure.
// In workerd, a socket of the configuration leads here:
//   sockets = [ (name = "echo", address = "127.0.0.1:8086", tcp = (), service = "main") ]   # workerd serve --experimental
import { acceptStream } from 'websocket-primitives/streams'

const PATIENCE = 10_000 // ms until the request must have arrived

export default {
  /** @param {import('cloudflare:sockets').Socket} socket */
  async connect(socket) {
    const timer = setTimeout(() => void socket.close(), PATIENCE)
    const accepted = await acceptStream(socket) // reads the request, writes the 101 or the refusal
    clearTimeout(timer)
    if (!accepted.ok) return
    // Any failure, of the peer or the network, is also reported by `closed`, which never rejects.
    await accepted.readable.pipeTo(accepted.writable).catch(() => {})
    const { code, error } = await accepted.closed
    if (error) console.log(code, error.message)
  },
}
