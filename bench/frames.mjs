/** Compares decoders: masked frames of several sizes, binary and text, our APIs and ws. First checks that all do the same work. */

import { binaryDecoders, Tally, textDecoders, walkers } from './contenders.mjs'
import { copyChunks, cut, makeFrames } from './input.mjs'
import { measure, number, printTable, quick, ratios, ratioTitles, sizeLabel, time } from './rounds.mjs'

/** Payload bytes per round. */
const ROUND_SIZE = (quick ? 2 : 8) * 2 ** 20
/** Fewer bytes for small frames, which cost much more per byte. */
const MAX_FRAMES = quick ? 40_000 : 120_000

export const benchWalk = () =>
  bench('Cursor walk of binary frames', walkers, 'binary', [20, 125], (tally) => tally.bytes)

export const benchFrames = () =>
  bench('Binary frames', binaryDecoders, 'binary', [20, 125, 1024, 16_384, 65_536, 2 ** 20])

export async function benchTexts() {
  await bench('Texts, ASCII', textDecoders, 'ascii', [20, 125, 1024])
  await bench('Texts, multi-byte', textDecoders, 'multi-byte', [20, 125, 1024])
}

/** `evidence`: the part of a tally that must be the same for all. */
async function bench(title, contenders, kind, sizes, evidence = ({ sum }) => sum) {
  const rows = [['payload', ...contenders.map(({ name }) => `${name}, ns  (MB/s)`), ...ratioTitles(contenders)]]
  for (const size of sizes) {
    const frames = Math.min(MAX_FRAMES, Math.max(2, Math.round(ROUND_SIZE / size)))
    const chunks = cut(makeFrames(size, frames, kind))
    await prove(contenders, chunks, frames, evidence)
    const run = (contender) => runOnce(contender, chunks, frames)
    const medians = await measure(`${title}, ${sizeLabel(size)}`, contenders, run, { per: frames })
    rows.push([sizeLabel(size), ...medians.map((each) => cell(each, size, frames)), ...ratios(contenders, medians)])
  }
  printTable(`${title}: time a frame, payload a second, and how many times as fast`, rows)
}

function cell(nanoseconds, size, frames) {
  return `${number(nanoseconds / frames)}  (${number((size * frames * 1000) / nanoseconds).padStart(6)})`
}

/**
 * Nanoseconds for all chunks. Copies and objects are made beforehand. Garbage is collected as in a server: a forced collection
 * before each round would keep the young generation so small that all contenders mostly wait for the collector, which hides their
 * differences.
 */
async function runOnce({ make, name }, chunks, frames) {
  const tally = new Tally(false)
  const feed = make(tally)
  const input = copyChunks(chunks)
  const elapsed = time(() => feed(input))
  if (tally.messages !== frames) throw new Error(`${name} gave ${tally.messages} of ${frames} messages in time`)
  // Lets the stream's own callbacks run, so that they slow nobody else down.
  await new Promise(setImmediate)
  return elapsed
}

/** Without the same messages, with the same bytes, in the same order, there is nothing to compare. */
async function prove(contenders, chunks, frames, evidence) {
  const proofs = []
  for (const { make, name } of contenders) {
    const tally = new Tally(true)
    make(tally)(copyChunks(chunks))
    await new Promise(setImmediate)
    if (tally.messages !== frames) throw new Error(`${name}: ${tally.messages} messages, expected ${frames}`)
    proofs.push(evidence(tally))
  }
  if (new Set(proofs).size !== 1) throw new Error(`the messages differ: ${proofs.join(', ')}`)
}
