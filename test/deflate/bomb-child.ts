/**
 * A child process that decompresses a bomb, in pieces of each given size and with each given limit, and prints the memory used: one
 * line of JSON for each. Bundled and started by `bomb.test.ts`.
 *
 * Memory is measured twice. First the bytes of arrays, as the runtime counts them, whenever an array is created and whenever output
 * is returned: nearly all memory here is arrays, so short-lived ones are counted, too. Garbage of earlier calls is collected first;
 * that of the call itself counts. Second the peak resident memory, as the kernel counts it (Linux), which includes a library's own
 * memory, but also compiled code and garbage, so it allows only a wide margin.
 *
 * @module
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { pako } from '../../src/codec/pako.ts'
import { zlib } from '../../src/codec/zlib.ts'
import { deflateTransform } from '../../src/deflate/extension.ts'
import { ProtocolError } from '../../src/errors.ts'

/** The result for one bomb. */
export interface Blast {
  readonly remaining: number
  readonly pieceSize: number
  readonly error: string
  /** Bytes of output before it was refused, and bytes read. */
  readonly inflated: number
  readonly read: number
  /** The peak number of bytes. */
  readonly arrays: number
  readonly resident: number | undefined
}

const MIB = 2 ** 20
const params = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
}
const [, , codecName, path = '', ...limits] = process.argv
const codec = codecName === 'pako' ? pako : zlib
const bomb = new Uint8Array(readFileSync(path))
const collect = (globalThis as { gc?: () => void }).gc ?? (() => {})

let peak = 0
const note = (): void => {
  peak = Math.max(peak, process.memoryUsage().arrayBuffers)
}

const plain = Uint8Array
const noting = new Proxy(Uint8Array, {
  construct(target, args, newTarget) {
    const made: object = Reflect.construct(target, args, newTarget)
    note()
    return made
  },
})

/** Starts measuring peak resident memory; the result returns the increase since. `undefined`: unknown. */
function countResident(): () => number | undefined {
  try {
    writeFileSync('/proc/self/clear_refs', '5')
    const before = mostResident()
    return () => mostResident() - before
  } catch {
    return () => undefined
  }
}

function mostResident(): number {
  return 1024 * Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
}

function explode(remaining: number, pieceSize: number): Blast {
  const transform = deflateTransform(params, 'server', codec)
  collect()
  const before = process.memoryUsage().arrayBuffers
  peak = before
  const resident = countResident()
  let [inflated, read] = [0, 0]
  let protocolError = 'none'
  try {
    while (read < bomb.length) {
      const piece = bomb.subarray(read, read + pieceSize)
      const [first, last] = [read === 0, read + pieceSize >= bomb.length]
      read += piece.length
      // Only for some of the pieces of one byte: a collection takes a millisecond.
      const watched = pieceSize > 1 || read % 251 === 0
      if (watched) collect()
      globalThis.Uint8Array = watched ? noting : plain
      const { length } = transform.decode(piece, {
        opcode: 2,
        first,
        last,
        remaining: remaining - inflated,
        wanted: Infinity,
      })
      if (watched) note()
      inflated += length
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    protocolError = `${error.code} ${error.closeCode} ${error.reference}`
  }
  const blast = {
    remaining,
    pieceSize,
    error: protocolError,
    inflated,
    read,
    arrays: peak - before,
    resident: resident(),
  }
  transform.close?.()
  return blast
}

// A first run, for everything that is allocated and compiled on first use.
for (const pieceSize of [1, 1024, bomb.length]) explode(2 * MIB, pieceSize)
for (const remaining of limits.map(Number))
  for (const pieceSize of [1, 1024, bomb.length]) console.log(JSON.stringify(explode(remaining, pieceSize)))
