/**
 * Compares masking in place: ours, the JavaScript of ws, its native addon, and a plain copy of the same bytes, the limit set by
 * memory. First checks that all give the same bytes.
 */

import { deepStrictEqual } from 'node:assert'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { applyMask } from '../dist/frame/index.js'
import { unmaskNative } from './contenders.mjs'
import { makeFrames } from './input.mjs'
import { measure, number, printTable, ratios, ratioTitles, repeat, sizeLabel, time, timesToFill } from './rounds.mjs'

const key = Buffer.from([0x37, 0xfa, 0x21, 0x3d])

/** The loop of ws, from its own file, because newer runtimes replace it by a native function even without the addon. */
function readUnmask() {
  const path = createRequire(import.meta.url)
    .resolve('ws-alone')
    .replace(/index\.js$/, 'lib/buffer-util.js')
  const [source] = /^function _unmask\(buffer, mask\) \{\n[\s\S]*?^\}/m.exec(readFileSync(path, 'utf8')) ?? []
  if (source === undefined) throw new Error(`${path} has no function _unmask`)
  return new Function(`${source}\nreturn _unmask`)()
}

const unmask = readUnmask()
const target = new Uint8Array(2 ** 20)

const contenders = [
  { name: 'applyMask', ours: true, run: (bytes) => applyMask(bytes, key) },
  { name: 'JavaScript of ws', ours: false, run: (bytes) => unmask(bytes, key) },
  { name: 'bufferutil', ours: false, run: (bytes) => unmaskNative(bytes, key) },
  { name: 'copy', ours: false, copies: true, run: (bytes) => target.set(bytes) },
]

/** The offset of the bytes in their memory: frames begin anywhere, words at multiples of four. */
const cases = [
  { size: 65_536, at: 0 },
  { size: 65_536, at: 3 },
  { size: 2 ** 20, at: 0 },
]

export async function benchMask() {
  const rows = [['', ...contenders.map(({ name }) => `${name}, µs  (GB/s)`), ...ratioTitles(contenders)]]
  for (const { size, at } of cases) {
    const bytes = Buffer.from(makeFrames(size, 1).slice(0, at + size).buffer, at)
    prove(bytes)
    const times = timesToFill(contenders, ({ run }) => run(bytes))
    const round = ({ run }) => time(() => repeat(times, () => run(bytes)))
    const medians = await measure(`Masking, ${sizeLabel(size)} from ${at} on`, contenders, round, { per: times })
    const cells = medians.map((each) => `${number(each / times / 1000)}  (${number((size * times) / each)})`)
    rows.push([`${sizeLabel(size)} from ${at} on`, ...cells, ...ratios(contenders, medians)])
  }
  printTable('Masking', rows)
}

function prove(bytes) {
  const [expected, ...others] = contenders.map(({ run, copies }) => {
    const copy = Buffer.from(bytes)
    run(copy)
    return copies ? undefined : copy
  })
  for (const other of others) if (other !== undefined) deepStrictEqual(other.equals(expected), true)
}
