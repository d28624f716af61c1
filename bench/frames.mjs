/** Knows how decoders compare: masked binary frames of several sizes, our two ways and ws. First all do the same work. */

import { createRequire } from 'node:module'
import { contenders, Tally } from './contenders.mjs'
import { copyChunks, makeInput } from './input.mjs'
import { measureInTurns, number, printTable, quick, time } from './rounds.mjs'

/** Of payload, a round. */
const ROUND_SIZE = (quick ? 2 : 8) * 2 ** 20
/** Small frames cost so much more than their bytes that fewer do. */
const MAX_FRAMES = quick ? 40_000 : 120_000
const sizes = [20, 125, 1024, 65_536, 2 ** 20]

export async function benchFrames() {
  requireAddon()
  const results = []
  for (const size of sizes) results.push(await measure(size))
  printTimes(results)
  printRatios(results)
}

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
  return { size, frames, medians: await measureInTurns(contenders, (contender) => runOnce(contender, chunks, frames)) }
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
  const elapsed = time(() => feed(input))
  if (tally.messages !== frames) throw new Error(`${name} gave ${tally.messages} of ${frames} messages in time`)
  // Lets the stream's own callbacks run, so that they are nobody else's burden.
  await new Promise(setImmediate)
  return elapsed
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

function printTimes(results) {
  const rows = [['payload', ...contenders.map(({ name }) => name)]]
  for (const { size, frames, medians } of results)
    rows.push([
      label(size),
      ...medians.map(
        (each) => `${number(each / frames)} ns  ${number((size * frames * 1000) / each).padStart(6)} MB/s`,
      ),
    ])
  printTable('Frames: time a frame, payload a second', rows)
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
  printTable('Frames: how many times as fast', rows)
}

function label(size) {
  return size >= 2 ** 20 ? `${size / 2 ** 20} MiB` : size >= 1024 ? `${size / 1024} KiB` : `${size} B`
}
