/**
 * The agents: how to start each one, and how to find its version. A server prints its port and echoes messages. A client gets the URL
 * of the suite. Our own agents must pass. The results of the others are compared with `results/`.
 */

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { executablePath } from '../runtimes/chromium.mjs'
import { startServer } from '../runtimes/processes.mjs'
import { environment, findProgram, programs } from '../runtimes/programs.mjs'
import { workerd } from '../runtimes/workerd.mjs'
import { startNginx } from './nginx.mjs'

/** @typedef {{ program: string, flags: readonly string[], version: string }} Runtime */
/**
 * @typedef {object} Agent
 * @property {string} name
 * @property {boolean} own Whether it is an agent of this package, which must pass.
 * @property {() => string | undefined} version Returns `undefined` if it is not installed.
 * @property {readonly string[]} options Further options of the command.
 * @property {Readonly<Record<string, string>>} [explained] For our own agents: the cases that may end in a warning, and why.
 * @property {() => Promise<{ url: string, stop: () => Promise<void> }>} [start] For a server.
 * @property {() => readonly string[]} [command] For a client.
 */

const require = createRequire(import.meta.url)
const { version: ownVersion } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

/** The runtimes that were found. @type {Map<string, Runtime | undefined>} */
const found = new Map([['node', { program: process.execPath, flags: [], version: process.versions.node }]])

function find(name) {
  if (!found.has(name)) found.set(name, name === 'Python' ? findPython() : findRuntime(name))
  return found.get(name)
}

function findRuntime(name) {
  const host = programs.find((program) => program.name === name)
  const runtime = findProgram(host.programs(), host.version)
  return runtime && { ...runtime, flags: host.flags }
}

/** Debian's Python, which has Debian's libraries. */
function findPython() {
  const runtime = findProgram(['/usr/bin/python3'], /^Python (\S+)/)
  return runtime && { ...runtime, flags: [] }
}

// Versions

const runtimeVersion = (name) => () => find(name)?.version

function packageVersion(name) {
  return () => JSON.parse(readFileSync(require.resolve(`${name}/package.json`), 'utf8')).version
}

function pythonVersion(name) {
  const script = `import importlib.metadata; print(importlib.metadata.version('${name}'))`
  return () => read('/usr/bin/python3', ['-c', script]) || undefined
}

/** Returns what a program prints. */
function read(program, args, stream = 'stdout') {
  return spawnSync(program, args, { encoding: 'utf8' })[stream]?.trim() ?? ''
}

// Servers

/** The decisions of Node's HTTP parser before this package sees a request. Deno and Bun use the same parser. */
const ofParser = {
  'server/request-line/http-1-2': 'it answers 400 to versions above 1.1',
  'server/fields/many-tabs': 'in Node 20 it treats a tab after the last token of Connection as part of the token',
}

/** The example gives a plain HTTP answer if `selectUpgrade` finds no WebSocket, and so to every request that cannot be read. */
const ofSelection = {
  'server/request-line/fragment': 'its target cannot be read',
  'server/request-line/http-0-9': 'its version of HTTP is not supported',
  'server/request-line/http-2-0': 'its version of HTTP is not supported',
  'server/request-line/no-version': 'its version of HTTP is not supported',
}

/** A program that prints its port. */
function server(name, runtime, file, { args = [], scheme = 'ws', own = false, explained, version, options = [] }) {
  return {
    name,
    own,
    explained,
    options,
    version: version ?? (() => find(runtime) && ownVersion),
    async start() {
      const { program, flags } = find(runtime)
      const { ports, stop } = await startServer(program, [...flags, file, ...args], environment, readPort)
      return { url: `${scheme}://127.0.0.1:${ports.tcp}/`, stop }
    },
  }
}

function readPort(said) {
  const port = /port: (\d+)/.exec(said)?.[1]
  return port === undefined ? undefined : { tcp: Number(port) }
}

const subprotocol = ['--subprotocol', 'chat']
const foreign = (name, runtime, file, version) =>
  server(name, runtime, `test/conformance/servers/${file}`, { version, options: subprotocol })
const ours = (name, args, more = {}) =>
  server(name, 'node', 'test/conformance/servers/ours.mjs', { args, own: true, options: subprotocol, ...more })
/** An unchanged example. */
const example = (runtime, file, more = {}) =>
  server(`${file}${runtime === 'node' ? '' : `, in ${runtime}`}`, runtime, `examples/${file}`, {
    args: ['0'],
    own: true,
    ...more,
  })

/** The example with TLS creates its own certificate. */
const insecure = ['--insecure']

async function startAfterNginx() {
  const backend = await servers.find(({ name }) => name === 'websocket-primitives, http').start()
  const { ports, stop } = await startNginx(Number(new URL(backend.url).port))
  return { url: `ws://127.0.0.1:${ports.http}/`, stop: () => Promise.all([stop(), backend.stop()]) }
}

const workerdRuntime = await workerd.find()

async function startWorker(file, socket) {
  const { ports, stop } = await workerdRuntime.serve(file)
  return { url: `ws://127.0.0.1:${ports[socket]}/`, stop }
}

