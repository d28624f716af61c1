/** Runs cases against the server or the client in memory. */

import { zlib } from '../../../src/codec/zlib.ts'
import type { Case } from '../../../src/testing/case.ts'
import type { CaseTransport } from '../../../src/testing/case-options.ts'
import { memoryPair } from '../../../src/testing/memory-pair.ts'
import type { CaseResult } from '../../../src/testing/result.ts'
import { runCase } from '../../../src/testing/run.ts'
import { quickTimers } from '../quick-timers.ts'
import { connect, http2Response } from './client.ts'
import type { Faults } from './faults.ts'
import { http2Request, serve } from './server.ts'

/** Runs each case with its own clock, so that silence costs no real time. */
export async function runAgainst(faults: Faults, cases: readonly Case[]): Promise<readonly CaseResult[]> {
  const keys = new Set<string>()
  const results: CaseResult[] = []
  for (const one of cases) {
    const timers = quickTimers()
    const transport = open(one, faults)
    results.push(await runCase(one, transport, { codec: zlib, subprotocol: 'chat', timers, keys }))
  }
  return results
}

function open({ side, carriers }: Case, faults: Faults): CaseTransport {
  if (!carriers.includes('http/1.1')) return side === 'server' ? http2Request(faults) : http2Response(faults)
  const [client, server] = memoryPair()
  if (side === 'server') serve(server, faults)
  else connect(client, faults)
  return side === 'server' ? client : server
}
