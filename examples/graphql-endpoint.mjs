// An Endpoint for graphql-ws. A module to copy, with no server of its own:
//   const endpoint = graphqlEndpoint(makeServer({ schema, roots }))
//   createServer().on('upgrade', (request, socket, head) => acceptUpgrade(endpoint, request, socket, head))
import { drained, Endpoint } from 'websocket-primitives/node'

/**
 * @typedef Data What each peer keeps.
 * @property {(text: string) => unknown} [receive]
 * @property {(code: number, reason: string) => unknown} [closed]
 */

/** @param {{ opened(socket: any, extra: any): (code: number, reason: string) => unknown }} server The result of `makeServer`. */
export const graphqlEndpoint = (server) =>
  new Endpoint({
    handshake: { subprotocols: ['graphql-transport-ws'] },
    data: () => /** @type {Data} */ ({}),
    open(peer) {
      const socket = {
        protocol: peer.agreement?.subprotocol ?? '',
        /** @param {string} text */
        send: (text) => peer.send(text) && drained(peer), // a subscription waits for its reader
        /** @param {number} code @param {string} reason */
        close: (code, reason) => peer.close(code, reason),
        /** @param {(text: string) => unknown} receive */
        onMessage(receive) {
          peer.data.receive = receive
        },
      }
      peer.data.closed = server.opened(socket, { request: peer.request })
    },
    message: (peer, data) => peer.data.receive?.(String(data)),
    error(error, peer) {
      console.error(error)
      peer?.close(4500, 'Internal server error') // CloseCode.InternalServerError of graphql-ws
    },
    close: (peer, { code, reason }) => peer.data.closed?.(code, reason),
  })
