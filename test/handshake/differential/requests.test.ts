/**
 * Opening requests with injured grammar, judged by `ws` on Node's server, by wsproto on h11, and by us: whatever we do not
 * agree on is a class of its own in `differences-requests.ts`, with its reason. `SEED=… RUNS=…` repeats or prolongs it.
 */

import { afterAll, describe } from 'vitest'
import type { Peer } from './difference.ts'
import { requestDifferences } from './differences-requests.ts'
import { mutateRequest } from './mutate-requests.ts'
import { judgeRequest } from './ours.ts'
import { testBeside, type Way } from './run.ts'
import { spoken } from './values-requests.ts'
import { createWsServer } from './ws-server.ts'
import { createWsproto, isWsprotoThere } from './wsproto.ts'

const way: Way = {
  what: 'requests',
  classes: requestDifferences,
  mutate: mutateRequest,
  judge: judgeRequest,
}

const peers: Peer[] = []
afterAll(() => {
  for (const peer of peers) peer.stop()
})

function started(peer: Peer): Peer {
  peers.push(peer)
  return peer
}

describe('ws and we', () => testBeside('ws', way, () => started(createWsServer())))

describe.skipIf(!isWsprotoThere('test/handshake/differential/requests.test.ts'))('wsproto and we', () =>
  testBeside('wsproto', way, () => started(createWsproto('server', spoken))),
)
