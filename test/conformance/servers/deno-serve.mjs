/** Echoes with Deno's own server. */
function serve(request) {
  if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket')
    return new Response('plain http\n', { status: 426 })
  const offered = request.headers.get('sec-websocket-protocol')?.split(/\s*,\s*/) ?? []
  const { socket, response } = Deno.upgradeWebSocket(request, offered.includes('chat') ? { protocol: 'chat' } : {})
  socket.binaryType = 'arraybuffer'
  socket.onmessage = ({ data }) => socket.send(data)
  socket.onerror = () => {}
  return response
}

Deno.serve({ hostname: '127.0.0.1', port: 0, onListen: (address) => console.log('listening on', address) }, serve)
