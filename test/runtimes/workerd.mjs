/**
 * workerd, the runtime of Cloudflare Workers. It imports only what its configuration lists: the built files are listed unchanged,
 * under names by which they find each other.
 */

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, posix } from 'node:path'
import { root, run, startServer } from './processes.mjs'
import { environment, findProgram, within } from './programs.mjs'

/** The folder for configurations, kept for inspection, and overwritten by the next run. */
const folder = join(root, 'test/runtimes/node_modules/.workerd')
/** A file system in memory. */
const MEMORY = '/dev/shm'
/** The compatibility date, which must not be later than the program itself. */
const COMPATIBILITY_DATE = '2026-11-01'
const room = { className: 'Room', binding: 'ROOMS' }
/** The examples with a Durable Object: the class, and the name by which the Worker knows it. */
const durableObjects = {
  'client-workers-durable-object.mjs': room,
  'hibernation-workers.mjs': { className: 'Session', binding: 'SESSIONS' },
  'upgrade-workers-durable-object.mjs': room,
}
/** What is served for an example that its test has to act on from inside. */
const wrappers = { 'hibernation-workers.mjs': 'test/runtimes/hibernation.mjs' }
/** Inbound TCP. */
const flags = ['--experimental', `-I${root}`]

export const workerd = {
  name: 'workerd',
  family: 'workerd',
  without: {},
  async find() {
    const found = findWorkerd()
    if (found === undefined) return undefined
    const { program, version } = found
    return {
      version,
      run(module, given) {
        const main = { name: 'test/runtimes/main.mjs', text: testOf(module, given) }
        return run(program, ['test', ...flags, writeConfig('run', main)], environment)
      },
      serve(example, bindings) {
        const config = writeConfig(example, fileModule(wrappers[example] ?? `examples/${example}`), { bindings })
        return startServer(program, ['serve', ...flags, '--control-fd=3', config], environment, readPorts)
      },
      stop: async () => {},
    }
  },
}

function findWorkerd() {
  return findProgram(within('@cloudflare', '*/bin/workerd'), /^workerd (\S+)/)
}

/**
 * Starts an example for the torture bench, with a clock that is `speed` times as fast, and with an inspector.
 *
 * @returns The process, and a promise of its ports, by name.
 */
export function serveForBench(path, { speed, bindings }) {
  const found = findWorkerd()
  if (found === undefined) throw new Error('workerd is not installed')
  const clock = {
    name: 'test/torture/preload.mjs',
    text: `import { scaleClock } from './clock.mjs'\nscaleClock(${speed})`,
  }
  const main = {
    name: 'test/torture/main.mjs',
    text: `import './preload.mjs'\nexport * from '/${path}'\nexport { default } from '/${path}'`,
  }
  const modules = [clock, fileModule('test/torture/clock.mjs')]
  const name = `bench-${process.pid}-${benches++}`
  const config = writeConfig(name, main, { modules, bindings, example: posix.basename(path) })
  temporary.push(config)
  const args = ['serve', ...flags, '--control-fd=3', '--inspector-addr=127.0.0.1:0', config]
  const child = spawn(found.program, args, { cwd: root, env: environment, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] })
  const ports = new Promise((resolve) => {
    let said = ''
    child.stdio[3].setEncoding('utf8').on('data', (text) => {
      said += text
      const ports = readPorts(said)
      if (ports === undefined) return
      resolve({ ...ports, inspector: Number(/"listen-inspector","port":(\d+)/.exec(said)?.[1]) })
    })
  })
  return { child, ports }
}

let benches = 0

function testOf(module, given) {
  return `import { main } from ${JSON.stringify(module)}
export default { test: () => main(${JSON.stringify(given)}) }`
}

/** A line of JSON for each listening socket. */
function readPorts(said) {
  const ports = {}
  for (const [, name, port] of said.matchAll(/"socket":"(\w+)","port":(\d+)/g)) ports[name] = Number(port)
  return 'tcp' in ports && 'http' in ports ? ports : undefined
}

