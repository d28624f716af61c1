/** The suite can fail: it has nothing against sound agents, and names each fault of broken ones. */

import { describe, expect, test } from 'vitest'
import { clientCases, serverCases } from '../../../src/cases/all.ts'
import type { Case } from '../../../src/testing/case.ts'
import { long } from '../../share.ts'
import { runAgainst } from './run.ts'

/** The largest cases take as long as all others. */
function affordable(cases: readonly Case[]): readonly Case[] {
  return long ? cases : cases.filter(({ id }) => !/-(?:4|16)-mib$|-in-65537-/.test(id))
}

async function notPassed(cases: readonly Case[]): Promise<readonly string[]> {
  const results = await runAgainst(new Set(), affordable(cases))
  return results
    .filter(({ verdict }) => verdict !== 'pass')
    .map(({ id, verdict, reason }) => `${verdict} ${id}: ${reason}`)
}

describe('the sound agents', () => {
  test('the server passes', { timeout: 60_000 }, async () => {
    expect(await notPassed(serverCases)).toEqual(['info server/subprotocol/twice: It refused the request.'])
  })

  test('the client passes', { timeout: 60_000 }, async () => {
    // What they need contradicts its one offer, `permessage-deflate; client_max_window_bits`.
    expect(await notPassed(clientCases)).toEqual([
      'skip client/deflate-answers/client-window-not-offered: It offers client_max_window_bits.',
      'skip client/deflate-answers/client-window-larger-than-offered: It makes no offer with a client_max_window_bits below 15.',
      'skip client/deflate-answers/server-window-larger-than-offered: It has an offer without a limit.',
      'skip client/deflate-answers/demands-ignored: It has an offer without demands.',
    ])
  })
})
