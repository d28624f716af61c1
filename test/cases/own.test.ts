/** Our own endpoints pass every case, in process: `acceptSocket` as a server, `connectSocket` as a client, both send messages back. */

import { describe, expect, test } from 'vitest'
import { acceptSocket, connectSocket, Endpoint } from '../../src/adapters/node/index.ts'
import { clientCases, serverCases } from '../../src/cases/all.ts'
import { offerHandshake } from '../../src/handshake/index.ts'
import type { Case } from '../../src/testing/case.ts'
import { memoryPair } from '../../src/testing/memory-pair.ts'
import type { CaseResult } from '../../src/testing/result.ts'
import { runCases } from '../../src/testing/run-cases.ts'

/** The sections about what follows the handshake, without extensions. */
const sections = ['framing', 'masking', 'control', 'fragmentation', 'utf8', 'closing', 'limits', 'timing']

function inSections(cases: readonly Case[]): readonly Case[] {
  return cases.filter(({ id }) => sections.includes(id.split('/')[1] as string))
}

function notPassed(results: readonly CaseResult[]): readonly string[] {
  return results
    .filter(({ verdict }) => verdict !== 'pass')
    .map(({ id, verdict, reason }) => `${verdict} ${id}: ${reason}`)
}

const endpoint = new Endpoint({ message: (peer, data) => peer.send(data) })

// Four at a time, and ten seconds for the largest ones: a machine that is busy must not fail them.
const options = { parallel: 4, timeout: 10_000 }

describe('our own endpoints', () => {
  test('a server passes', { timeout: 120_000 }, async () => {
    const results = await runCases(
      inSections(serverCases),
      () => {
        const [client, server] = memoryPair()
        acceptSocket(endpoint, server)
        return client
      },
      options,
    )
    expect(notPassed(results)).toEqual([])
  })

  test('a client passes', { timeout: 120_000 }, async () => {
    const results = await runCases(
      inSections(clientCases),
      () => {
        const [client, server] = memoryPair()
        // Rejects where the case opens no WebSocket.
        connectSocket(endpoint, client, offerHandshake('ws://localhost/')).catch(() => {})
        return server
      },
      options,
    )
    expect(notPassed(results)).toEqual([])
  })
})
