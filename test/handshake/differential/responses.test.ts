/**
 * Answers with injured grammar, judged by `ws` on Node's client, by wsproto on h11, and by us: whatever we do not agree on is
 * a class of its own in `differences-responses.ts`, with its reason. `SEED=… RUNS=…` repeats or prolongs it.
 */

import { describe } from 'vitest'
import { describePeer } from '../../peers/support.ts'
import { responseDifferences } from './differences-responses.ts'
import { mutateResponse } from './mutate-responses.ts'
import { judgeResponse } from './ours.ts'
import { testBeside, type Way } from './run.ts'
import { offered } from './values-responses.ts'
import { createWsClient } from './ws-client.ts'
import { createWsproto, findWsprotoMissing } from './wsproto.ts'

const way: Way = {
  what: 'answers',
  classes: responseDifferences,
  mutate: mutateResponse,
  judge: judgeResponse,
}

describe('ws', () => testBeside('ws', way, createWsClient))
describePeer('wsproto', findWsprotoMissing(), () => testBeside('wsproto', way, () => createWsproto('client', offered)))
