// A Worker that checks the handshake and passes the WebSocket to a Durable Object, one for each path. The request to the object never
// travels over a network: it has `Upgrade: websocket` but no key and no version, which `offWire` allows.
import { acceptHandshake, selectUpgrade } from 'websocket-primitives'

const subprotocols = ['chat.v2', 'chat.v1']

export default {
  /**
   * @param {Request} request
   * @param {{ ROOMS: DurableObjects }} env
   */
  fetch(request, env) {
    if (!selectUpgrade(request, ['websocket'])) return new Response('plain http\n')
    const accepted = acceptHandshake(request, { subprotocols })
    if (!accepted.ok) return new Response(accepted.response.body, accepted.response)

    const { host, pathname } = new URL(request.url)
    const room = env.ROOMS.get(env.ROOMS.idFromName(pathname))
    const headers = new Headers({ Upgrade: 'websocket' })
    if (accepted.subprotocol) headers.set('Sec-WebSocket-Protocol', accepted.subprotocol)
    return room.fetch(`https://${host}${pathname}`, { headers })
  },
}

/** A Durable Object: the WebSockets of one path. */
export class Room {
  /** @param {Request} request */
  fetch(request) {
    const accepted = acceptHandshake(request, { offWire: true, subprotocols })
    if (!accepted.ok) return new Response(accepted.response.body, accepted.response)

    const { 0: client, 1: server } = new WebSocketPair()
    server.binaryType = 'arraybuffer' // with newer compatibility dates the data would be Blobs
    server.accept()
    server.addEventListener('message', ({ data }) => server.send(data))
    const init = { status: 101, headers: accepted.agreedHeaders, webSocket: client }
    return new Response(null, init)
  }
}
