/**
 * The suite can fail: it passes correct agents, and names each fault of broken agents.
 *
 * With `LONG=1`, it runs the whole matrix: at least one broken agent fails each case of the levels `must` and `should`. If none fails
 * a case, the case needs a fault in a table, or its outcomes let everything pass.
 */

import { describe, expect, test } from 'vitest'
import { clientCases, serverCases } from '../../../src/cases/all.ts'
import type { Case, Side } from '../../../src/testing/case.ts'
import { long } from '../../share.ts'
import { type Fault, faults } from './faults.ts'
import { runAgainst } from './run.ts'

/** The largest cases, which take as long as all others. */
function affordable(cases: readonly Case[]): readonly Case[] {
  return long ? cases : cases.filter(({ id }) => !/-(?:4|16)-mib$|-in-65537-/.test(id))
}

async function notPassed(cases: readonly Case[]): Promise<readonly string[]> {
  const results = await runAgainst(new Set(), affordable(cases))
  return results
    .filter(({ verdict }) => verdict !== 'pass')
    .map(({ id, verdict, reason }) => `${verdict} ${id}: ${reason}`)
}

describe('the correct agents', () => {
  test('the server passes', { timeout: 60_000 }, async () => {
    expect(await notPassed(serverCases)).toEqual(['info server/subprotocol/twice: It refused the request.'])
  })

  test('the client passes', { timeout: 60_000 }, async () => {
    // These cases need other offers than its only one, `permessage-deflate; client_max_window_bits`.
    expect(await notPassed(clientCases)).toEqual([
      'skip client/deflate-answers/client-window-not-offered: It offers client_max_window_bits.',
      'skip client/deflate-answers/client-window-larger-than-offered: It makes no offer with a client_max_window_bits below 15.',
      'skip client/deflate-answers/server-window-larger-than-offered: It has an offer without a limit.',
      'skip client/deflate-answers/demands-ignored: It has an offer without demands.',
    ])
  })
})

describe('a broken agent', () => {
  const cases = new Map([...serverCases, ...clientCases].map((one) => [one.id, one]))

  test.each([...faults])('%s is named', { timeout: 60_000 }, async (fault, { named, verdict = 'fail' }) => {
    const ran = named.map((id) => cases.get(id) as Case)
    const results = await runAgainst(new Set([fault]), ran)
    expect(results.map((result) => `${result.verdict} ${result.id}`)).toEqual(named.map((id) => `${verdict} ${id}`))
  })

  test('there are enough of them', () => {
    const count = (side: Side): number =>
      [...faults.values()].filter(({ named }) => named.some((id) => id.startsWith(side))).length
    expect(count('server')).toBeGreaterThanOrEqual(60)
    expect(count('client')).toBeGreaterThanOrEqual(40)
  })

  if (long)
    test.each([
      ['server', serverCases, 'server/response/opens'],
      ['client', clientCases, 'client/bytes/sound'],
    ] as const)('of a %s fails each case', { timeout: 300_000 }, async (_, all, sound) => {
      const opens = [cases.get(sound) as Case]
      let left = all.filter(({ level }) => level === 'must' || level === 'should')
      for (const [fault, { named }] of faults) {
        left = left.filter(({ id }) => !named.includes(id))
        // A fault that ends each opening fails everything, so it counts only for the cases that name it.
        if ((await passedBy(fault, opens)).length > 0) left = await passedBy(fault, left)
      }
      expect(left.map(({ id }) => id)).toEqual([])
    })
})

/** Returns the cases that find no fault in an agent with this fault: a must has to fail, and a should to warn. */
async function passedBy(fault: Fault, cases: readonly Case[]): Promise<Case[]> {
  const results = await runAgainst(new Set([fault]), cases)
  return cases.filter(({ level }, index) => results[index]?.verdict !== (level === 'must' ? 'fail' : 'warn'))
}
