/** Echoes with Bun's own server. */
const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch(request, server) {
    const offered = request.headers.get('sec-websocket-protocol')?.split(/\s*,\s*/) ?? []
    const headers = offered.includes('chat') ? { 'Sec-WebSocket-Protocol': 'chat' } : {}
    return server.upgrade(request, { headers }) ? undefined : new Response('plain http\n', { status: 426 })
  },
  websocket: { perMessageDeflate: true, message: (socket, data) => void socket.send(data) },
})
console.log('listening on', { port: server.port })
