/**
 * Ten thousand connections at the same time, which leave in every way; afterwards there are as many sockets, and as much memory, as before.
 */

import { frame, Opcode } from './frames.mjs'
import { Program } from './program.mjs'
import { Visit } from './visit.mjs'

const CROWD = 10_000
/** How many connect, or leave, at the same time. */
const LANES = 100
/** How many bytes the program may have gained: less than 1 KB for each connection. */
const MEMORY = 8 * 1024 * 1024

const hello = frame(Opcode.Text, 'hello')
const fault = frame(Opcode.Text, 'hello', { rsv: 2 })

/** One in five is still before its handshake. */
const arrivals = [
  (visit, i) =>
    i % 2 === 0 ? visit.connect() : visit.connect().then((wire) => wire.write('GET / HTTP/1.1\r\nHost: ')),
  (visit) => visit.open(),
  (visit) => visit.open(),
  async (visit) => {
    const wire = await visit.open()
    await wire.send('hello').expectMessage('hello')
    return wire
  },
  async (visit) => (await visit.open()).write(hello.subarray(0, 8)),
]

const departures = [
  (wire) => wire.reset(),
  (wire) => wire.stream.destroy(),
  (wire) => wire.end(),
  (wire) => wire.write(fault),
  async (wire) => {
    await wire.close(1000).expectClose(1000)
    wire.end()
  },
  () => {}, // stays, and sends nothing more
]

export async function attackCrowd({ entry, speed, attempt }) {
  const program = await Program.start(entry, { speed })
  await attempt('a hundred before them', () => comeAndGo(new Visit(entry, speed, program), 100))
  const [memory, sockets] = [await program.memory(), program.socketCount()]
  const visit = new Visit(entry, speed, program)
  await attempt('10 000 come and leave in every way', () => comeAndGo(visit, CROWD))
  await attempt('all sockets are released', () => program.expectSockets(sockets, (2 * entry.bounds.end) / speed))
  await attempt('memory is given back', () => program.expectMemory(memory, MEMORY))
  await attempt('no complaints, no crash', () => program.expectHealth())
  program.kill('SIGKILL')
}

async function comeAndGo(visit, count) {
  const wires = []
  await inLanes(count, async (i) => {
    wires[i] = await arrivals[i % arrivals.length](visit, i)
  })
  const there = visit.program.connections(performance.now()).length
  await inLanes(count, (i) => Promise.resolve(departures[i % departures.length](wires[i])).catch(() => {}))
  await visit.expectReleased(visit.program, 'flood')
  // Connections without a head may have gone before the last one arrives.
  if (there < count * 0.75) throw new Error(`${Math.round(there)} of ${count} were there at the same time`)
}

async function inLanes(count, act) {
  let next = 0
  const lane = async () => {
    while (next < count) await act(next++)
  }
  await Promise.all(Array.from({ length: LANES }, lane))
}
