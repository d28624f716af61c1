// An echo server on TCP connections to a Worker: message streams over byte streams, so the pipe provides backpressure.
// In workerd, route a socket to it:
//   sockets = [ (name = "echo", address = "127.0.0.1:8086", tcp = (), service = "main") ]   # workerd serve --experimental
// Cloudflare does not route TCP from the Internet to a Worker; docs/runtimes.md explains what does.
import { acceptStream } from 'websocket-primitives/streams'

/** The names of this server. Other names are refused: a page can point its own name at this address (DNS rebinding). */
const hosts = ['localhost', '127.0.0.1']

export default {
  /** @param {import('cloudflare:sockets').Socket} socket */
  async connect(socket) {
    const accepted = await acceptStream(socket, { hosts }) // reads the request, writes the 101 or the refusal
    if (!accepted.ok) return
    // `closed` also reports every failure, and never rejects.
    await accepted.readable.pipeTo(accepted.writable).catch(() => {})
    const { code, error } = await accepted.closed
    if (!error) return // the runtime then cuts the connection
    console.log(code, error.message)
    // If more bytes arrive, cutting the connection causes a reset, which overtakes our Close. So read and drop them for a while.
    await Promise.race([socket.closed.catch(() => {}), new Promise((resolve) => setTimeout(resolve, 1000))])
  },
}
