/**
 * Compares validation of UTF-8: our validator, a fatal TextDecoder, which also creates a string, and Node's own `isUtf8`, which is
 * written in C++. First checks that all agree on valid and invalid text.
 */

import { isUtf8 } from 'node:buffer'
import { native } from '../dist/adapters/node/index.js'
import { Utf8Validator } from '../dist/frame/index.js'
import { makeText } from './input.mjs'
import { measure, number, printTable, ratios, ratioTitles, repeat, sizeLabel, time, timesToFill } from './rounds.mjs'

const fatal = new TextDecoder('utf-8', { fatal: true })

const contenders = [
  { name: 'Utf8Validator', ours: true, judge: (bytes) => validate(bytes) },
  { name: 'Utf8Validator, native', ours: true, judge: (bytes) => validate(bytes, { native }) },
  { name: 'fatal TextDecoder', ours: false, judge: decode },
  { name: 'buffer.isUtf8', ours: false, judge: isUtf8 },
]

function validate(bytes, options) {
  const validator = new Utf8Validator(options)
  return validator.push(bytes) && validator.end()
}

function decode(bytes) {
  try {
    return fatal.decode(bytes).length > 0
  } catch {
    return false
  }
}

export async function benchUtf8() {
  const rows = [['', ...contenders.map(({ name }) => `${name}, ns  (GB/s)`), ...ratioTitles(contenders)]]
  for (const kind of ['ascii', 'multi-byte'])
    for (const size of [64, 1024, 65_536]) {
      const bytes = makeText(size, kind)
      prove(bytes)
      const times = timesToFill(contenders, ({ judge }) => judge(bytes))
      const run = ({ judge }) => time(() => repeat(times, () => judge(bytes)))
      const medians = await measure(`UTF-8 judged, ${kind}, ${sizeLabel(size)}`, contenders, run, { per: times })
      const cells = medians.map((each) => `${number(each / times)}  (${((size * times) / each).toFixed(2)})`)
      rows.push([`${kind}, ${sizeLabel(size)}`, ...cells, ...ratios(contenders, medians)])
    }
  printTable('UTF-8, judged', rows)
}

/** Valid text; the same with a byte that is never valid at the start, in the middle and at the end. */
function prove(bytes) {
  for (const { name, judge } of contenders) {
    const bad = [0, bytes.length >> 1, bytes.length - 1].map((at) => {
      const copy = Buffer.from(bytes)
      copy[at] = 0xff
      return judge(copy)
    })
    if (!judge(bytes) || bad.includes(true)) throw new Error(`${name} judges wrongly`)
  }
}