/** `example`: its file, if it is not the name. */
function writeConfig(name, main, { modules = [], bindings = {}, example = name } = {}) {
  const path = join(folder, `${name}.capnp`)
  mkdirSync(folder, { recursive: true })
  let objects = durableObjects[example]
  if (objects !== undefined) {
    objects = { ...objects, storage: storageOf(name) }
    temporary.push(objects.storage)
    mkdirSync(objects.storage, { recursive: true })
  }
  writeFileSync(path, formatConfig([main, ...modules, ...listModules(main)], bindings, objects))
  return path
}

/** What is not kept for inspection. */
const temporary = []
process.once('exit', () => {
  for (const path of temporary) rmSync(path, { recursive: true, force: true })
})

/** `inMemory` would not survive the eviction of an object; a busy disk would hold up all of workerd. */
function storageOf(name) {
  return join(existsSync(MEMORY) ? MEMORY : tmpdir(), `websocket-primitives-${process.pid}-${name}`)
}

function formatConfig(modules, bindings, durableObject) {
  const lines = modules.map(
    ({ name, file, text }) =>
      `(name = ${quote(name)}, esModule = ${text === undefined ? `embed ${quote(`/${file}`)}` : quote(text)}),`,
  )
  const texts = Object.entries(bindings).map(([name, text]) => `(name = ${quote(name)}, text = ${quote(text)}),`)
  const services = []
  const objects = []
  if (durableObject !== undefined) {
    const { className, binding, storage } = durableObject
    services.push(`(name = "storage", disk = (path = ${quote(storage)}, writable = true)),`)
    texts.push(`(name = ${quote(binding)}, durableObjectNamespace = ${quote(className)}),`)
    objects.push(`durableObjectNamespaces = [(className = ${quote(className)}, uniqueKey = ${quote(className)})],`)
    objects.push('durableObjectStorage = (localDisk = "storage"),')
  }
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .mainWorker),
    (name = "internet", network = (allow = ["private"])),
    ${services.join('\n    ')}
  ],
  sockets = [
    (name = "http", address = "127.0.0.1:0", http = (), service = "main"),
    (name = "tcp", address = "127.0.0.1:0", tcp = (), service = "main"),
  ],
);
const mainWorker :Workerd.Worker = (
  compatibilityDate = "${COMPATIBILITY_DATE}",
  compatibilityFlags = ["experimental", "unsafe_module"],
  bindings = [
    ${texts.join('\n    ')}
  ],
  ${objects.join('\n  ')}
  modules = [
    ${lines.join('\n    ')}
  ],
);
`
}

/** Its strings are C strings. */
function quote(text) {
  return JSON.stringify(text)
}

/** Everything that a case or an example may import, but for the main module. A bare name is resolved relative to the importing file. */
function listModules(main) {
  const ours = ['dist', 'test/runtimes/suite', 'test/runtimes/clients', 'test/runtimes/speed'].flatMap((home) =>
    scripts(home).map((file) => fileModule(`${home}/${file}`)),
  )
  const examples = readdirSync(join(root, 'examples')).filter((name) => name.includes('workers'))
  const hashes = scripts('node_modules/@noble/hashes').map((file) => ({
    name: `dist/@noble/hashes/${file}`,
    file: `node_modules/@noble/hashes/${file}`,
  }))
  const pako = { name: 'dist/codec/pako', file: 'node_modules/pako/dist/pako.mjs' }
  // What the examples import by the package's name.
  const subpaths = ['', 'streams'].map((subpath) => ({
    name: posix.join('examples/websocket-primitives', subpath),
    text: `export * from ${JSON.stringify(`/${posix.join('dist', subpath, 'index.js')}`)}`,
  }))
  const all = [...ours, ...examples.map((name) => fileModule(`examples/${name}`)), ...hashes, pako, ...subpaths]
  return all.filter(({ name }) => name !== main.name)
}

function fileModule(path) {
  return { name: path, file: path }
}

/** Scripts below `home`, with slashes. */
function scripts(home) {
  return readdirSync(join(root, home), { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /\.m?js$/.test(path) && !path.includes('node_modules/') && !path.startsWith('src/'))
}
