// A Worker as the client of a Durable Object: asks it for one answer over a WebSocket, and returns it. The handshake never
// travels over a network (`offWire`): the request has no key, and the answer has no accept hash.
//   bindings = [ (name = "ROOMS", durableObjectNamespace = "Room") ]
import { offerHandshake, verifyHandshake } from 'websocket-primitives'

export { Room } from './upgrade-workers-durable-object.mjs'

const TIMEOUT = 10_000 // ms for the answer
const url = 'https://room/'

export default {
  /** @param {Request} request @param {{ ROOMS: DurableObjects }} env */
  async fetch(request, env) {
    const offer = offerHandshake(url, { offWire: true, subprotocols: ['chat.v1'], requireSubprotocol: true })
    const room = env.ROOMS.get(env.ROOMS.idFromName('/'))
    const response = await room.fetch(url, { headers: offer.request.headers })
    const verified = verifyHandshake(response, offer)
    const { webSocket: socket } = response
    socket?.accept()
    try {
      if (!verified.ok) throw verified.errors[0]
      if (!socket) throw new Error('no WebSocket')
      return new Response(await ask(socket, await request.text()))
    } catch (error) {
      return new Response(`${error}\n`, { status: 502 })
    } finally {
      socket?.close(1000)
    }
  },
}

/** @param {WorkersWebSocket} socket @param {string} question @returns {Promise<string | ArrayBuffer>} */
function ask(socket, question) {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error('no answer')), TIMEOUT)
    socket.addEventListener('message', ({ data }) => resolve(data))
    socket.addEventListener('close', ({ code }) => reject(new Error(`closed with ${code}`)))
    socket.send(question)
  })
}
