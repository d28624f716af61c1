/** A program whose handlers throw: each peer gets the answer for that, the others are served, and no socket is left. */

import { Program } from './program.mjs'
import { Visit } from './visit.mjs'

const checks = [
  { title: '`request` throws', run: (visit) => ask(visit, '/request', 500) },
  { title: '`request` rejects', run: (visit) => ask(visit, '/later', 500) },
  {
    title: '`open` throws',
    run: async (visit) => (await ask(visit, '/open', 101)).expectClose(1011),
  },
  {
    title: '`message` throws, with a ping after it in the same chunk',
    async run(visit) {
      const wire = await visit.open()
      wire.write(Buffer.from('8185123456787a513a147d', 'hex'), Buffer.from('898012345678', 'hex'))
      await wire.expectClose(1011)
    },
  },
  { title: '`close` and `gone` throw', run: async (visit) => (await visit.open()).close(1000).expectClose(1000) },
  { title: '`close` and `gone` throw after a reset', run: async (visit) => (await visit.open()).reset() },
]

async function ask(visit, target, status) {
  const wire = await visit.connect()
  await wire.write(visit.request({ target })).expectStatus(status)
  return wire
}

export async function attackFaulty({ entry, speed, attempt, choose }) {
  const program = await Program.start(entry, { speed })
  await Promise.all(
    choose(checks).map(({ title, run }) =>
      attempt(title, async () => {
        const visit = new Visit(entry, speed, program)
        await run(visit)
        await visit.expectReleased(program, 'end')
      }),
    ),
  )
  await attempt('no complaints, no crash', () => program.expectHealth())
  program.kill('SIGKILL')
}
