/**
 * Counts instructions per frame: the cursor walk and ws, measured by callgrind if valgrind is installed, as the difference between
 * a long run and a short one. Starts itself inside valgrind with a contender and a number of frames.
 */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Tally, walkers } from './contenders.mjs'
import { copyChunks, cut, makeFrames } from './input.mjs'
import { number, printTable, sizeLabel } from './rounds.mjs'

const script = fileURLToPath(import.meta.url)
/** So many that compilation has finished before the short run ends. */
const SHORT = 1_000_000
const LONG = 2_000_000
/** Frames that are read again and again: the walk does not change them, and ws reads copies. */
const MADE = 20_000

if (process.argv[1] === script) await walk(Number(process.argv[2]), Number(process.argv[3]), Number(process.argv[4]))

async function walk(index, size, frames) {
  const chunks = cut(makeFrames(size, MADE))
  const tally = new Tally(false)
  const feed = walkers[index].make(tally)
  while (tally.messages < frames) {
    feed(copyChunks(chunks))
    await new Promise(setImmediate)
  }
  if (tally.messages !== frames) throw new Error(`${tally.messages} frames instead of ${frames}`)
}

/** Instructions of a whole process; `undefined` if they cannot be counted. */
function count(index, size, frames) {
  const options = ['--tool=callgrind', '--callgrind-out-file=/dev/null', '--smc-check=all-non-file']
  const words = [...options, process.execPath, '--single-threaded', script, index, size, frames].map(String)
  const { status, stderr } = spawnSync('valgrind', words, { encoding: 'utf8' })
  return status === 0 ? Number(/Collected : (\d+)/.exec(stderr)?.[1]) : undefined
}

export function benchInstructions() {
  const rows = [['payload', ...walkers.map(({ name }) => name)]]
  for (const size of [20, 125]) {
    const cells = walkers.map((_, index) => {
      const [short, long] = [count(index, size, SHORT), count(index, size, LONG)]
      return short === undefined || long === undefined ? undefined : number((long - short) / (LONG - SHORT))
    })
    if (cells.includes(undefined)) {
      console.log('Instructions: skipped, they need valgrind (apt-get install valgrind)\n')
      return
    }
    rows.push([sizeLabel(size), ...cells])
  }
  printTable('Instructions a frame, walking', rows)
}
