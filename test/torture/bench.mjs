/**
 * One program and all its bad peers at once, in its own process: `RUNTIME=node node bench.mjs <program> [peer …]`. Prints a line of JSON
 * for each result, and a last one about how late the machine was.
 */

import { attackClient } from './attack-client.mjs'
import { attackCrowd } from './attack-crowd.mjs'
import { attackDownload } from './attack-download.mjs'
import { attackFaulty } from './attack-faulty.mjs'
import { attackFull } from './attack-full.mjs'
import { attackProxy } from './attack-proxy.mjs'
import { attackServer } from './attack-server.mjs'
import { attackTunnel } from './attack-tunnel.mjs'
import { attackWorker } from './attack-worker.mjs'
import { watchLateness } from './lateness.mjs'
import { findPrograms } from './programs.mjs'

/** The attacks by the role of the program. */
const attacks = {
  client: attackClient,
  crowd: attackCrowd,
  download: attackDownload,
  faulty: attackFaulty,
  full: attackFull,
  proxy: attackProxy,
  server: attackServer,
  tunnel: attackTunnel,
  worker: attackWorker,
}

const [name, ...only] = process.argv.slice(2)
const entry = findPrograms().get(name)
if (entry === undefined) throw new Error(`there is no program ${name}`)

const tell = (peer, failure) => console.log(JSON.stringify({ peer, failure }))

const lateness = watchLateness()
const latenessOfOthers = await attacks[entry.role]({
  entry,
  speed: Number(process.env.SPEED ?? 4),
  /** The peers that the program can meet, and that are asked for. */
  choose: (peers) =>
    peers.filter(({ title, needs }) => entry.meets(needs) && (only.length === 0 || only.includes(title))),
  /** Reports the result of `act` as the result of a peer. */
  async attempt(peer, act) {
    try {
      await act()
      tell(peer)
    } catch (error) {
      tell(peer, error.message)
    }
  },
})
console.log(JSON.stringify({ lateness: Math.max(lateness(), latenessOfOthers ?? 0) }))
process.exit() // some peers never end
