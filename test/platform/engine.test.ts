/** Holds what is said of the engine that the tests run on; the runtimes' own cases say it of others. */

import { expect, it } from 'vitest'
import { hasFastWords64 } from '../../src/platform/engine.ts'

it('Node runs on V8, twice asked or once', () => {
  expect([hasFastWords64(), hasFastWords64()]).toEqual([true, true])
})
