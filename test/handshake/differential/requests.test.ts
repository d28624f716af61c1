/**
 * Compares our server with `ws` on Node's server and with wsproto on h11, on opening requests with damaged grammar.
 * `differences-requests.ts` has a class and a reason for each difference. `SEED=… RUNS=…` repeats or extends the test.
 */

import { describe } from 'vitest'
import { describePeer } from '../../peers/support.ts'
import { requestDifferences } from './differences-requests.ts'
import { mutateRequest } from './mutate-requests.ts'
import { judgeRequest } from './ours.ts'
import { type Direction, testAgainst } from './run.ts'
import { supported } from './values-requests.ts'
import { createWsServer } from './ws-server.ts'
import { createWsproto, findWsprotoMissing } from './wsproto.ts'

const direction: Direction = {
  what: 'requests',
  classes: requestDifferences,
  mutate: mutateRequest,
  judge: judgeRequest,
}

describe('ws', () => testAgainst('ws', direction, createWsServer))
describePeer('wsproto', findWsprotoMissing(), () =>
  testAgainst('wsproto', direction, () => createWsproto('server', supported)),
)