/** @type {readonly Agent[]} */
export const servers = [
  ours('websocket-primitives, http', ['http'], { explained: ofParser }),
  ours('websocket-primitives, net', ['net']),
  ours('websocket-primitives, streams', ['streams']),
  ours('websocket-primitives, http2', ['http2'], { scheme: 'http', options: [...subprotocol, '--http2'] }),
  server('websocket-primitives, reverse proxy', 'node', 'test/conformance/servers/reverse-proxy.mjs', {
    own: true,
    explained: ofParser,
  }),
  example('node', 'echo-node-http.mjs', { explained: ofParser }),
  example('node', 'echo-node-net.mjs'),
  example('node', 'echo-node-http2.mjs', { scheme: 'wss', options: insecure, explained: ofParser }),
  example('node', 'by-hand-node-net.mjs'),
  example('node', 'upgrade-node-http.mjs', { explained: { ...ofParser, ...ofSelection } }),
  example('Deno', 'echo-node-http.mjs', { explained: ofParser }),
  example('Deno', 'echo-deno-listen.mjs'),
  example('Bun', 'echo-node-http.mjs', { explained: ofParser }),
  example('Bun', 'echo-bun-listen.mjs'),
  {
    name: 'echo-workers-tcp.mjs, in workerd',
    own: true,
    options: [],
    version: () => workerdRuntime && ownVersion,
    start: () => startWorker('echo-workers-tcp.mjs', 'tcp'),
  },
  foreign('ws', 'node', 'ws.mjs', packageVersion('ws')),
  foreign('websocket-driver', 'node', 'websocket-driver.mjs', packageVersion('websocket-driver')),
  foreign('websocket', 'node', 'websocket.mjs', packageVersion('websocket')),
  foreign('Bun', 'Bun', 'bun-serve.mjs', runtimeVersion('Bun')),
  foreign('Deno', 'Deno', 'deno-serve.mjs', runtimeVersion('Deno')),
  foreign('websockets', 'Python', 'websockets_echo.py', pythonVersion('websockets')),
  foreign('aiohttp', 'Python', 'aiohttp_echo.py', pythonVersion('aiohttp')),
  foreign('tornado', 'Python', 'tornado_echo.py', pythonVersion('tornado')),
  {
    name: 'nginx',
    own: false,
    options: subprotocol,
    version: () => /nginx\/(\S+)/.exec(read('nginx', ['-v'], 'stderr'))?.[1],
    start: startAfterNginx,
  },
]

// Clients

function chromiumVersion() {
  return executablePath && /(\d+\.\S+)/.exec(read(executablePath, ['--version']))?.[1]
}

/** A program that takes the URL of the suite, then its own arguments. */
function client(name, runtime, file, { args = [], own = false, version, options = [] } = {}) {
  return {
    name,
    own,
    options,
    version: version ?? (() => find(runtime) && ownVersion),
    command() {
      const { program, flags } = find(runtime)
      return [program, ...flags, `test/conformance/clients/${file}`, '{url}', ...args]
    },
  }
}

const own = true

/** Examples do not echo, and start once for each case, so they run only the cases of the opening handshake. */
const ofOpening = [
  '--no-echo',
  'upgrade',
  'connection',
  'accept',
  'status',
  'status-line',
  'interim',
  'fields',
  'bytes',
]

/** An unchanged example. */
function exampleClient(runtime, file) {
  return {
    name: `${file}${runtime === 'node' ? '' : `, in ${runtime}`}`,
    own,
    options: ofOpening,
    version: () => find(runtime) && ownVersion,
    command() {
      const { program, flags } = find(runtime)
      return [program, ...flags, `examples/${file}`, '{case}']
    },
  }
}

/** @type {readonly Agent[]} */
export const clients = [
  client('websocket-primitives, net', 'node', 'ours.mjs', { args: ['net'], own }),
  client('websocket-primitives, streams', 'node', 'ours.mjs', { args: ['streams'], own }),
  client('websocket-primitives, http2', 'node', 'ours-http2.mjs', { own, options: ['--http2'] }),
  client('websocket-primitives, Bun', 'Bun', 'ours-bun.mjs', { own }),
  client('websocket-primitives, Deno', 'Deno', 'ours-deno.mjs', { own }),
  exampleClient('node', 'client-node-net.mjs'),
  exampleClient('node', 'client-connect-proxy.mjs'),
  exampleClient('Bun', 'client-bun-connect.mjs'),
  client('ws', 'node', 'ws.mjs', { version: packageVersion('ws') }),
  client('websocket-driver', 'node', 'websocket-driver.mjs', { version: packageVersion('websocket-driver') }),
  client('websocket', 'node', 'websocket.mjs', { version: packageVersion('websocket') }),
  client('undici', 'node', 'undici.mjs', { version: packageVersion('undici') }),
  client('Node', 'Node 24', 'runtime.mjs', { args: ['Node'], version: runtimeVersion('Node 24') }),
  client('Bun', 'Bun', 'runtime.mjs', { args: ['Bun'], version: runtimeVersion('Bun') }),
  client('Deno', 'Deno', 'runtime.mjs', { args: ['Deno'], version: runtimeVersion('Deno') }),
  client('Chromium', 'node', 'chromium.mjs', { version: chromiumVersion }),
  client('websockets', 'Python', 'websockets_cases.py', { version: pythonVersion('websockets') }),
  client('aiohttp', 'Python', 'aiohttp_cases.py', { version: pythonVersion('aiohttp') }),
  client('tornado', 'Python', 'tornado_cases.py', { version: pythonVersion('tornado') }),
]
