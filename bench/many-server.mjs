/**
 * A server for many connections: Node's `http` with the adapter, with `ws` or with neither, or Bun's own. Prints the port. It sends a text that
 * begins with "*" to all of its connections, collects garbage for "collect", and echoes each text but the first kind.
 *
 *   node --expose-gc many-server.mjs adapter|ws|bare
 *   bun many-server.mjs bun
 */

import { createServer } from 'node:http'

const servers = { adapter: serveAdapter, ws: serveWs, bare: serveBare, bun: serveBun }
console.log(await servers[process.argv[2]]())

function collect(text) {
  if (text === 'collect') for (let i = 0; i < 3; i++) globalThis.Bun === undefined ? globalThis.gc() : Bun.gc(true)
}

async function serveAdapter() {
  const { acceptUpgrade, Endpoint } = await import('../dist/adapters/node/index.js')
  const { prepareText } = await import('../dist/index.js')
  const endpoint = new Endpoint({
    // As by default, but so late that no ping comes between the bytes that a client counts.
    keepalive: { interval: 600_000, timeout: 30_000 },
    message(peer, text) {
      if (text[0] === '*') {
        const message = prepareText(text)
        for (const each of endpoint.peers) each.send(message)
      } else {
        collect(text)
        peer.send(text)
      }
    },
  })
  return listen((request, socket, head) => acceptUpgrade(endpoint, request, socket, head))
}

async function serveWs() {
  const { WebSocketServer } = await import('ws')
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  server.on('connection', (end) =>
    end.on('message', (data) => {
      const text = data.toString()
      if (text[0] === '*') {
        for (const each of server.clients) each.send(text)
      } else {
        collect(text)
        end.send(text)
      }
    }),
  )
  return listen((request, socket, head) =>
    server.handleUpgrade(request, socket, head, (end) => server.emit('connection', end, request)),
  )
}

/** The control: what Node's sockets cost alone. It reads whole frames only, one a chunk, and joins nothing. */
function serveBare() {
  const sockets = new Set()
  return listen((_, socket) => {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (chunk) => {
      const start = (chunk[1] & 0x7f) === 126 ? 8 : 6
      const text = Buffer.from(chunk.subarray(start).map((byte, at) => byte ^ chunk[start - 4 + (at & 3)]))
      const head = Buffer.from(chunk.subarray(0, start - 4))
      head[1] &= 0x7f
      const frame = Buffer.concat([head, text])
      if (text[0] === 0x2a) {
        for (const each of sockets) each.write(frame)
      } else {
        collect(text.toString())
        socket.write(frame)
      }
    })
    socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n')
  })
}

function listen(upgrade) {
  const server = createServer().on('upgrade', upgrade)
  return new Promise((resolve) => {
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => resolve(server.address().port))
  })
}

function serveBun() {
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: (request, server) => (server.upgrade(request) ? undefined : new Response('', { status: 426 })),
    websocket: {
      perMessageDeflate: false,
      idleTimeout: 0,
      open: (socket) => socket.subscribe('all'),
      message(socket, text) {
        if (text[0] === '*') {
          server.publish('all', text)
        } else {
          collect(text)
          socket.send(text)
        }
      },
    },
  })
  return server.port
}
