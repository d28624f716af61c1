/** The cases of permessage-deflate with agents of this package, in every configuration, and with `ws`. */

import { describe, expect, test, vi } from 'vitest'
import { deflateAnswers } from '../../src/cases/deflate-answers.ts'
import { deflateFaults } from '../../src/cases/deflate-faults.ts'
import { deflateMessages } from '../../src/cases/deflate-messages.ts'
import { deflateOffers } from '../../src/cases/deflate-offers.ts'
import type { CaseResult } from '../../src/testing/result.ts'
import { type Deflate, testOurClient, testOurServer, testWsClient, testWsServer } from './agents.ts'

vi.setConfig({ testTimeout: 60_000 })

const serverCases = [...deflateOffers, ...deflateMessages('server'), ...deflateFaults('server')]
const clientCases = [...deflateAnswers, ...deflateMessages('client'), ...deflateFaults('client')]

/** The cases whose course depends on the agreed parameters. */
const negotiated = {
  server: serverCases.filter(({ id }) => /offers|takeover|window/.test(id)),
  client: clientCases.filter(({ id }) => /answers|takeover|window/.test(id)),
}

/** Returns the cases with this verdict, by the last two parts of their slugs. */
function having(results: readonly CaseResult[], ...verdicts: readonly CaseResult['verdict'][]): string[] {
  return results.filter(({ verdict }) => verdicts.includes(verdict)).map(({ id }) => id.replace(/^\w+\//, ''))
}

/** Includes the reasons, so that a failure explains itself. */
function faults(results: readonly CaseResult[]): string[] {
  return results
    .filter(({ verdict }) => verdict !== 'pass' && verdict !== 'skip' && verdict !== 'info')
    .map(({ id, verdict, reason }) => `${verdict} ${id}: ${reason}`)
}

describe('our server', () => {
  test('passes all cases', async () => {
    const results = await testOurServer(serverCases)
    expect(faults(results)).toEqual([])
    expect(having(results, 'skip', 'info')).toEqual([])
  })

  const setups: readonly Deflate[] = [
    { serverNoContextTakeover: true, clientNoContextTakeover: true },
    { serverMaxWindowBits: 9, clientMaxWindowBits: 8 },
    { demand: ['clientMaxWindowBits'], clientMaxWindowBits: 10, forbid: ['serverNoContextTakeover'] },
  ]
  test.each(setups)('has no fault with %o', async (deflate) => {
    expect(faults(await testOurServer(negotiated.server, deflate))).toEqual([])
  })

  test('without the extension is asked for nothing', async () => {
    const results = await testOurServer(serverCases, false)
    expect(faults(results)).toEqual([])
    expect(having(results, 'pass').filter((slug) => !/^deflate-offers\/|rsv1-after/.test(slug))).toEqual([])
  })
})

describe('our client', () => {
  test('passes all cases that its offers allow', async () => {
    const results = await testOurClient(clientCases)
    expect(faults(results)).toEqual([])
    expect(having(results, 'skip', 'info')).toEqual([
      'deflate-answers/client-window-not-offered',
      'deflate-answers/client-window-larger-than-offered',
      'deflate-answers/server-window-larger-than-offered',
      'deflate-answers/demands-ignored',
    ])
  })

  // Each configuration makes one of those four cases apply.
  const setups: readonly (readonly [Deflate, string])[] = [
    [{ omit: ['clientMaxWindowBits'] }, 'client-window-not-offered'],
    [{ clientMaxWindowBits: 10 }, 'client-window-larger-than-offered'],
    [{ serverMaxWindowBits: 10, demand: ['serverMaxWindowBits'] }, 'server-window-larger-than-offered'],
    [{ serverNoContextTakeover: true, demand: ['serverNoContextTakeover'] }, 'demands-ignored'],
    [{ serverNoContextTakeover: true, serverMaxWindowBits: 9 }, 'plain'],
  ]
  test.each(setups)('has no fault with %o', async (deflate, name) => {
    const results = await testOurClient(negotiated.client, deflate)
    expect(faults(results)).toEqual([])
    expect(having(results, 'pass')).toContain(`deflate-answers/${name}`)
  })

  test('without the extension is asked for nothing', async () => {
    expect(having(await testOurClient(clientCases, false), 'pass', 'warn', 'fail', 'error')).toEqual([])
  })
})

/** Values that `ws` accepts as a window, because JavaScript converts them to a number. */
const converted = ['08', '015', 'plus-10', 'hexadecimal', 'exponent', 'fraction', 'quoted-08'].flatMap((slug) => [
  `server-max-window-bits-${slug}`,
  `client-max-window-bits-${slug}`,
])

/** Cases in which `ws` stops at the first final block. */
const finalBlocks = ['final-block-first', 'two-final-blocks', 'final-block-in-first-frame']

/** The cases that take agents the longest. */
const long = /\/(?:bomb|bomb-in-frames|1000-empty-frames|1-mib)$/

describe('ws', () => {
  test('server', async () => {
    const results = await testWsServer(serverCases.filter(({ id }) => !long.test(id)))
    expect(having(results, 'fail', 'error')).toEqual([
      ...converted.map((name) => `deflate-offers/${name}`),
      ...finalBlocks.map((name) => `deflate-messages/${name}`),
    ])
  })

  test('client', async () => {
    const results = await testWsClient(clientCases.filter(({ id }) => !long.test(id)))
    expect(having(results, 'fail', 'error')).toEqual([
      ...converted.map((name) => `deflate-answers/${name}`),
      'deflate-answers/twice',
      'deflate-answers/twice-on-two-lines',
      ...finalBlocks.map((name) => `deflate-messages/${name}`),
    ])
  })

  test('server that exceeds its window', async () => {
    const cases = deflateOffers.filter(({ id }) => id.includes('/server-max-window-bits-'))
    const results = await testWsServer(cases, 'server_max_window_bits')
    const beyond = results.filter(({ reason }) => reason.includes('invalid distance too far back'))
    expect(beyond.map(({ id, verdict }) => `${verdict} ${id}`)).toEqual(
      [8, 9, 10, 11, 12, 13, 14].map((bits) => `fail server/deflate-offers/server-max-window-bits-${bits}`),
    )
  })

  test('server that refers to earlier messages, although it agreed not to', async () => {
    const cases = deflateOffers.filter(({ id }) => id.endsWith('/server-no-context-takeover'))
    const [result] = await testWsServer(cases, 'server_no_context_takeover')
    expect(result).toMatchObject({ verdict: 'fail', reason: expect.stringContaining('invalid distance too far back') })
  })
})
