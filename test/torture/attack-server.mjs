/**
 * Attacks a server: it is started once, and all bad clients connect to it at the same time. Then it is told to end while some are
 * connected.
 */

import { clients, goodClient } from './clients.mjs'
import { frame, Opcode, times } from './frames.mjs'
import { http2Clients } from './http2-clients.mjs'
import { Program } from './program.mjs'
import { sleep, Visit } from './visit.mjs'

/** In real time, between the first acts of two peers. If all acted at once, a machine with two cores would be late for all of them. */
const STAGGER = 25
/** How many bytes a program may have gained when all peers have left. */
const MEMORY = 4 * 1024 * 1024

const texts = times(16, frame(Opcode.Text, 'x'.repeat(4096)))

export async function attackServer({ entry, speed, choose, attempt }, peerPort = 0) {
  const program = await Program.start(entry, { speed, peerPort })
  const visitBy = (peer, index, othersAreDone) =>
    attempt(peer.title, async () => {
      await sleep(STAGGER * index)
      const visit = new Visit(entry, speed, program, othersAreDone)
      await peer.run(visit)
      await visit.expectReleased(program, peer.bound)
    })

  await attempt('a good client before them', () => warmUp(new Visit(entry, speed, program)))
  await sleep(300)
  const [memory, sockets] = [await program.memory(), program.socketCount()]
  let done = false
  const others = Promise.all(choose([...clients, ...http2Clients]).map((peer, index) => visitBy(peer, index))).then(
    () => {
      done = true
    },
  )
  await visitBy(goodClient, 0, () => done)
  await others
  await attempt('all sockets are released', () => program.expectSockets(sockets, (2 * entry.bounds.end) / speed))
  await attempt('memory is given back', () => program.expectMemory(memory, MEMORY))
  await attempt('no complaints, no crash', () => program.expectHealth())
  if (entry.ends) await attempt('SIGTERM', () => terminate(program, new Visit(entry, speed, program)))
  program.kill('SIGKILL')
  if (entry.ends)
    await attempt('SIGTERM while all are there', () => terminateBesieged(entry, speed, choose(clients), peerPort))
}

/** Loads all code, so that it does not count as memory gained. */
async function warmUp(visit) {
  for (let i = 0; i < 5; i++) {
    const wire = await visit.open({ deflate: visit.entry.deflates })
    if (visit.entry.echoes) await wire.send('first').expectMessage('first')
    await wire.close(1000).expectClose(1000)
    wire.end()
  }
  await visit.expectReleased(visit.program, 'end')
}

/** With a few peers of each kind connected. */
async function terminate(program, visit) {
  await visit.connect()
  ;(await visit.connect()).write(visit.request().subarray(0, 60))
  const silent = await visit.open()
  const deaf = (await visit.open()).stopReading()
  if (visit.entry.echoes) await deaf.pour(texts, 64 * 1024 * 1024, visit.real(2000))
  const good = await visit.open()
  program.kill('SIGTERM')
  await Promise.all([silent, good].map((wire) => wire.expectClose(1001)))
  good.close(1001).end()
  await expectEnd(program, visit)
}

/** The same while all bad clients are active. */
async function terminateBesieged(entry, speed, peers, peerPort) {
  const program = await Program.start(entry, { speed, peerPort })
  const visit = new Visit(entry, speed, program)
  await Promise.race([
    Promise.all(peers.map((peer) => peer.run(new Visit(entry, speed, program)).catch(() => {}))),
    sleep(1500),
  ])
  program.kill('SIGTERM')
  await expectEnd(program, visit)
}

/** Expects it to exit on its own, with 0, within twice the bound for an end. */
async function expectEnd(program, visit) {
  const ended = await Promise.race([program.exited, sleep(2 * visit.real(visit.entry.bounds.end) + 5000)])
  if (ended !== 0) throw new Error(ended === undefined ? 'it did not end' : `it ended with ${ended}`)
  program.expectSilence()
}
