/**
 * The programs under test: how each is started, its role, and the times it guarantees. Found in the files, so that none can be forgotten:
 * every program in `examples/`, every whole program in README.md and the guides, and those in `programs/`.
 *
 * @module
 */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './runtimes.mjs'

/** The defaults of the adapter (`EndpointOptions`), in ms. */
const defaults = {
  headTimeout: 10_000,
  closeTimeout: 10_000,
  keepalive: { interval: 30_000, timeout: 30_000 },
  /** The program's own timeout, without a frame or byte of a session or tunnel. */
  sessionTimeout: 120_000,
}
/** Node itself reads the head of a request, for at most `headersTimeout`, checked every `connectionsCheckingInterval`. */
const NODE_HEAD = 60_000 + 30_000
/** Node keeps a connection without a further request for `keepAliveTimeout`. */
const NODE_KEEP_ALIVE = 5_000 + 1_000
/** Node's `handshakeTimeout` for TLS. */
const NODE_TLS = 120_000

/** The certificate of a bad server is self-signed. */
const TRUSTING = { NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_NO_WARNINGS: '1' }

/**
 * Facts about a program that its text does not show. `role`: its role towards its peers. `runtimes`: where it runs, if not only in Node.
 * `path`: the path of its WebSockets. `echoes`: it sends back every text. `plain`: the status for a request of plain HTTP. `fields`: the
 * fields of its requests. `slow`: it does not answer at once. `pauses`: it stops reading. `options`: its times, if they are not the
 * adapter's defaults.
 */
