// Anything that a user, a peer, a transport and time can do, in any order: see `test/runtimes/suite/chaos.mjs`.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Connection } from '../../src/index.ts'
import { messageStreams } from '../../src/streams/index.ts'
import { play } from '../runtimes/suite/chaos.mjs'
import { long } from '../share.ts'
import { quiet } from './pipes.ts'

test('whatever happens, the end is in time, and nothing is left: no promise, no lock, no timer', async () => {
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => void unhandled.push(reason)
  process.on('unhandledRejection', note)
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 31 - 1 }), (seed) => play({ messageStreams, Connection }, seed)),
    { numRuns: long ? 3000 : 200 },
  )
  await quiet()
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
}, 120_000)
