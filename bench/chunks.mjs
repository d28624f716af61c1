/**
 * Measures how the time for one message grows with its size and with its number of chunks. Linear means that the time per byte is
 * constant.
 */

import { Connection, FrameDecoder } from '../dist/index.js'
import { limits, Tally } from './contenders.mjs'
import { CHUNK_SIZE, cut, makeFrames } from './input.mjs'
import { fastest, measure, printTable, quick, sizeLabel, time } from './rounds.mjs'

const MIB = 2 ** 20
const nothing = new Uint8Array(0)
/** A few long rounds are enough; the fastest counts. */
const ROUNDS = 7

/** Chunks are borrowed, so all rounds read the same ones. Each round reads one message with a new reader. */
const readers = [
  { name: 'FrameDecoder', read: readFrames },
  { name: 'Connection', read: readMessages },
]

function readFrames(chunks, tally) {
  const decoder = new FrameDecoder({ role: 'server', limits })
  for (const chunk of chunks) {
    decoder.push(chunk)
    while (decoder.next()) tally.take(decoder.payload())
  }
}

function readMessages(chunks, tally) {
  const connection = new Connection({ role: 'server', limits })
  for (const chunk of chunks) {
    for (const event of connection.receive(chunk)) tally.take(event.data)
    while (connection.hasPending) for (const event of connection.receive(nothing)) tally.take(event.data)
  }
}

export async function benchChunks() {
  const bytes = makeFrames(MIB, 1)
  const twice = makeFrames(2 * MIB, 1)
  const chunkRows = [['chunks of', ...readers.flatMap(({ name }) => [`${name}, ns a byte`, '2 MiB : 1 MiB'])]]
  for (const chunkSize of [1, 7, 64, 1460, CHUNK_SIZE]) {
    const inputs = [cut(bytes, chunkSize), cut(twice, chunkSize)]
    const cells = []
    for (const { name, read } of readers) {
      const title = `A message in chunks of ${sizeLabel(chunkSize)}, ${name}`
      const [once, double] = await measureGrowth(title, inputs, [MIB, 2 * MIB], read)
      cells.push((once / MIB).toFixed(3), `${(double / once).toFixed(2)} x`)
    }
    chunkRows.push([sizeLabel(chunkSize), ...cells])
  }
  printTable('Growth, a message of 1 MiB in chunks, fastest rounds', chunkRows)
  await benchSizes()
}

async function benchSizes() {
  const sizes = (quick ? [1, 10] : [1, 10, 100]).map((size) => size * MIB)
  const inputs = sizes.map((size) => cut(makeFrames(size, 1)))
  const times = []
  for (const { name, read } of readers)
    times.push(await measureGrowth(`A message in chunks of 64 KiB, by its size, ${name}`, inputs, sizes, read))
  const cells = (at) => times.map((each) => (each[at] / sizes[at]).toFixed(3))
  const rows = sizes.map((size, at) => [sizeLabel(size), ...cells(at)])
  printTable('Growth, a message in chunks of 64 KiB, ns a byte, fastest rounds', [
    ['message', ...readers.map(({ name }) => name)],
    ...rows,
  ])
}

/** The contenders are sizes of the same message: a time for each. */
function measureGrowth(title, inputs, sizes, read) {
  const contenders = inputs.map((chunks, index) => ({ name: sizeLabel(sizes[index]), chunks }))
  const run = ({ chunks }) => time(() => readOnce(read, chunks))
  return measure(title, contenders, run, { per: sizes, pick: fastest, rounds: ROUNDS })
}

function readOnce(read, chunks) {
  const tally = new Tally(false)
  read(chunks, tally)
  if (tally.messages !== 1) throw new Error(`${tally.messages} messages came out of one`)
}
