/** Clients and hosts of a CONNECT proxy that misbehave. Like clients.mjs; `acceptHost` returns the connection to the host. */

const MB = 1024 * 1024
const block = Buffer.alloc(64 * 1024, 'x')

/** The head of a CONNECT. */
function connectTo(authority, fields = {}) {
  const lines = Object.entries({ Host: authority, ...fields }).map(([name, value]) => `${name}: ${value}`)
  return Buffer.from(`CONNECT ${authority} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`, 'latin1')
}

const allowed = connectTo('localhost:443')

/** Both ends of an open tunnel. */
async function tunnel(visit) {
  const wire = await visit.connect()
  await wire.write(allowed).expectStatus(200)
  return { wire, host: await visit.acceptHost() }
}

/** @type {readonly { title: string, bound: string, hostIsThere?: false, run: (visit: import('./visit.mjs').Visit & { acceptHost: () => Promise<import('./wire.mjs').Wire> }) => unknown }[]} */
export const tunnels = [
  { title: 'silent before the head', bound: 'head', run: (visit) => visit.connect() },
  {
    title: 'silent in the head',
    bound: 'head',
    run: async (visit) => (await visit.connect()).write(allowed.subarray(0, 20)),
  },
  {
    title: 'a head of one byte a second',
    bound: 'head',
    async run(visit) {
      const wire = await visit.connect()
      void wire.drip(connectTo('localhost:443', { 'X-Long': 'x'.repeat(2000) }), visit.real(1000))
    },
  },
  { title: 'half-closes before the head', bound: 'head', run: async (visit) => (await visit.connect()).end() },
  {
    title: 'resets in the head',
    bound: 'soon',
    async run(visit) {
      const wire = (await visit.connect()).write(allowed.subarray(0, 20))
      await visit.pause()
      wire.reset()
    },
  },
  {
    title: 'garbage for a head',
    bound: 'refusal',
    run: async (visit) => (await visit.connect()).write('\x16\x03\x01\r\n\r\n').expectStatus(400),
  },
  {
    title: 'plain GET',
    bound: 'refusal',
    run: async (visit) => (await visit.connect()).write(visit.plainRequest()).expectStatus(400, 405),
  },
  {
    title: 'a port that is not allowed',
    bound: 'refusal',
    run: async (visit) => (await visit.connect()).write(connectTo('localhost:25')).expectStatus(403),
  },
  {
    title: 'continues to write after a refusal',
    bound: 'refusal',
    async run(visit) {
      const wire = (await visit.connect()).write(connectTo('localhost:25'), block)
      await wire.expectStatus(403)
      void wire.pour(block, 64 * MB, visit.real(60_000))
    },
  },
  {
    title: 'the host is not there',
    bound: 'refusal',
    hostIsThere: false,
    run: async (visit) => (await visit.connect()).write(allowed).expectStatus(502, 504),
  },
  {
    title: 'a tunnel that works',
    bound: 'soon',
    async run(visit) {
      const { wire, host } = await tunnel(visit)
      wire.write('there and')
      await host.take('bytes', () => (host.bytes.includes('there and') ? true : undefined))
      host.write('back again').end()
      await wire.take('bytes', () => (wire.bytes.includes('back again') ? true : undefined))
      wire.end()
    },
  },
  {
    title: 'bytes after the head',
    bound: 'soon',
    async run(visit) {
      const wire = (await visit.connect()).write(allowed, 'early bytes').end()
      const host = await visit.acceptHost()
      await host.take('bytes', () => (host.bytes.includes('early bytes') && host.ended ? true : undefined))
      host.write('late bytes').end()
      await wire.expectStatus(200)
      await wire.take('bytes', () => (wire.bytes.includes('late bytes') ? true : undefined))
    },
  },
  { title: 'a silent tunnel', bound: 'idle', run: tunnel },
  {
    title: 'resets after the head',
    bound: 'soon',
    async run(visit) {
      const wire = (await visit.connect()).write(allowed)
      await visit.pause(10)
      wire.reset()
    },
  },
  {
    title: 'resets in the tunnel',
    bound: 'soon',
    async run(visit) {
      const { wire } = await tunnel(visit)
      wire.reset()
    },
  },
  {
    title: 'the host resets in the tunnel',
    bound: 'soon',
    async run(visit) {
      const { host } = await tunnel(visit)
      host.reset()
    },
  },
  {
    title: 'half-closes in the tunnel',
    bound: 'idle',
    async run(visit) {
      const { wire } = await tunnel(visit)
      wire.end()
    },
  },
  {
    title: 'the host half-closes in the tunnel',
    bound: 'idle',
    async run(visit) {
      const { host } = await tunnel(visit)
      host.end()
    },
  },
  {
    title: 'pours to a host that reads nothing',
    bound: 'idle',
    async run(visit) {
      const { wire, host } = await tunnel(visit)
      host.stopReading()
      const taken = await wire.pour(block, 128 * MB, visit.real(3000))
      if (taken > 64 * MB) throw new Error(`it must stop reading, and took ${Math.round(taken / MB)} MB`)
    },
  },
  {
    title: 'reads nothing of what the host pours',
    bound: 'idle',
    async run(visit) {
      const { wire, host } = await tunnel(visit)
      wire.stopReading()
      const taken = await host.pour(block, 128 * MB, visit.real(3000))
      if (taken > 64 * MB) throw new Error(`it must stop reading, and took ${Math.round(taken / MB)} MB`)
    },
  },
]
