/**
 * Answers with injured grammar, judged by `ws` on Node's client, by wsproto on h11, and by us: whatever we do not agree on is
 * a class of its own in `differences-responses.ts`, with its reason. `SEED=… RUNS=…` repeats or prolongs it.
 */

import { afterAll, describe } from 'vitest'
import type { Peer } from './difference.ts'
import { responseDifferences } from './differences-responses.ts'
import { mutateResponse } from './mutate-responses.ts'
import { judgeResponse } from './ours.ts'
import { testBeside, type Way } from './run.ts'
import { offered } from './values-responses.ts'
import { createWsClient } from './ws-client.ts'
import { createWsproto, isWsprotoThere } from './wsproto.ts'

const way: Way = {
  what: 'answers',
  classes: responseDifferences,
  mutate: mutateResponse,
  judge: judgeResponse,
}

const peers: Peer[] = []
afterAll(() => {
  for (const peer of peers) peer.stop()
})

function started(peer: Peer): Peer {
  peers.push(peer)
  return peer
}

describe('ws and we', () => testBeside('ws', way, () => started(createWsClient())))

describe.skipIf(!isWsprotoThere('test/handshake/differential/responses.test.ts'))('wsproto and we', () =>
  testBeside('wsproto', way, () => started(createWsproto('client', offered))),
)
