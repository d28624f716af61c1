// A Worker as the client of a Durable Object: asks it for one answer over a WebSocket, and returns it. The handshake never is on a
// wire: the request has no key and the answer no proof of it, so only the status and the subprotocol are left to check.
//   bindings = [ (name = "ROOMS", durableObjectNamespace = "Room") ]
export { Room } from './upgrade-workers-durable-object.mjs'

const TIMEOUT = 10_000 // ms for the answer
const subprotocol = 'chat.v1'

export default {
  /** @param {Request} request @param {{ ROOMS: DurableObjects }} env */
  async fetch(request, env) {
    const room = env.ROOMS.get(env.ROOMS.idFromName('/'))
    const headers = new Headers({ Upgrade: 'websocket', 'Sec-WebSocket-Protocol': subprotocol })
    const response = await room.fetch('https://room/', { headers })
    const { webSocket: socket } = response
    if (!socket) return new Response(`the room refuses: ${response.status} ${await response.text()}`, { status: 502 })

    socket.accept()
    try {
      const chosen = response.headers.get('Sec-WebSocket-Protocol')
      if (chosen !== subprotocol) throw new Error(`the room speaks ${chosen}, not ${subprotocol}`)
      return new Response(await ask(socket, await request.text()))
    } catch (error) {
      return new Response(`${error}\n`, { status: 502 })
    } finally {
      socket.close(1000)
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
