/**
 * How a program is started in each runtime, and asked for its port and its memory. Each member of `runtimes` is a function of an entry of
 * the table of programs and `{ speed, peerPort }`. It returns the process, a promise of its port, and a function for its memory in bytes
 * after a collection.
 *
 * @module
 */

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { environment, findProgram, programs } from '../runtimes/programs.mjs'
import { serveForBench } from '../runtimes/workerd.mjs'
import { measureIsolate } from './inspector.mjs'

/** The checkout whose programs are run: this one, unless CHECKOUT gives another. */
export const root = process.env.CHECKOUT ?? fileURLToPath(new URL('../../', import.meta.url))

const machine = new URL('machine.mjs', import.meta.url).href
const preload = fileURLToPath(new URL('preload.mjs', import.meta.url))

export const runtimes = {
  node(entry, options) {
    const node = process.env.NODE_UNDER_TEST ?? process.execPath
    const child = start(node, ['--expose-gc', '--import', machine, ...entry.start], process.env, entry, options)
    const port = new Promise((resolve) => child.on('message', (message) => message.port && resolve(message.port)))
    return { child, port, memory: () => ask(child) }
  },

  deno(entry, options) {
    const flags = ['--allow-env', '--allow-read', '--v8-flags=--expose-gc', '--preload', preload]
    return startWithPort('Deno', flags, entry, options)
  },

  bun: (entry, options) => startWithPort('Bun', ['--expose-gc', '--preload', preload], entry, options),

  workerd(entry, { speed, peerPort }) {
    const { child, ports } = serveForBench(entry.start[0], { speed, bindings: entry.bindings?.(peerPort) })
    return {
      child,
      port: ports.then((ports) => ports[entry.socket ?? 'tcp']),
      memory: async () => measureIsolate((await ports).inspector),
    }
  },
}

/** A server prints its port, which an example takes; a client takes the URL of its server. */
function startWithPort(name, flags, entry, options) {
  const host = programs.find((program) => program.name === name)
  const found = findProgram(host.programs(), host.version)
  if (found === undefined) throw new Error(`${name} is not installed`)
  const argument = entry.role === 'client' ? `ws://127.0.0.1:${options.peerPort}/` : '0'
  const child = start(found.program, [...host.flags, ...flags, ...entry.start, argument], environment, entry, options)
  let printed = ''
  const port = new Promise((resolve) =>
    child.stdout.on('data', (text) => {
      printed = `${printed}${text}`.slice(0, 1000)
      const found = /port: (\d+)/.exec(printed)
      if (found !== null) resolve(Number(found[1]))
    }),
  )
  return { child, port, memory: () => ask(child) }
}

function start(program, args, base, { env = {}, input }, { speed, peerPort }) {
  const child = spawn(program, args, {
    cwd: root,
    env: { ...base, NODE_OPTIONS: '', SPEED: `${speed}`, PEER_PORT: `${peerPort}`, ...env },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', 'ipc'],
  })
  child.stdin?.end(input)
  return child
}

/** The answer of `clock.mjs`. */
function ask(child) {
  const told = new Promise((resolve) => {
    child.on('message', function take({ memory }) {
      if (memory === undefined) return
      child.off('message', take)
      resolve(memory)
    })
  })
  child.send('memory', () => {})
  return told
}
