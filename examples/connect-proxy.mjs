// A CONNECT proxy on node:net for the given targets, or for port 443 of any host.
//   node examples/connect-proxy.mjs [port] [name:password] [host:port …]
import { connect, createServer, isIPv6 } from 'node:net'
import { acceptTunnel, formatResponse, RequestHeadParser, refuseUpgrade } from 'websocket-primitives'
import { Endpoint, refuse } from 'websocket-primitives/node'

const [port = 3128, account = '', ...targets] = process.argv.slice(2)
const HEAD_TIMEOUT = 10_000 // ms for the request, and for the connection to its target
const IDLE_TIMEOUT = 120_000 // ms without a byte in either direction; WebSockets ping more often
const endpoint = new Endpoint() // for refusals: writes them, and releases the socket within `closeTimeout`
const mayAsk = (/** @type {{ username: string, password: string } | undefined} */ who) =>
  who !== undefined && `${who.username}:${who.password}` === account

// Access to every port of every host would expose internal services (RFC 9110 §9.3.6).
const mayReach = (/** @type {string} */ host, /** @type {number} */ port) =>
  targets.length > 0 ? targets.includes(`${isIPv6(host) ? `[${host}]` : host}:${port}`) : port === 443

const server = createServer({ allowHalfOpen: true }, (client) => {
  const heads = new RequestHeadParser()
  const hangUp = () => client.destroy()
  let timer = setTimeout(hangUp, HEAD_TIMEOUT)
  client
    .on('close', () => clearTimeout(timer))
    .on('error', hangUp)
    .on('end', hangUp)
  client.on('data', function read(/** @type {Uint8Array} */ chunk) {
    const parsed = heads.push(chunk)
    if (!parsed) return
    clearTimeout(timer)
    client.off('data', read).off('end', hangUp).pause()
    const accepted = acceptTunnel(parsed, account === '' ? {} : { authenticate: mayAsk })
    if (!accepted.ok) return refuse(endpoint, client, accepted.response)
    if (!mayReach(accepted.hostname, accepted.port)) return refuse(endpoint, client, refuseUpgrade(403))
    const target = connect({ port: accepted.port, host: accepted.hostname, allowHalfOpen: true })
    const unreachable = () => target.destroy() && refuse(endpoint, client, refuseUpgrade(502))
    const leave = () => target.destroy()
    timer = setTimeout(() => target.destroy(new Error('no answer')), HEAD_TIMEOUT)
    client.on('close', leave)
    target.on('error', unreachable).on('connect', () => {
      clearTimeout(timer)
      client.off('close', leave)
      target.off('error', unreachable)
      client.write(formatResponse(accepted.response))
      target.write(parsed.rest) // bytes sent too early, kept until the target was connected
      tunnel(client, target)
    })
  })
})

/** Relays bytes and the end of each side. @param {import('node:net').Socket} client @param {import('node:net').Socket} target */
function tunnel(client, target) {
  client.pipe(target).pipe(client)
  bind(client, target)
  bind(target, client)
}

/** If one side resets or is silent for too long, the other ends too. @param {import('node:net').Socket} one @param {import('node:net').Socket} other */
function bind(one, other) {
  one.on('error', () => other.destroy()).on('close', () => other.destroySoon())
  one.setTimeout(IDLE_TIMEOUT, () => one.destroy())
}

server.listen(Number(port), '127.0.0.1', () => console.log('listening on', server.address()))
