/**
 * Attacks a proxy: with all bad clients, in front of a good server, and started once more in front of each bad server. Resolves with how
 * late the good server was: a proxy whose server has no processor cannot be judged either.
 */

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { inLanes, listen } from './attack-client.mjs'
import { attackServer } from './attack-server.mjs'
import { Program } from './program.mjs'
import { servers } from './servers.mjs'
import { sleep, Visit } from './visit.mjs'

export async function attackProxy(bench) {
  const { entry, speed, choose, attempt } = bench
  const backend = fork(new URL('backend.mjs', import.meta.url))
  const [port] = await once(backend, 'message')
  await attackServer(bench, port)
  backend.send('lateness')
  const lost = once(backend, 'exit').then(() => Promise.reject(new Error('the good server has ended')))
  const [lateness] = await Promise.race([once(backend, 'message'), lost])
  backend.kill()
  await inLanes(choose(servers), (peer) =>
    attempt(`upstream: ${peer.title}`, () => relay(peer, new Visit(entry, speed))),
  )
  return lateness
}

async function relay(peer, visit) {
  const { entry, speed } = visit
  const { port, first, stop } = await listen(peer, visit)
  const program = await Program.start(entry, { speed, peerPort: port })
  visit.program = program
  try {
    const client = await visit.connect()
    client.answerPings().write(visit.request())
    await Promise.all([first, expectAnswer(client, peer)])
    await visit.expectReleased(program, peer.bound)
    await sleep(100)
    program.expectHealth()
  } finally {
    program.kill('SIGKILL')
    stop()
  }
}

/** What a good client gets from a proxy. */
async function expectAnswer(client, { status, close }) {
  if (status !== undefined) await client.expectStatus(...status)
  else {
    await client.expectStatus(101)
    if (close !== undefined) client.close(await client.expectClose(...close))
  }
  client.end()
}
