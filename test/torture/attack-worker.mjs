/** Attacks a Worker that is a client when asked by HTTP: it is started once for each bad server, with that server's address. */

import { inLanes, listen } from './attack-client.mjs'
import { Program } from './program.mjs'
import { servers } from './servers.mjs'
import { sleep, Visit } from './visit.mjs'

export async function attackWorker({ entry, speed, choose, attempt }) {
  await inLanes(choose(servers), (peer) => attempt(peer.title, () => serve(peer, new Visit(entry, speed))))
}

async function serve(peer, visit) {
  const { entry, speed } = visit
  const { port, first, stop } = await listen(peer, visit)
  const program = await Program.start(entry, { speed, peerPort: port })
  try {
    const asked = ask(program.port)
    await Promise.race([first, program.exited])
    await visit.expectReleased(program, peer.bound, visit.wires.slice(0, 1))
    const status = await Promise.race([asked, sleep(2 * visit.real(entry.bounds.answer) + 10_000)])
    if (status === undefined) throw new Error('it did not answer')
    const expected = peer.status === undefined ? [200, 502] : [502]
    if (!expected.includes(status)) throw new Error(`it answered with ${status}, not with ${expected.join(' or ')}`)
    program.expectHealth()
  } finally {
    program.kill('SIGKILL')
    stop()
  }
}

/** Returns the status of the answer. */
async function ask(port) {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: 'hello' })
    await answer.arrayBuffer()
    return answer.status
  } catch (error) {
    return error.message
  }
}
