/** The limits on peers and on handshakes: further ones are answered with 503, open ones are served, and freed places are used. */

import { Program } from './program.mjs'
import { Visit } from './visit.mjs'

async function refused(visit, target) {
  const wire = await visit.connect()
  const { fields } = await wire.write(visit.request({ target })).expectStatus(503)
  if (!fields.has('retry-after')) throw new Error('Retry-After expected, found none')
  return wire
}

const checks = [
  {
    title: 'a fourth peer when three are allowed',
    async run(visit) {
      const wires = []
      for (let i = 0; i < 3; i++) wires.push(await visit.open())
      for (let i = 0; i < 20; i++) await refused(visit, '/')
      const [first] = wires
      first.reset()
      await visit.pause(1000)
      wires.push(await visit.open())
      await refused(visit, '/')
    },
  },
  {
    title: 'a third handshake when two are allowed',
    async run(visit) {
      for (let i = 0; i < 2; i++) (await visit.connect()).write(visit.request({ target: '/never' }))
      await visit.pause(500)
      for (let i = 0; i < 20; i++) await refused(visit, '/')
    },
  },
]

export async function attackFull({ entry, speed, attempt, choose }) {
  await Promise.all(
    choose(checks).map(({ title, run }) =>
      attempt(title, async () => {
        const program = await Program.start(entry, { speed })
        const visit = new Visit(entry, speed, program)
        await run(visit)
        await visit.expectReleased(program, 'open')
        program.expectHealth()
        program.kill('SIGKILL')
      }),
    ),
  )
}
