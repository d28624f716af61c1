// A CONNECT proxy on node:net, for the given targets, or else for port 443.
//   node examples/connect-proxy.mjs [port] [name:password] [host:port …]
import { connect, createServer, isIPv6 } from 'node:net'
import { acceptTunnel, formatResponse, RequestHeadParser, refuseUpgrade } from 'websocket-primitives'

const [port = 3128, account = '', ...targets] = process.argv.slice(2)
const mayAsk = (/** @type {{ username: string, password: string } | undefined} */ who) =>
  who !== undefined && `${who.username}:${who.password}` === account

// Access to every port of every host would expose services that nobody meant to publish (RFC 9110 §9.3.6).
const mayReach = (/** @type {string} */ host, /** @type {number} */ port) =>
  targets.length > 0 ? targets.includes(`${isIPv6(host) ? `[${host}]` : host}:${port}`) : port === 443

const server = createServer((client) => {
  const heads = new RequestHeadParser()
  client.on('error', () => client.destroy())
  client.setTimeout(60_000, () => client.destroy()) // a minute without a byte
  client.on('data', function open(/** @type {Uint8Array} */ chunk) {
    const parsed = heads.push(chunk)
    if (!parsed) return
    client.off('data', open).pause()
    const accepted = acceptTunnel(parsed, account === '' ? {} : { authenticate: mayAsk })
    if (!accepted.ok) return refuse(client, accepted.response)
    if (!mayReach(accepted.hostname, accepted.port)) return refuse(client, refuseUpgrade(403))
    const target = connect(accepted.port, accepted.hostname)
    const unreachable = () => refuse(client, refuseUpgrade(502))
    target.on('error', unreachable).setTimeout(60_000, () => target.destroy(new Error('silence')))
    target.on('connect', () => {
      target.off('error', unreachable).on('error', () => client.destroy())
      client.write(formatResponse(accepted.response))
      target.write(parsed.rest) // bytes sent too early, kept until the target was connected
      client.pipe(target).pipe(client)
    })
    client.on('close', () => target.end())
  })
})

/** Keeps reading and discarding for a while, because a reset could destroy the response; early bytes are ignored (RFC 9931). */
/** @param {import('node:net').Socket} client @param {import('websocket-primitives').Answer} answer */
function refuse(client, answer) {
  client.end(formatResponse(answer)).resume()
  setTimeout(() => client.destroy(), 5_000).unref()
}

server.listen(Number(port), '127.0.0.1', () => console.log('listening on', server.address()))
