/**
 * Compares our client with `ws` on Node's client and with wsproto on h11, on responses with damaged grammar.
 * `differences-responses.ts` has a class and a reason for each difference. `SEED=… RUNS=…` repeats or extends the test.
 */

import { describe } from 'vitest'
import { describePeer } from '../../peers/support.ts'
import { responseDifferences } from './differences-responses.ts'
import { mutateResponse } from './mutate-responses.ts'
import { judgeResponse } from './ours.ts'
import { type Direction, testAgainst } from './run.ts'
import { offered } from './values-responses.ts'
import { createWsClient } from './ws-client.ts'
import { createWsproto, findWsprotoMissing } from './wsproto.ts'

const direction: Direction = {
  what: 'responses',
  classes: responseDifferences,
  mutate: mutateResponse,
  judge: judgeResponse,
}

describe('ws', () => testAgainst('ws', direction, createWsClient))
describePeer('wsproto', findWsprotoMissing(), () =>
  testAgainst('wsproto', direction, () => createWsproto('client', offered)),
)
