// Handlers that throw at each of their events; errors are written to stdout.
import { createServer } from 'node:http'
import { acceptUpgrade, Endpoint } from 'websocket-primitives/node'

const fail = (where) => () => {
  throw new Error(where)
}
const endpoint = new Endpoint({
  request(pending) {
    if (pending.request.path === '/request') throw new Error('request')
    if (pending.request.path === '/later') return Promise.reject(new Error('later'))
    pending.accept()
  },
  open: (peer) => peer.request.path === '/open' && fail('open')(),
  message: fail('message'),
  drain: fail('drain'),
  close: fail('close'),
  gone: fail('gone'),
  error: (error) => console.log(error.message),
})
createServer((_, response) => response.end('plain http\n'))
  .on('upgrade', (request, socket, head) => acceptUpgrade(endpoint, request, socket, head))
  .listen(0)
