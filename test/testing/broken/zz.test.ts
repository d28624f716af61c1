import { writeFileSync } from 'node:fs'
import { test } from 'vitest'
import { clientCases, serverCases } from '../../../src/cases/all.ts'
import { runAgainst } from './run.ts'

test('sound', { timeout: 300_000 }, async () => {
  const out: string[] = []
  for (const cases of [serverCases, clientCases]) {
    const t = performance.now()
    const timed: [number, string][] = []
    for (const one of cases) {
      const b = performance.now()
      const [r] = await runAgainst(new Set(), [one])
      timed.push([performance.now() - b, one.id])
      if (r!.verdict !== 'pass') out.push(`${r!.verdict} ${r!.id} [${r!.level}]: ${r!.reason} ${r!.ending?.how}`)
    }
    out.push(
      `TIME ${performance.now() - t} ${timed
        .sort((a, b) => b[0] - a[0])
        .slice(0, 12)
        .map(([ms, id]) => `${id} ${ms | 0}`)}`,
    )
  }
  writeFileSync('/tmp/brief20g/sound.txt', out.join('\n'))
})
