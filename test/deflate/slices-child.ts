/**
 * A child process that inflates a bomb of a given size slice by slice, and prints the peak number of bytes in arrays. Bundled and
 * started by `slices.test.ts`.
 *
 * @module
 */

import zlibOfNode from 'node:zlib'
import { pako } from '../../src/codec/pako.ts'
import { zlib } from '../../src/codec/zlib.ts'
import { deflateTransform } from '../../src/deflate/extension.ts'

/** The result for one bomb. */
export interface SlicedBomb {
  readonly name: string
  readonly inflated: number
  /** The largest slice. */
  readonly largest: number
  /** The peak number of bytes in arrays, without those that existed before. */
  readonly peak: number
}

const collect = (globalThis as { gc?: () => void }).gc ?? (() => {})
const flush = zlibOfNode.constants.Z_SYNC_FLUSH
const params = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
}

/** Each compressed mebibyte is the same, because the window holds zeros. */
function makeBomb(): Uint8Array {
  const stream = zlibOfNode.deflateRawSync(new Uint8Array(2 ** 20), { finishFlush: flush })
  const bomb = Buffer.alloc(Number(process.argv[2]) * stream.length)
  for (let at = 0; at < bomb.length; at += stream.length) stream.copy(bomb, at)
  return bomb.subarray(0, -4)
}

function read(name: string, codec: typeof pako, bomb: Uint8Array): SlicedBomb {
  const transform = deflateTransform(params, 'server', codec)
  const wanted = 65_536
  collect()
  const before = process.memoryUsage().arrayBuffers
  let [inflated, largest, peak, calls] = [0, 0, 0, 0]
  let piece = bomb
  do {
    const info = { opcode: 2, first: piece === bomb, last: true, remaining: Infinity, wanted }
    const { length } = transform.decode(piece, info)
    inflated += length
    largest = Math.max(largest, length)
    peak = Math.max(peak, process.memoryUsage().arrayBuffers - before)
    // Garbage of earlier calls must not count.
    if (++calls % 16 === 0) collect()
    piece = new Uint8Array(0)
  } while (transform.hasMore?.())
  transform.close?.()
  return { name, inflated, largest, peak }
}

const bomb = makeBomb()
for (const codec of [pako, zlib]) console.log(JSON.stringify(read(codec.name, codec, bomb)))
