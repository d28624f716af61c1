/**
 * Measures the heap bytes that reading leaves per frame: the cursor walk, which must leave none, and ws. First checks that the
 * meter detects allocations.
 */

import { Tally, walkers } from './contenders.mjs'
import { CHUNK_SIZE, copyChunks, cut, frameSize, makeFrames } from './input.mjs'
import { median, number, printTable, quick, sizeLabel } from './rounds.mjs'

/** So few that a round seldom fills the young generation, whose collection would hide allocations. */
const FRAMES = 1_000
const ROUNDS = quick ? 401 : 1_001

const nothing = () => {}

/**
 * By how many bytes per frame each of `works` lets the heap grow, less the cost of measuring. They take turns, so that all are
 * measured by the same code. The second half counts, because it is compiled by then, and the median, because collections come at
 * random.
 */
async function growth(works) {
  const grown = [nothing, ...works].map((work) => ({ work, sizes: [] }))
  for (let round = 0; round < ROUNDS; round++) {
    for (const { work, sizes } of grown) {
      const before = process.memoryUsage().heapUsed
      work()
      sizes.push(process.memoryUsage().heapUsed - before)
      // Streams have callbacks of their own.
      await new Promise(setImmediate)
    }
  }
  const [idle, ...all] = grown.map(({ sizes }) => median(sizes.slice(ROUNDS >> 1).sort((a, b) => a - b)))
  return all.map((size) => (size - idle) / FRAMES)
}

/** An object with one field takes 12 bytes at least, on any build of V8. */
async function proveMeter() {
  const kept = []
  const [seen] = await growth([
    () => {
      kept.length = 0
      for (let i = 0; i < FRAMES; i++) kept.push({ i })
    },
  ])
  if (seen < 12) throw new Error(`the meter saw ${seen} bytes a frame where an object was made for each`)
}

/** Whole frames in each chunk: a split header would be kept in a small array. */
function chunksOf(size) {
  const whole = Math.floor(CHUNK_SIZE / frameSize(size)) * frameSize(size)
  // Unmasking in place does not change headers: the same chunks can be read again.
  return copyChunks(cut(makeFrames(size, FRAMES), whole))
}

export async function benchHeap() {
  await proveMeter()
  const rows = [['payload', ...walkers.map(({ name }) => name)]]
  for (const size of [20, 125]) {
    const chunks = chunksOf(size)
    const feeds = walkers.map(({ make }) => make(new Tally(false)))
    const grown = await growth(feeds.map((feed) => () => feed(chunks)))
    rows.push([sizeLabel(size), ...grown.map(number)])
  }
  printTable(`Heap: bytes a frame, median of ${ROUNDS >> 1} times ${FRAMES} frames`, rows)
}
