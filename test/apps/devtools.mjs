/** Chromium, driven over its DevTools protocol by our client. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { offerHandshake } from 'websocket-primitives'
import { connectSocket, Endpoint } from 'websocket-primitives/node'

const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking']

/** Starts Chromium with its own profile. `url` is its DevTools endpoint. */
export async function startChromium() {
  const profile = await mkdtemp(join(tmpdir(), 'chromium-'))
  const args = [...flags, '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank']
  const child = spawn(process.env.CHROMIUM ?? 'chromium', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const exited = once(child, 'exit')
  const stop = async () => {
    child.kill('SIGKILL')
    await exited
    await rm(profile, { recursive: true, force: true, maxRetries: 10 })
  }
  for await (const line of createInterface(child.stderr)) {
    const [, url] = /^DevTools listening on (.*)/.exec(line) ?? []
    if (url === undefined) continue
    child.stderr.resume()
    return { url, exited, stop }
  }
  await stop()
  throw new Error('Chromium has not started')
}

/** The pending answers and events of one connection. */
class Waiting {
  answers = new Map()
  events = new Map()
  last = 0
}

const endpoint = new Endpoint({
  limits: { maxMessageSize: 67_108_864 },
  data: () => new Waiting(),
  message({ data: { answers, events } }, text) {
    const { id, method, params, result, error } = JSON.parse(text)
    const { resolve, reject } = answers.get(id) ?? {}
    answers.delete(id)
    if (error) reject(new Error(error.message))
    else resolve?.(result)
    events.get(method)?.(params)
    events.delete(method)
  },
  close({ data: { answers } }, { code, reason }) {
    for (const { reject } of answers.values()) reject(new Error(`${code} ${reason}`.trim()))
  },
})

/** Connects to a DevTools endpoint. */
export function open(url, { options, endpoint: own = endpoint } = {}) {
  const offer = offerHandshake(url, options)
  return connectSocket(own, connect(offer.port, offer.hostname), offer)
}

/** Sends a command, and waits for its result. */
export function command(peer, method, params = {}, sessionId = undefined) {
  const id = ++peer.data.last
  peer.send(JSON.stringify({ id, method, params, sessionId }))
  return new Promise((resolve, reject) => peer.data.answers.set(id, { resolve, reject }))
}

/** The parameters of the next event with a name. */
export const nextEvent = (peer, method) => new Promise((resolve) => peer.data.events.set(method, resolve))

/** Opens a page in its own tab, and returns a function that sends commands to it. */
export async function openPage(peer, url) {
  const { targetId } = await command(peer, 'Target.createTarget', { url: 'about:blank' })
  const { sessionId } = await command(peer, 'Target.attachToTarget', { targetId, flatten: true })
  const say = (method, params) => command(peer, method, params, sessionId)
  await say('Page.enable')
  const loaded = nextEvent(peer, 'Page.loadEventFired')
  await say('Page.navigate', { url })
  await loaded
  return {
    say,
    async evaluate(expression) {
      const { result, exceptionDetails } = await say('Runtime.evaluate', {
        expression,
        awaitPromise: true,
        returnByValue: true,
      })
      if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description)
      return result.value
    },
  }
}
