/**
 * Knows what is measured: frames beside ws, heads and handshakes beside websocket-driver, and how time grows with hostile
 * input; all in one run.
 *
 *   npm run bench              half a minute
 *   npm run bench -- --quick   some seconds, for a first look
 */

import { benchFrames } from './frames.mjs'
import { benchGrowth } from './growth.mjs'
import { benchHandshakes } from './handshakes.mjs'
import { benchHeads } from './heads.mjs'
import { ROUNDS } from './rounds.mjs'

console.log(`Node ${process.versions.node}, ${process.platform} ${process.arch}; median of ${ROUNDS} rounds\n`)
await benchFrames()
await benchHeads()
await benchHandshakes()
await benchGrowth()
