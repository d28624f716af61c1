/** Shared by the applications' tests. */
import assert from 'node:assert/strict'
import { after } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

/** The time limit in ms. Only a hang reaches it. */
const PATIENCE = 5000

/** The resources of the network, and of other processes, that a process has open. */
const held = () =>
  process.getActiveResourcesInfo().filter((name) => /^(TCP|Pipe|Process)/.test(name) && name !== 'PipeWrap')

/** After all tests of a file: no socket, server or process is left. */
export function expectNothingLeft() {
  after(async () => {
    const end = Date.now() + PATIENCE
    while (held().length > 0 && Date.now() < end) await sleep(10)
    assert.deepEqual(held(), [])
  })
}

/** The arguments of the next event. */
export const next = (emitter, event) => new Promise((resolve) => emitter.once(event, (...args) => resolve(args)))
