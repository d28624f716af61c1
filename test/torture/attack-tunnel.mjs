/** Attacks a CONNECT proxy: it is started once for each of its peers, because it does not report which tunnel belongs to which client. */

import { inLanes, listen } from './attack-client.mjs'
import { Program } from './program.mjs'
import { tunnels } from './tunnels.mjs'
import { sleep, Visit } from './visit.mjs'

export async function attackTunnel({ entry, speed, choose, attempt }) {
  await inLanes(choose(tunnels), (peer) => attempt(peer.title, () => dig(peer, new Visit(entry, speed))))
}

async function dig(peer, visit) {
  const { entry, speed } = visit
  const { port, stop } = await listen(peer.hostIsThere === false ? {} : { serve: () => {} }, visit)
  const program = await Program.start(entry, { speed, peerPort: port })
  visit.program = program
  visit.acceptHost = async () => {
    for (let waited = 0; waited < 10_000; waited += 20) {
      const host = visit.wires.find((wire) => !wire.masked)
      if (host !== undefined) return host
      await sleep(20)
    }
    throw new Error('it did not connect to the host')
  }
  try {
    await peer.run(visit)
    await visit.expectReleased(program, peer.bound)
    program.expectHealth()
  } finally {
    program.kill('SIGKILL')
    stop()
  }
}
