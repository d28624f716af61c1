/**
 * Runs the benches by name, all in one run.
 *
 *   npm run bench                    all but `instructions`, three minutes
 *   npm run bench -- walk mask       only these
 *   npm run bench -- --quick         fewer rounds, for a first look
 */

import { benchChunks } from './chunks.mjs'
import { benchDeflate } from './deflate.mjs'
import { benchEcho } from './echo.mjs'
import { benchEncode } from './encode.mjs'
import { benchFrames, benchTexts, benchWalk } from './frames.mjs'
import { benchGrowth } from './growth.mjs'
import { benchHandshakes } from './handshakes.mjs'
import { benchHeads } from './heads.mjs'
import { benchHeap } from './heap.mjs'
import { benchIdle } from './idle.mjs'
import { benchInstructions } from './instructions.mjs'
import { benchLoad } from './load.mjs'
import { benchMask } from './mask.mjs'
import { benchRefusals } from './refusals.mjs'
import { ROUNDS } from './rounds.mjs'
import { benchSend } from './send.mjs'
import { benchUtf8 } from './utf8.mjs'
import { benchWslay } from './wslay.mjs'

const benches = {
  walk: benchWalk,
  heap: benchHeap,
  instructions: benchInstructions,
  wslay: benchWslay,
  frames: benchFrames,
  texts: benchTexts,
  chunks: benchChunks,
  mask: benchMask,
  encode: benchEncode,
  send: benchSend,
  utf8: benchUtf8,
  heads: benchHeads,
  handshakes: benchHandshakes,
  refusals: benchRefusals,
  deflate: benchDeflate,
  echo: benchEcho,
  idle: benchIdle,
  growth: benchGrowth,
  load: benchLoad,
}

const asked = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const unknown = asked.filter((name) => !Object.hasOwn(benches, name))
if (unknown.length > 0) throw new Error(`no bench is called ${unknown}; there are ${Object.keys(benches)}`)

console.log(`Node ${process.versions.node}, ${process.platform} ${process.arch}; median of ${ROUNDS} rounds\n`)
/** Counting instructions takes ten minutes. */
const slow = new Set(['instructions'])
for (const [name, bench] of Object.entries(benches))
  if (asked.includes(name) || (asked.length === 0 && !slow.has(name))) await bench()
