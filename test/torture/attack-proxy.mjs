/** A proxy is attacked by all bad clients, in front of a good server, and started once more for each bad server behind it. */

import { inLanes, listen } from './attack-client.mjs'
import { attackServer } from './attack-server.mjs'
import { frame, Opcode } from './frames.mjs'
import { Program } from './program.mjs'
import { servers, switching } from './servers.mjs'
import { sleep, Visit } from './visit.mjs'

export async function attackProxy(bench) {
  const { entry, speed, choose, attempt } = bench
  const good = await listen({ serve: echo }, new Visit(entry, speed))
  await attackServer(bench, good.port)
  good.stop()
  await inLanes(choose(servers), (peer) =>
    attempt(`behind it: ${peer.title}`, () => relay(peer, new Visit(entry, speed))),
  )
}

/** Echoes like a good server, and stops reading while its client does. */
async function echo(wire) {
  wire.patience = Infinity
  wire.write(switching(await wire.head()))
  for (;;) {
    const next = await wire.frame().catch(() => undefined)
    if (next === undefined) break
    if (next.opcode === Opcode.Ping) wire.write(frame(Opcode.Pong, next.payload, wire))
    else if (next.opcode !== Opcode.Pong) wire.write(frame(next.opcode, next.payload, { ...next, masked: false }))
    if (next.opcode === Opcode.Close) break
    if (wire.stream.writableNeedDrain) await drain(wire)
  }
  wire.end()
  for (const event of ['end', 'close']) wire.stream.once(event, () => wire.stream.destroy())
}

async function drain({ stream }) {
  stream.pause()
  await new Promise((resolve) => {
    for (const event of ['drain', 'error', 'close']) stream.once(event, resolve)
  })
  stream.resume()
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
    await visit.letGo(program, peer.bound)
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