const known = {
  'README.md: A client': { role: 'client', closes: true },
  'README.md: A server': { role: 'server', echoes: true, plain: 200 },
  'docs/client.md: A client': { role: 'client', closes: true, deflates: true },
  'docs/compression.md: Compression and secrets': { role: 'server', deflates: true, plain: 200 },
  'docs/from-ws.md: In websocket-primitives': { role: 'server', path: '/chat', ends: true, plain: 200 },
  'docs/from-ws.md: With verifyClient, handleProtocols and addresses': {
    role: 'server',
    fields: { Authorization: 'Bearer open-sesame' },
    plain: 200,
  },
  'docs/from-ws.md: Options of the client': { role: 'client', closes: true },
  'docs/many-processes.md: Scaling to many processes': { role: 'server', ends: true, plain: 200 },
  'docs/moving.md: From crossws': { role: 'server', plain: 200 },
  // Not `echoes`: its loop comes too late for a message that arrives together with the Close.
  'docs/moving.md: From websockets (Python)': { role: 'server', slow: true, pauses: true, plain: 200 },
  'docs/moving.md: From undici': { role: 'client', closes: true },
  'docs/moving.md: From websocket-driver': { role: 'server', echoes: true, plain: 200 },
  'docs/http2.md: HTTP/2 and HTTP/3': { role: 'server', echoes: true, http2: true, tls: true, plain: 200 },
  'docs/input.md: Fragmented, slow and endless input': { role: 'server', slow: true, plain: 200 },
  'docs/keepalive.md: Keepalive and shutdown': {
    role: 'server',
    echoes: true,
    ends: true,
    plain: 200,
    options: { headTimeout: 5_000, closeTimeout: 5_000, keepalive: { interval: 20_000, timeout: 20_000 } },
  },
  'docs/node.md: The Node adapter': {
    role: 'server',
    fields: { Authorization: 'Bearer open-sesame' },
    ends: true,
    plain: 200,
  },
  'docs/origins.md: Origins and authentication': {
    role: 'server',
    fields: { Cookie: 'session=JpH3zX9cVq' },
    echoes: true,
    ends: true,
    plain: 200,
  },
  'docs/proxies.md: Proxies': { role: 'proxy', echoes: true, plain: 426, options: { closeTimeout: 20_000 } },
  'docs/runtimes.md: Deno': { runtimes: ['deno'], role: 'server', echoes: true, ends: true, plain: 426 },
  'docs/runtimes.md: Bun': { runtimes: ['bun'], role: 'server', echoes: true, ends: true, plain: 426 },
  'docs/server.md: A server': {
    role: 'server',
    path: '/chat',
    ends: true,
    plain: 200,
  },
  'docs/streams.md: WHATWG streams': { runtimes: ['deno'], role: 'server', echoes: true, plain: 426 },
  'docs/transport.md: Writing a transport': { role: 'server', echoes: true, plain: 200 },
  'docs/upgrade.md: Upgrading to any protocol': { role: 'server', echoes: true, plain: 200 },
  'examples/broadcast-redis.mjs': { role: 'server', ends: true, plain: 200 },
  'examples/by-hand-node-net.mjs': { role: 'server', echoes: true, plain: 200 },
  'examples/client-bun-connect.mjs': { runtimes: ['bun'], role: 'client', closes: true },
  'examples/client-connect-proxy.mjs': {
    role: 'client',
    closes: true,
    tunnelled: true,
    env: { https_proxy: 'http://127.0.0.1:3128' },
  },
  'examples/client-workers-connect.mjs': {
    runtimes: ['workerd'],
    role: 'worker',
    closes: true,
    socket: 'http',
    bindings: (port) => ({ UPSTREAM: `ws://127.0.0.1:${port}/` }),
  },
  'examples/client-node-http2.mjs': { role: 'client', http2: true, tls: true, env: TRUSTING },
  'examples/client-node-net.mjs': { runtimes: ['node', 'deno', 'bun'], role: 'client', reconnects: true },
  'examples/connect-proxy.mjs': { role: 'tunnel' },
  'examples/echo-bun-listen.mjs': { runtimes: ['bun'], role: 'server', echoes: true, plain: 426 },
  'examples/echo-deno-listen.mjs': { runtimes: ['deno'], role: 'server', echoes: true, plain: 426 },
  'examples/echo-workers-tcp.mjs': { runtimes: ['workerd'], role: 'server', echoes: true, plain: 426 },
  'examples/echo-node-http2.mjs': {
    role: 'server',
    echoes: true,
    deflates: true,
    http2: true,
    tls: true,
    plain: 200,
    options: { sessionTimeout: 120_000 },
  },
  'examples/echo-node-http.mjs': {
    runtimes: ['node', 'deno', 'bun'],
    role: 'server',
    echoes: true,
    deflates: true,
    plain: 200,
  },
  'examples/echo-node-net.mjs': { runtimes: ['node', 'deno', 'bun'], role: 'server', echoes: true, plain: 200 },
  'examples/hibernation-workers.mjs': { runtimes: ['workerd'], role: 'server', echoes: true, plain: 426 },
  'examples/reverse-proxy.mjs': { role: 'proxy', echoes: true, plain: 200, options: { closeTimeout: 20_000 } },
  'examples/rooms-deno-listen.mjs': { runtimes: ['deno'], role: 'server', ends: true, plain: 426 },
  'examples/rooms-node-http.mjs': { role: 'server', ends: true, plain: 200 },
  'examples/upgrade-node-http.mjs': { role: 'server', echoes: true, plain: 200, h2c: [200] },
  'test/torture/programs/client-tls.mjs': { role: 'client', tls: true, closes: true, deflates: true, env: TRUSTING },
  'test/torture/programs/crowd.mjs': { role: 'crowd' },
  'test/torture/programs/download.mjs': { role: 'download' },
  'test/torture/programs/drive.mjs': { role: 'server', echoes: true, plain: 200 },
  'test/torture/programs/faulty.mjs': { role: 'faulty' },
  'test/torture/programs/full.mjs': { role: 'full' },
  'test/torture/programs/https.mjs': { role: 'server', tls: true, echoes: true, deflates: true, plain: 200 },
  'test/torture/programs/message-stream.mjs': {
    pipes: true,
    role: 'server',
    echoes: true,
    slow: true,
    pauses: true,
    plain: 200,
    options: { keepalive: { interval: 5_000, timeout: 5_000 } },
  },
  'test/torture/programs/pieces.mjs': { role: 'server', echoes: true, plain: 200 },
  'test/torture/programs/request.mjs': { role: 'server', echoes: true, slow: true, ends: true, plain: 200 },
  'test/torture/programs/tls.mjs': {
    role: 'server',
    tls: true,
    echoes: true,
    slow: true,
    pauses: true,
    plain: 200,
    options: { keepalive: { interval: 5_000, timeout: 5_000 } },
  },
}

