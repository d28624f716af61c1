/**
 * Compares our decoder with wslay, a C library, in a program that this bench builds if gcc and the library are installed. wslay
 * unmasks every payload; ours is measured without that, with payloads unmasked in place, and with views of them. First checks that
 * all see the same frames.
 */

import { deepStrictEqual } from 'node:assert'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { FrameDecoder } from '../dist/index.js'
import { limits, Tally, walker } from './contenders.mjs'
import { CHUNK_SIZE, copyChunks, cut, makeFrames } from './input.mjs'
import { measure, number, printTable, quick, ratios, ratioTitles, sizeLabel, time } from './rounds.mjs'

/** Payload bytes per round. */
const ROUND_SIZE = (quick ? 2 : 8) * 2 ** 20
const MAX_FRAMES = quick ? 40_000 : 120_000

/** Pieces, as wslay returns them. */
function inPlace(tally) {
  const decoder = new FrameDecoder({ role: 'server', pieces: true, ownsChunks: true, limits })
  return (chunks) => {
    for (const chunk of chunks) {
      decoder.push(chunk)
      while (decoder.next()) {
        decoder.unmask()
        if (tally.summing) tally.take(decoder.bytes.subarray(decoder.start, decoder.end))
        else {
          tally.messages++
          tally.bytes += decoder.end - decoder.start
        }
        if (!decoder.last) tally.messages--
      }
    }
  }
}

function views(tally) {
  const decoder = new FrameDecoder({ role: 'server', pieces: true, ownsChunks: true, limits })
  return (chunks) => {
    for (const chunk of chunks) {
      decoder.push(chunk)
      while (decoder.next()) {
        tally.take(decoder.payload())
        if (!decoder.last) tally.messages--
      }
    }
  }
}

export async function benchWslay() {
  const folder = mkdtempSync(join(tmpdir(), 'wslay-'))
  try {
    const program = join(folder, 'wslay')
    const missing = build(program)
    if (missing === undefined) await bench(program, join(folder, 'frames'))
    else console.log(`Beside wslay: skipped, ${missing}\n`)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** What is missing for the build; `undefined` once it is built. */
function build(program) {
  const source = fileURLToPath(new URL('wslay.c', import.meta.url))
  const { error, status, stderr } = spawnSync('gcc', ['-O2', '-o', program, source, '-lwslay'], { encoding: 'utf8' })
  if (error !== undefined) return `no gcc (${error.message})`
  return status === 0 ? undefined : `not built (apt-get install libwslay-dev): ${stderr.split('\n')[0]}`
}

async function bench(program, path) {
  const rows = []
  for (const size of [20, 125, 1024, 16_384]) {
    const frames = Math.min(MAX_FRAMES, Math.round(ROUND_SIZE / size))
    const bytes = makeFrames(size, frames)
    writeFileSync(path, bytes)
    const wslay = startWslay(program, path)
    const contenders = [
      { name: 'walk', ours: true, walk: ours(walker, cut(bytes)) },
      { name: 'in place', ours: true, walk: ours(inPlace, cut(bytes)) },
      { name: 'views', ours: true, walk: ours(views, cut(bytes)) },
      { name: 'wslay', ours: false, walk: wslay.walk },
    ]
    rows[0] ??= ['payload', ...contenders.map(({ name }) => `${name}, ns`), ...ratioTitles(contenders)]
    await prove(contenders, frames, size)
    const run = async ({ walk }) => (await walk(false)).elapsed
    const medians = await measure(`Beside wslay, ${sizeLabel(size)}`, contenders, run, { per: frames })
    wslay.stop()
    rows.push([sizeLabel(size), ...medians.map((each) => number(each / frames)), ...ratios(contenders, medians)])
  }
  printTable('Beside wslay: ns a frame, and how many times as fast', rows)
}

function ours(make, chunks) {
  return (summing) => {
    const tally = new Tally(summing)
    const feed = make(tally)
    const input = copyChunks(chunks)
    const elapsed = time(() => feed(input))
    return { elapsed, frames: tally.messages, bytes: tally.bytes, sum: tally.sum }
  }
}

/** It walks once for each line of input, and prints a checksum the first time. */
function startWslay(program, path) {
  const child = spawn(program, [path, String(CHUNK_SIZE)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const walk = async () => {
    child.stdin.write('\n')
    const { value, done } = await lines.next()
    if (done) throw new Error('wslay has refused the frames')
    const [elapsed, frames, bytes, sum] = value.split(' ').map(Number)
    return { elapsed, frames, bytes, sum }
  }
  return { walk, stop: () => child.stdin.end() }
}

/** The same frames for all, and the same bytes for those that read them. */
async function prove([cursor, ...others], frames, size) {
  const expected = await others.pop().walk(true)
  deepStrictEqual([expected.frames, expected.bytes], [frames, frames * size])
  const walked = await cursor.walk(true)
  deepStrictEqual([walked.frames, walked.bytes], [frames, frames * size])
  for (const { walk } of others) {
    const seen = await walk(true)
    deepStrictEqual([seen.frames, seen.bytes, seen.sum], [frames, frames * size, expected.sum])
  }
}
