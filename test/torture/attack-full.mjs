/** The bounds on peers and on handshakes: more are answered 503, those that are there are served, and room that is given back is used. */

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
    title: 'a fourth peer where there is room for three',
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
    title: 'a third handshake where there is room for two',
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
        await visit.letGo(program, 'open')
        program.expectHealth()
        program.kill('SIGKILL')
      }),
    ),
  )
}