/** Files without a program that has a socket, and why. */
const excluded = {
  'docs/from-ws.md: In ws': 'a program of ws, to compare with',
  'examples/asynchronous-deflate.mjs': 'no socket',
  'examples/client-workers-durable-object.mjs': 'no socket: both of its ends are in the Worker',
  'examples/demo.mjs': 'both of its ends are its own',
  'examples/extension.mjs': 'no socket',
  'examples/graphql-endpoint.mjs': 'a module to copy, without a server; test/apps runs it with graphql-ws',
  'examples/hand-over.mjs':
    'its sockets are in processes of its own, which are replaced; its server is that of echo-node-http.mjs',
  'examples/transcript.mjs': 'no socket: a part of demo.mjs',
  'examples/upgrade-bun-serve.mjs': 'Bun moves the bytes',
  'examples/upgrade-deno-serve.mjs': 'Deno moves the bytes',
  'examples/upgrade-workers-durable-object.mjs': 'workerd moves the bytes',
  'examples/upgrade-workers-fetch.mjs': 'workerd moves the bytes',
  'examples/ws-engine.mjs': 'a module to copy, without a server; test/apps runs it with socket.io and y-websocket',
}

function entryOf({ name, start, input, text }) {
  const { options = {}, ...more } = known[name] ?? {}
  const times = { ...defaults, ...options }
  const readsHead = /from 'node:http[s2]?'/.test(text) ? NODE_HEAD : 0
  const { interval, timeout } = times.keepalive
  const bounds = {
    head: Math.max(
      times.headTimeout + times.closeTimeout,
      readsHead,
      /createSecureServer|'node:tls'/.test(text) ? NODE_TLS : 0,
    ),
    refusal: Math.max(times.closeTimeout, readsHead && NODE_KEEP_ALIVE),
    answer: times.headTimeout,
    open: interval + timeout,
    end: 2 * times.closeTimeout,
    // A program that pauses a peer may be judged ten rounds later.
    flood: interval + timeout + (more.pauses ? 10 * interval : 0) + 2 * times.closeTimeout,
    soon: 1000,
    session: times.sessionTimeout,
    idle: 2 * times.sessionTimeout,
  }
  const entry = {
    name,
    start,
    input,
    runtimes: ['node'],
    path: '/',
    fields: {},
    origins: true,
    h2c: [200, 426],
    ...more,
    bounds,
  }
  const capabilities = {
    closes: entry.closes,
    deflate: entry.deflates,
    echo: entry.echoes,
    'prompt echo': entry.echoes && !entry.pipes, // a pipe holds messages while the Close is answered
    http2: entry.http2,
    origins: entry.origins,
    prompt: entry.role === 'server' && !entry.slow, // a proxy first asks its server
    tls: entry.tls,
  }
  return { ...entry, meets: (needs) => needs === undefined || capabilities[needs] === true }
}

/** All programs, by name. */
export function findPrograms() {
  const found = new Map()
  for (const one of findTexts()) if (one.name in known) found.set(one.name, entryOf(one))
  return found
}

/** Programs that are not entered here, and entries without a program. */
export function findUnknown() {
  const names = new Set(findTexts().map(({ name }) => name))
  const entered = new Set([...Object.keys(known), ...Object.keys(excluded)])
  return [...names].filter((name) => !entered.has(name)).concat([...entered].filter((name) => !names.has(name)))
}

function findTexts() {
  const found = []
  for (const folder of ['examples', 'test/torture/programs']) {
    for (const file of list(folder, '.mjs')) {
      const name = `${folder}/${file}`
      found.push({ name, start: [name], text: read(name) })
    }
  }
  for (const guide of ['README.md', ...list('docs', '.md').map((file) => `docs/${file}`)]) {
    let heading = ''
    for (const [, title, text] of read(guide).matchAll(/^#+ ([^\n]*)$|^```js\n(.*?)^```$/gms)) {
      heading = title ?? heading
      const name = `${guide}: ${heading}`
      if (/ from 'node:/.test(text)) found.push({ name, start: ['--input-type=module', '--eval', text], text })
      else if (/^import .*\b(Deno|Bun)\.listen\(/ms.test(text)) found.push({ name, start: ['-'], input: text, text })
    }
  }
  return found
}

const read = (path) => readFileSync(join(root, path), 'utf8')
const list = (folder, ending) => readdirSync(join(root, folder)).filter((file) => file.endsWith(ending))
