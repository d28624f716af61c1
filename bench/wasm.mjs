/**
 * Whether WebAssembly would pay for masking: a SIMD loop in its own memory, with the copies in and out that it needs, beside
 * `applyMask`. It cannot be used in any case where a page's content policy has no `wasm-unsafe-eval`, nor in workerd, which compiles no
 * module at run time. First checks that both give the same bytes.
 */

import { deepStrictEqual } from 'node:assert'
import { applyMask } from '../dist/frame/index.js'
import { measure, number, printTable, repeat, sizeLabel, time, timesToFill } from './rounds.mjs'

/** Bytes that are copied in, masked and copied out at a time: they stay in the first cache. */
const BLOCK = 16_384

// biome-ignore format: a line for each part.
const binary = Uint8Array.of(
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, // the module
  0x01, 0x07, 0x01, 0x60, 0x03, 0x7f, 0x7f, 0x7f, 0x00, // a function of three i32: start, end, key
  0x03, 0x02, 0x01, 0x00,
  0x05, 0x03, 0x01, 0x00, 0x01, // one page of memory
  0x07, 0x09, 0x02, 0x01, 0x6d, 0x02, 0x00, 0x01, 0x78, 0x00, 0x00, // exported as m and x
  0x0a, 0x2d, 0x01, 0x2b, 0x01, 0x01, 0x7b, // its code, with a local v128
  0x20, 0x02, 0xfd, 0x11, 0x21, 0x03, // the key in all four lanes
  0x03, 0x40, 0x20, 0x00, 0x20, 0x00, 0xfd, 0x00, 0x00, 0x00, 0x20, 0x03, 0xfd, 0x51, 0xfd, 0x0b, 0x00, 0x00, // loop: XOR 16 bytes
  0x20, 0x00, 0x41, 0x10, 0x6a, 0x21, 0x00, 0x20, 0x00, 0x20, 0x01, 0x49, 0x0d, 0x00, 0x0b, 0x0b, // and continue until the end
)

const key = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d)

function maskByWasm({ m, x }) {
  const memory = new Uint8Array(m.buffer, 0, BLOCK)
  const word = new Int32Array(key.buffer)[0]
  return (bytes) => {
    for (let at = 0; at < bytes.length; at += BLOCK) {
      const block = bytes.subarray(at, at + BLOCK)
      memory.set(block)
      x(0, block.length, word)
      bytes.set(block.length === BLOCK ? memory : memory.subarray(0, block.length), at)
    }
  }
}

export async function benchWasm() {
  const { instance } = await WebAssembly.instantiate(binary)
  const contenders = [
    { name: 'applyMask', ours: true, mask: (bytes) => applyMask(bytes, key) },
    { name: 'WebAssembly', ours: false, mask: maskByWasm(instance.exports) },
  ]
  const rows = [['', ...contenders.map(({ name }) => `${name}, ns`), 'applyMask : WebAssembly']]
  for (const size of [1024, 16_384, 65_536, 2 ** 20]) {
    const proofs = contenders.map(({ mask }) => {
      const bytes = Uint8Array.from({ length: size }, (_, index) => index % 251)
      mask(bytes)
      return Buffer.from(bytes).toString('base64')
    })
    deepStrictEqual(proofs[1], proofs[0])
    const bytes = new Uint8Array(size)
    const times = timesToFill(contenders, ({ mask }) => mask(bytes))
    const run = ({ mask }) => time(() => repeat(times, () => mask(bytes) ?? 0))
    const medians = await measure(`Masking by WebAssembly, ${sizeLabel(size)}`, contenders, run, { per: times })
    rows.push([
      sizeLabel(size),
      ...medians.map((each) => number(each / times)),
      `${(medians[1] / medians[0]).toFixed(2)} x`,
    ])
  }
  printTable('Masking by WebAssembly, copied in and out', rows)
}
