/** Tests of engine detection on the engine that runs the tests; the runtime suite covers other engines. */

import { expect, it } from 'vitest'
import { hasFastWords64 } from '../../src/platform/engine.ts'

it('detects Node as V8, each time', () => {
  expect([hasFastWords64(), hasFastWords64()]).toEqual([true, true])
})
