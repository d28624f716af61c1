/**
 * The examples that carry bytes, the runtimes that each is for, and the clients that test it. An echo server is tested by a client
 * that writes its bytes by hand, and by the runtime's own `WebSocket`.
 */

import { bunCases } from './adapters/names.mjs'
import { tryByHand } from './clients/by-hand.mjs'
import { tryEvicted } from './clients/evicted.mjs'

const plainHttp = { status: 200, body: 'plain http' }
/** The answer to plain HTTP of servers that only support WebSocket. */
const refusal = { status: 426, body: '' }
const anyNode = ['Node', 'Deno', 'Bun']

/** `socket`: the workerd socket that leads to it. */
const servers = [
  { example: 'echo-node-net.mjs', families: anyNode, ownsFrames: true, plain: plainHttp },
  { example: 'echo-node-http.mjs', families: anyNode, ownsFrames: true, plain: plainHttp },
  { example: 'by-hand-node-net.mjs', families: anyNode, ownsFrames: true, plain: plainHttp },
  { example: 'echo-deno-listen.mjs', families: ['Deno'], ownsFrames: true, plain: refusal },
  { example: 'echo-bun-listen.mjs', families: ['Bun'], ownsFrames: true, plain: refusal },
  { example: 'echo-workers-tcp.mjs', families: ['workerd'], ownsFrames: true, plain: refusal, socket: 'tcp' },
  ...[
    ['upgrade-deno-serve.mjs', 'Deno'],
    ['upgrade-bun-serve.mjs', 'Bun'],
    ['upgrade-workers-fetch.mjs', 'workerd'],
    ['upgrade-workers-durable-object.mjs', 'workerd'],
  ].map(([example, family]) => ({
    example,
    families: [family],
    ownsFrames: false,
    plain: plainHttp,
    socket: 'http',
    subprotocol: 'chat.v1',
  })),
]

/** Workers that ask a server or a Durable Object through a WebSocket: what they get by HTTP, and return as the answer. */
const askingWorkers = ['client-workers-connect.mjs', 'client-workers-durable-object.mjs']

/**
 * Tests every example in one runtime; reports the results as the suite does.
 *
 * @param node A runtime that can serve on `node:net`, for runtimes that are only clients.
 */
export async function* tryExamples(host, runtime, node) {
  for (const server of servers) {
    const { example, families } = server
    const [byHand, own] = [`${example}: by hand`, `${example}: own WebSocket`]
    const served = families.includes(host.family)
    const borrowed = !served && families.includes(node.family)
    const others = { state: 'n/a', reason: `for ${families.join(', ')}` }
    const running = served || borrowed ? await start(served ? runtime : node, example) : undefined
    yield { case: byHand, ...(served ? await tell(running, ({ ports }) => tryOut(ports, server)) : others) }
    yield { case: own, ...(running ? await tell(running, ({ ports }) => tryOwn(runtime, ports, server)) : others) }
    yield* stop(running, own)
  }
  yield* tryClients(host, runtime, node)
  yield* tryAdapters(host, runtime)
}

async function tryOut(ports, server) {
  return { state: 'ok', digest: await tryByHand(portOf(ports, server), server) }
}

function tryOwn(runtime, ports, server) {
  const { subprotocol } = server
  const url = `ws://127.0.0.1:${portOf(ports, server)}/`
  const protocols = subprotocol === undefined ? undefined : ['other', subprotocol]
  return outcomeOf(runtime.run('./clients/own.mjs', { url, protocols }, url.replace('ws:', 'http:')))
}

async function* tryClients(host, runtime, node) {
  const first = 'a client of the Node adapter'
  const upstream = await start(node, 'echo-node-net.mjs')
  const url = `ws://127.0.0.1:${upstream.ports?.tcp}/`
  if (!anyNode.includes(host.family)) yield { case: first, state: 'n/a', reason: `for ${anyNode.join(', ')}` }
  else yield { case: first, ...(await outcomeOf(runtime.run('./clients/by-adapter.mjs', { url }))) }
  for (const example of askingWorkers)
    yield* tryWorker(host, runtime, example, ({ ports }) => askWorker(ports.http), { UPSTREAM: url })
  yield* stop(upstream, first)
  yield* tryWorker(host, runtime, 'hibernation-workers.mjs', async ({ ports }) => {
    return { state: 'ok', digest: await tryEvicted(ports) }
  })
}

async function* tryWorker(host, runtime, example, attempt, bindings) {
  if (host.family !== 'workerd') return yield { case: example, state: 'n/a', reason: 'for workerd' }
  const worker = await start(runtime, example, bindings)
  yield { case: example, ...(await tell(worker, attempt)) }
  yield* stop(worker, example)
}

/** What an adapter does over its runtime's own sockets. */
async function* tryAdapters({ family }, runtime) {
  const isBun = family === 'Bun'
  const { output, failure } = isBun ? await runtime.run('./adapters/bun.mjs', {}) : { output: '' }
  const results = output.split('\n').flatMap((line) => (line.startsWith('{"case"') ? [JSON.parse(line)] : []))
  const missing = isBun ? { state: 'FAIL', reason: `not reached\n${failure}` } : { state: 'n/a', reason: 'for Bun' }
  for (const name of bunCases) yield results.find((result) => result.case === name) ?? { case: name, ...missing }
}

async function askWorker(port) {
  const question = 'Käse 世界 👋🏽'
  const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: question })
  const body = await answer.text()
  if (answer.status !== 200 || body !== question) throw new Error(`the Worker says ${answer.status} ${body}`)
  return { state: 'ok' }
}

function portOf(ports, { socket = 'tcp' }) {
  return ports[socket]
}

/** A server, or the reason why there is none. */
async function start(runtime, example, bindings) {
  try {
    return await runtime.serve(example, bindings)
  } catch (error) {
    return { error, stop: async () => {} }
  }
}

/** Reports only a server that has died. */
async function* stop(running, name) {
  try {
    await running?.stop()
  } catch (error) {
    yield { case: name, state: 'FAIL', reason: String(error.message) }
  }
}

async function tell(running, attempt) {
  try {
    if (running.error) throw running.error
    return await attempt(running)
  } catch (error) {
    return { state: 'FAIL', reason: String(error.stack) }
  }
}

/** What a module printed as its last line of JSON. */
async function outcomeOf(running) {
  const { output, failure } = await running
  const line = output.split('\n').findLast((line) => line.startsWith('{"state"'))
  return line === undefined ? { state: 'FAIL', reason: failure ?? 'it said nothing' } : JSON.parse(line)
}
