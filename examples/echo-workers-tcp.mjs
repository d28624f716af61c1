// An echo server on TCP connections to a Worker: message streams over byte streams, so the pipe provides backpressure.
// In workerd, a socket of the configuration leads here:
//   sockets = [ (name = "echo", address = "127.0.0.1:8086", tcp = (), service = "main") ]   # workerd serve --experimental
// Cloudflare passes no TCP from the Internet to a Worker; see docs/runtimes.md for what can.
import { acceptStream } from 'websocket-primitives/streams'

/** The names of this server: a page can give its own name this address (DNS rebinding). */
const hosts = ['localhost', '127.0.0.1']

export default {
  /** @param {import('cloudflare:sockets').Socket} socket */
  async connect(socket) {
    const accepted = await acceptStream(socket, { hosts }) // reads the request, writes the 101 or the refusal
    if (!accepted.ok) return
    // Any failure, of the peer or the network, is also reported by `closed`, which never rejects.
    await accepted.readable.pipeTo(accepted.writable).catch(() => {})
    const { code, error } = await accepted.closed
    if (!error) return // and the connection is cut
    console.log(code, error.message)
    // A cut while more of a faulty peer's bytes arrive would be a reset, which overtakes our Close: what comes is read and dropped.
    await Promise.race([socket.closed.catch(() => {}), new Promise((resolve) => setTimeout(resolve, 1000))])
  },
}
