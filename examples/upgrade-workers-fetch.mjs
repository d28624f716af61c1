// Checks the handshake in the fetch handler of a Worker, whose runtime writes the 101 and the frames itself.
import { acceptHandshake, selectUpgrade } from 'websocket-primitives'

export default {
  /** @param {Request} request */
  fetch(request) {
    if (!selectUpgrade(request, ['websocket'])) return new Response('plain http\n')
    const accepted = acceptHandshake(request, { subprotocols: ['chat.v2', 'chat.v1'] })
    if (!accepted.ok) return new Response(accepted.response.body, accepted.response)

    const { 0: client, 1: server } = new WebSocketPair()
    server.binaryType = 'arraybuffer' // with newer compatibility dates the data would be Blobs
    server.accept()
    server.addEventListener('message', ({ data }) => server.send(data))
    const init = { status: 101, headers: accepted.agreedHeaders, webSocket: client }
    return new Response(null, init)
  },
}
