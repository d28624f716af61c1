/** Slow readers of 40 MB: each must get all bytes, because it reads and answers pings. */

import { Program } from './program.mjs'
import { sleep, Visit } from './visit.mjs'

const MESSAGES = 625
const SIZE = 64_000

/** `rate`: bytes per `every` ms of the program's time. */
const readers = [
  { title: 'reads at 6 MB a second, keepalive after 500 ms', path: '/short', rate: 64 * 1024, every: 10, speed: 1 },
  { title: 'reads at 1 Mbit a second, keepalive by default', path: '/', rate: 62_500, every: 500 },
  { title: 'reads as fast as it can', path: '/', rate: Infinity, every: 1 },
]

export async function attackDownload({ entry, speed, attempt, choose }) {
  await Promise.all(
    choose(readers).map((reader) =>
      attempt(reader.title, async () => {
        const own = { ...entry, path: reader.path }
        const program = await Program.start(own, { speed: reader.speed ?? speed })
        const visit = new Visit(own, reader.speed ?? speed, program)
        await download(visit, reader)
        await visit.expectReleased(program, 'end')
        program.expectHealth()
        program.kill('SIGKILL')
      }),
    ),
  )
}

async function download(visit, { rate, every }) {
  const wire = (await visit.open()).answerPings()
  wire.patience = Infinity
  let allowed = 0
  const start = performance.now()
  for (let i = 0; i < MESSAGES; i++) {
    const { payload } = await wire.frame('a message')
    if (payload.length !== SIZE || payload.some((byte) => byte !== (i & 255))) throw new Error(`message ${i} differs`)
    allowed += SIZE
    // Ahead of its time: waits, and reads nothing until then.
    const due = start + visit.real((allowed / rate) * every)
    if (performance.now() < due) {
      wire.stopReading()
      await sleep(due - performance.now())
      wire.stream.resume()
    }
  }
  await wire.close(1000).expectClose(1000)
  wire.end()
}
