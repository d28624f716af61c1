/**
 * Opening requests with injured grammar, judged by `ws` on Node's server, by wsproto on h11, and by us: whatever we do not
 * agree on is a class of its own in `differences-requests.ts`, with its reason. `SEED=… RUNS=…` repeats or prolongs it.
 */

import { describe } from 'vitest'
import { describePeer } from '../../peers/support.ts'
import { requestDifferences } from './differences-requests.ts'
import { mutateRequest } from './mutate-requests.ts'
import { judgeRequest } from './ours.ts'
import { testBeside, type Way } from './run.ts'
import { spoken } from './values-requests.ts'
import { createWsServer } from './ws-server.ts'
import { createWsproto, findWsprotoMissing } from './wsproto.ts'

const way: Way = {
  what: 'requests',
  classes: requestDifferences,
  mutate: mutateRequest,
  judge: judgeRequest,
}

describe('ws', () => testBeside('ws', way, createWsServer))
describePeer('wsproto', findWsprotoMissing(), () => testBeside('wsproto', way, () => createWsproto('server', spoken)))
