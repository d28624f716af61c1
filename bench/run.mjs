/**
 * Knows how to compare: decodes masked binary frames of several sizes with our two ways and with ws, in one run, the
 * contenders taking turns, and prints medians. First it proves that all do the same work.
 *
 *   npm run bench              about a minute
 *   npm run bench -- --quick   a few seconds, for a first look
 */

import { createRequire } from 'node:module'
import { contenders, Tally } from './contenders.mjs'
import { copyChunks, makeInput } from './input.mjs'

const quick = process.argv.includes('--quick')
/** Odd, so that the median is one that was measured. */
const ROUNDS = quick ? 7 : 21
const WARM_UP = quick ? 3 : 6
/** Of payload, a round. */
const ROUND_SIZE = (quick ? 2 : 8) * 2 ** 20
/** Small frames cost so much more than their bytes that fewer do. */
const MAX_FRAMES = quick ? 40_000 : 120_000
const sizes = [20, 125, 1024, 65_536, 2 ** 20]

requireAddon()
console.log(`Node ${process.versions.node}, ${process.platform} ${process.arch}; median of ${ROUNDS} rounds\n`)
const results = []
for (const size of sizes) results.push(await measure(size))
printTable(results)
printRatios(results)

/** ws is silent when its addon does not load: then two columns would be the same thing. */
function requireAddon() {
  const addon = createRequire(import.meta.url)('bufferutil')
  if (!/native code/.test(String(addon.unmask)))
    throw new Error('bufferutil fell back to JavaScript: no build for here')
}

async function measure(size) {
  const frames = Math.min(MAX_FRAMES, Math.max(2, Math.round(ROUND_SIZE / size)))
  const chunks = makeInput(size, frames)
  await prove(chunks, size, frames)
  const times = contenders.map(() => [])
  for (let round = -WARM_UP; round < ROUNDS; round++)
    for (let turn = 0; turn < contenders.length; turn++) {
      // Everyone comes first in turn: what one leaves behind (garbage, a warm cache) is not always the same one's burden.
      const index = (turn + round + WARM_UP) % contenders.length
      const time = await runOnce(contenders[index], chunks, frames)
      if (round >= 0) times[index].push(time)
    }
  return { size, frames, medians: times.map(median) }
}

/**
 * Nanoseconds for all chunks. Copies and objects are made before. Garbage is collected as it would be in a server: a forced
 * collection before each round leaves the young generation so small that all contenders wait for the collector most of the
 * time, which draws their figures together.
 */
async function runOnce({ make, name }, chunks, frames) {
  const tally = new Tally(false)
  const feed = make(tally)
  const input = copyChunks(chunks)
  const start = process.hrtime.bigint()
  feed(input)
  const end = process.hrtime.bigint()
  if (tally.messages !== frames) throw new Error(`${name} gave ${tally.messages} of ${frames} messages in time`)
  // Lets the stream's own callbacks run, so that they are nobody else's burden.
  await new Promise(setImmediate)
  return Number(end - start)
}

/** The same messages, the same bytes, in the same order, for all; else there is nothing to compare. */
async function prove(chunks, size, frames) {
  const proofs = []
  for (const { make, name } of contenders) {
    const tally = new Tally(true)
    make(tally)(copyChunks(chunks))
    await new Promise(setImmediate)
    if (tally.messages !== frames || tally.bytes !== frames * size)
      throw new Error(`${name}: ${tally.messages} messages of ${tally.bytes} bytes, expected ${frames} of ${size} each`)
    proofs.push(tally.sum)
  }
  if (new Set(proofs).size !== 1) throw new Error(`the payloads differ: checksums ${proofs.join(', ')}`)
}

function median(times) {
  return times.sort((a, b) => a - b)[times.length >> 1]
}

function printTable(results) {
  const rows = [['payload', ...contenders.map(({ name }) => name)]]
  for (const { size, frames, medians } of results)
    rows.push([
      label(size),
      ...medians.map(
        (time) => `${number(time / frames)} ns  ${number((size * frames * 1000) / time).padStart(6)} MB/s`,
      ),
    ])
  console.log('Time a frame, payload a second')
  print(rows)
}

function printRatios(results) {
  const pairs = contenders.flatMap((ours, index) =>
    ours.ours
      ? contenders.flatMap((other, at) => (other.ours ? [] : [{ title: `${ours.name} : ${other.name}`, index, at }]))
      : [],
  )
  const rows = [['payload', ...pairs.map(({ title }) => title)]]
  for (const { size, medians } of results)
    rows.push([label(size), ...pairs.map(({ index, at }) => `${(medians[at] / medians[index]).toFixed(2)} x`)])
  console.log('How many times as fast')
  print(rows)
}

function print(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  for (const row of rows) console.log(row.map((cell, column) => cell.padStart(widths[column])).join('   '))
  console.log('')
}

function label(size) {
  return size >= 2 ** 20 ? `${size / 2 ** 20} MiB` : size >= 1024 ? `${size / 1024} KiB` : `${size} B`
}

function number(value) {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1)
}
