// Checks the handshake in Deno.serve, which writes the 101 and the frames itself.
//   deno run --allow-net examples/upgrade-deno-serve.mjs [port]
import { acceptHandshake, handshakeOptions, selectUpgrade } from 'websocket-primitives'

const options = handshakeOptions({
  hosts: ['localhost', '127.0.0.1'], // DNS rebinding: a page can point its own name at this address
  subprotocols: ['chat.v2', 'chat.v1'],
})

/** @param {Request} request */
function serve(request) {
  if (!selectUpgrade(request, ['websocket'])) return new Response('plain http\n')
  const accepted = acceptHandshake(request, options)
  if (!accepted.ok) return new Response(accepted.response.body, accepted.response)

  const { socket, response } = Deno.upgradeWebSocket(request, { protocol: accepted.subprotocol })
  socket.onmessage = ({ data }) => socket.send(data)
  return response
}

const onListen = (/** @type {{ hostname: string, port: number }} */ address) => console.log('listening on', address)
Deno.serve({ hostname: '127.0.0.1', port: Number(Deno.args[0] ?? 8084), onListen }, serve)
