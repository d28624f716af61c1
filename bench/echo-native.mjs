/**
 * The native echo servers of Deno and Bun. Prints the port.
 *
 *   deno run --allow-net echo-native.mjs
 *   bun echo-native.mjs
 */

const port = globalThis.Bun === undefined ? serveDeno() : serveBun()
console.log(port)

function serveBun() {
  return Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: (request, server) => (server.upgrade(request) ? undefined : new Response('', { status: 426 })),
    websocket: { message: (socket, data) => void socket.send(data), perMessageDeflate: false },
  }).port
}

function serveDeno() {
  return Deno.serve({ port: 0, hostname: '127.0.0.1', onListen() {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request)
    socket.onmessage = ({ data }) => socket.send(data)
    return response
  }).addr.port
}
