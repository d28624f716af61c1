/**
 * Parses raw DEFLATE (RFC 1951) to report what a compressor did: which blocks it wrote and how far back it referred. Written from
 * the RFC, independent of any library.
 *
 * @module
 */

/** The result for a series of blocks. */
export interface DeflateReport {
  /** By type: stored, fixed codes, dynamic codes. */
  readonly blocks: { readonly stored: number; readonly fixed: number; readonly dynamic: number }
  readonly literals: number
  readonly matches: number
  /** The largest distance of a reference; 0: there is none. */
  readonly largestDistance: number
  /** Bytes of output. */
  readonly outputSize: number
  /** Whether there is a final block; what follows it is not read. */
  readonly final: boolean
  /** Bytes of the input that were read. */
  readonly consumed: number
}

interface Counts {
  stored: number
  fixed: number
  dynamic: number
  literals: number
  matches: number
  largestDistance: number
  outputSize: number
}

/** How many codes have each length, and the symbols by code. */
interface Code {
  readonly counts: readonly number[]
  readonly symbols: readonly number[]
}

/**
 * Parses all blocks. A reference may reach back before the start.
 *
 * @throws Error for invalid DEFLATE, or an end inside a block.
 */
export function readDeflate(bytes: Uint8Array): DeflateReport {
  const bits = new Bits(bytes)
  const counts = { stored: 0, fixed: 0, dynamic: 0, literals: 0, matches: 0, largestDistance: 0, outputSize: 0 }
  let final = false
  while (!final && bits.byte < bytes.length) {
    final = bits.take(1) === 1
    readBlock(bits, bits.take(2), counts)
  }
  const { stored, fixed, dynamic, ...rest } = counts
  return { blocks: { stored, fixed, dynamic }, ...rest, final, consumed: bits.byte }
}

function readBlock(bits: Bits, type: number, counts: Counts): void {
  if (type === 0) {
    counts.stored++
    bits.align()
    const size = bits.take(16)
    if ((bits.take(16) ^ 0xffff) !== size) throw new Error('the lengths of a stored block differ')
    counts.outputSize += size
    bits.skip(size)
  } else if (type === 1) {
    counts.fixed++
    readSymbols(bits, fixedLiterals(), codeOf(new Array<number>(30).fill(5)), counts)
  } else if (type === 2) {
    counts.dynamic++
    const [literals, distances] = readCodes(bits)
    readSymbols(bits, literals, distances, counts)
  } else throw new Error('there is no block of type 3')
}

function fixedLiterals(): Code {
  return codeOf(Array.from({ length: 288 }, (_, at) => (at < 144 ? 8 : at < 256 ? 9 : at < 280 ? 7 : 8)))
}

const codeLengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

function readCodes(bits: Bits): [literals: Code, distances: Code] {
  const literals = bits.take(5) + 257
  const distances = bits.take(5) + 1
  const lengthCodes = bits.take(4) + 4
  const codeLengths = new Array<number>(19).fill(0)
  for (const symbol of codeLengthOrder.slice(0, lengthCodes)) codeLengths[symbol] = bits.take(3)
  const code = codeOf(codeLengths)
  const lengths: number[] = []
  while (lengths.length < literals + distances) {
    const symbol = bits.symbol(code)
    if (symbol < 16) lengths.push(symbol)
    else if (symbol === 16) lengths.push(...new Array<number>(3 + bits.take(2)).fill(lengths.at(-1) ?? 0))
    else lengths.push(...new Array<number>(symbol === 17 ? 3 + bits.take(3) : 11 + bits.take(7)).fill(0))
  }
  return [codeOf(lengths.slice(0, literals)), codeOf(lengths.slice(literals))]
}

function readSymbols(bits: Bits, literals: Code, distances: Code, counts: Counts): void {
  for (;;) {
    const symbol = bits.symbol(literals)
    if (symbol === 256) return
    if (symbol < 256) {
      counts.literals++
      counts.outputSize++
    } else {
      counts.matches++
      counts.outputSize += readLength(bits, symbol - 257)
      counts.largestDistance = Math.max(counts.largestDistance, readDistance(bits, bits.symbol(distances)))
    }
  }
}

/** RFC 1951 §3.2.5: four codes for each number of extra bits, from the eighth on; the last is 258 alone. */
function readLength(bits: Bits, code: number): number {
  if (code < 8) return 3 + code
  if (code === 28) return 258
  const extra = (code >> 2) - 1
  return 3 + ((4 + (code & 3)) << extra) + bits.take(extra)
}

/** The same with two codes for each number of extra bits. */
function readDistance(bits: Bits, code: number): number {
  if (code < 4) return 1 + code
  const extra = (code >> 1) - 1
  return 1 + ((2 + (code & 1)) << extra) + bits.take(extra)
}

function codeOf(lengths: readonly number[]): Code {
  const counts = new Array<number>(16).fill(0)
  for (const length of lengths) counts[length] = (counts[length] ?? 0) + 1
  counts[0] = 0
  const used = lengths.map((length, symbol) => ({ length, symbol })).filter(({ length }) => length > 0)
  return {
    counts,
    symbols: used.sort((a, b) => a.length - b.length || a.symbol - b.symbol).map(({ symbol }) => symbol),
  }
}

class Bits {
  private readonly bytes: Uint8Array
  private at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** Bytes started. */
  get byte(): number {
    return Math.ceil(this.at / 8)
  }

  take(count: number): number {
    let value = 0
    for (let index = 0; index < count; index++) value |= this.bit() << index
    return value
  }

  align(): void {
    this.at = this.byte * 8
  }

  skip(bytes: number): void {
    this.at += 8 * bytes
    if (this.byte > this.bytes.length) throw new Error('a stored block is cut short')
  }

  /** Codes of one length are consecutive numbers, most significant bit first (RFC 1951 §3.2.2). */
  symbol({ counts, symbols }: Code): number {
    let code = 0
    let first = 0
    let index = 0
    for (const count of counts.slice(1)) {
      code |= this.bit()
      if (code - first < count) return symbols[index + code - first] ?? 0
      index += count
      first = (first + count) << 1
      code <<= 1
    }
    throw new Error('there is no such code')
  }

  private bit(): number {
    const byte = this.bytes[this.at >> 3]
    if (byte === undefined) throw new Error('a block is cut short')
    return (byte >> (this.at++ & 7)) & 1
  }
}
