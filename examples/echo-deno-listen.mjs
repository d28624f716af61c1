// An echo server on Deno.listen: message streams over byte streams, so the pipe provides backpressure.
//   deno run --allow-net examples/echo-deno-listen.mjs [port]
import { acceptStream } from 'websocket-primitives/streams'

/** The names of this server. Other names are refused: a page can point its own name at this address (DNS rebinding). */
const hosts = ['localhost', '127.0.0.1']

/** @param {Deno.Conn} conn */
async function serve(conn) {
  // Reads the request and writes the 101 or the refusal. Deno passes fresh chunks, so views of them are safe.
  const accepted = await acceptStream(conn, { ownsChunks: true, hosts })
  if (!accepted.ok) return
  // `closed` also reports every failure, and never rejects.
  await accepted.readable.pipeTo(accepted.writable).catch(() => {})
  const { code, error } = await accepted.closed
  if (error) console.log(code, error.message)
}

const listener = Deno.listen({ hostname: '127.0.0.1', port: Number(Deno.args[0] ?? 8082) })
console.log('listening on', listener.addr)
for (;;) {
  try {
    void serve(await listener.accept()) // do not wait: one client must not block the others
  } catch (error) {
    // The client left before it was accepted, or a temporary failure such as too many open files.
    if (!(error instanceof Deno.errors.NotConnected)) await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
