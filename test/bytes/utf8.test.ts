import { describe, expect, it } from 'vitest'
import {
  decodeStrictly,
  decodeText,
  scanUtf8,
  UTF8_START,
  Utf8Validator,
  utf8Length,
  writeUtf8,
} from '../../src/bytes/utf8.ts'

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function isUtf8(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes)
    return true
  } catch {
    return false
  }
}

/** Whether `bytes` is a prefix of valid UTF-8. */
function isBeginning(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes, { stream: true })
    strict.decode(bytes) // ends the stream, throws if inside a character
    return true
  } catch {
    strict.decode(new Uint8Array(0), { stream: false })
  }
  const tails = [
    [0x80],
    [0x90],
    [0xa0],
    [0x80, 0x80],
    [0x90, 0x80],
    [0xa0, 0x80],
    [0x80, 0x80, 0x80],
    [0x90, 0x80, 0x80],
  ]
  return tails.some((tail) => isUtf8(Uint8Array.of(...bytes, ...tail)))
}

/** The plain method: the first byte that makes the prefix invalid. */
function badOffsetOf(bytes: Uint8Array): number | undefined {
  for (let size = 1; size <= bytes.length; size++) if (!isBeginning(bytes.subarray(0, size))) return size - 1
  return isUtf8(bytes) ? undefined : bytes.length
}

function randomSource(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

describe('Utf8Validator', () => {
  it('agrees with TextDecoder on every sequence of one, two and three bytes', () => {
    // Only the class of a third byte matters; these include the borders of all classes.
    const thirds = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xe0, 0xed, 0xf0, 0xf4, 0xff]
    const sequences = [Array.from({ length: 256 }, (_, i) => [i])]
    for (let pair = 0; pair < 65536; pair++) {
      const two = [pair >> 8, pair & 255]
      sequences.push([two, ...thirds.map((third) => [...two, third])])
    }
    // Not the strict decoder: an exception for each of a million sequences is slow.
    const lenient = new TextDecoder('utf-8')
    const disagreements = sequences.flat().filter((sequence) => {
      const bytes = Uint8Array.from(sequence)
      const good = !lenient.decode(bytes).includes('\ufffd') || sequence.join() === '239,191,189'
      return (scanUtf8(bytes, 0, bytes.length, UTF8_START) === UTF8_START) !== good
    })
    expect(disagreements).toEqual([])
  })

  it('follows Unicode Table 3-7', () => {
    const table = {
      'c0 80': false, // overlong
      'c1 bf': false,
      'c2 80': true,
      'e0 9f bf': false, // overlong
      'e0 a0 80': true,
      'ed 9f bf': true,
      'ed a0 80': false, // a surrogate
      'ee 80 80': true,
      'f0 8f bf bf': false, // overlong
      'f0 90 80 80': true,
      'f4 8f bf bf': true, // U+10FFFF
      'f4 90 80 80': false,
      'f5 80 80 80': false,
      'ef bb bf': true, // a BOM is a character
    }
    for (const [text, valid] of Object.entries(table)) {
      const validator = new Utf8Validator()
      validator.push(Uint8Array.from(text.split(' '), (digits) => Number.parseInt(digits, 16)))
      expect(`${text} ${validator.end()}`).toBe(`${text} ${valid}`)
    }
  })

  it('fails at the exact byte, however the text is split', () => {
    const random = randomSource(6455)
    const alphabet = [
      0x00, 0x41, 0x7f, 0x80, 0x9f, 0xa0, 0xbf, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5,
    ]
    const texts = ['a', 'é', '€', '😀', '\ud7ff', '\u{10ffff}'].map((text) => new TextEncoder().encode(text))
    for (let run = 0; run < 4000; run++) {
      const parts: number[] = []
      const length = random() * 12
      while (parts.length < length) {
        if (random() < 0.7) parts.push(...(texts[Math.floor(random() * texts.length)] as Uint8Array))
        else parts.push(alphabet[Math.floor(random() * alphabet.length)] as number)
      }
      const bytes = Uint8Array.from(parts)
      const validator = new Utf8Validator()
      for (let at = 0; at < bytes.length; ) {
        const end = at + 1 + Math.floor(random() * 4)
        validator.push(bytes.subarray(at, end))
        at = end
      }
      const expected = badOffsetOf(bytes)
      expect([validator.end(), validator.badOffset, parts]).toEqual([expected === undefined, expected, parts])
    }
  })

  it('finds a bad byte at every position in a long text', () => {
    for (let size = 0; size < 70; size++) {
      for (let place = 0; place < size; place++) {
        const bytes = new Uint8Array(size).fill(0x61)
        bytes[place] = 0xff
        expect(scanUtf8(bytes, 0, size, UTF8_START)).toBe(-1 - place)
      }
    }
  })

  it('finds a bad byte after hundreds of ASCII bytes, at every position and alignment', () => {
    const buffer = new ArrayBuffer(1400)
    for (let alignment = 0; alignment < 8; alignment++) {
      const bytes = new Uint8Array(buffer, alignment, 1300).fill(0x61)
      expect(scanUtf8(bytes, 0, 1300, UTF8_START)).toBe(UTF8_START)
      for (let place = 200; place < 1300; place++) {
        for (const bad of [0x80, 0xff]) {
          bytes[place] = bad
          expect(scanUtf8(bytes, 0, 1300, UTF8_START)).toBe(-1 - place)
        }
        bytes[place] = 0x61
      }
    }
  })

  it('agrees with TextDecoder on long texts with few non-ASCII characters', () => {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    for (const gap of [30, 64, 255, 256, 257, 300, 600])
      for (const character of ['é', '世', '👋', '\u00ad']) {
        const text = `${'x'.repeat(gap)}${character}`.repeat(Math.ceil(3000 / gap))
        const bytes = new TextEncoder().encode(text)
        expect(scanUtf8(bytes, 0, bytes.length, UTF8_START)).toBe(UTF8_START)
        expect(decodeStrictly(bytes, 0, bytes.length)).toBe(decoder.decode(bytes))
        bytes[bytes.length - 2] = 0x28
        expect(scanUtf8(bytes, 0, bytes.length, UTF8_START) < 0).toBe(true)
        expect(decodeStrictly(bytes, 0, bytes.length)).toBeUndefined()
      }
  })

  it('stays failed', () => {
    const validator = new Utf8Validator()
    expect(validator.push(Uint8Array.of(0x61, 0xff))).toBe(false)
    expect(validator.push(Uint8Array.of(0x61))).toBe(false)
    expect(validator.end()).toBe(false)
    expect(validator.badOffset).toBe(1)
  })

  it('reports an incomplete character at the end of the text', () => {
    const validator = new Utf8Validator()
    expect(validator.push(Uint8Array.of(0x61, 0xe2, 0x82))).toBe(true)
    expect(validator.badOffset).toBe(undefined)
    expect(validator.end()).toBe(false)
    expect(validator.badOffset).toBe(3)
  })

  it('accepts an empty input', () => {
    expect(new Utf8Validator().end()).toBe(true)
  })
})

describe('decodeText, utf8Length and writeUtf8', () => {
  const texts = ['', 'a', 'Hello', '\ufeffBOM', 'é€😀', 'x'.repeat(16), 'x'.repeat(17), 'x'.repeat(64), 'x'.repeat(200)]
  for (const text of [...texts, `${'x'.repeat(15)}é`, `${'y'.repeat(63)}😀`, '\u0000\u007f\u0080\u07ff\u0800\uffff']) {
    it(`agree on ${JSON.stringify(text).slice(0, 30)} (${text.length})`, () => {
      const bytes = new TextEncoder().encode(text)
      expect(utf8Length(text)).toBe(bytes.length)
      const target = new Uint8Array(bytes.length + 2)
      expect(writeUtf8(text, target, 1)).toBe(1 + bytes.length)
      expect(target).toEqual(Uint8Array.of(0, ...bytes, 0))
      expect(decodeText(target, 1, 1 + bytes.length)).toBe(text)
      expect(decodeText(bytes, 0, bytes.length)).toBe(text)
    })
  }
  it('count and write a lone surrogate as U+FFFD', () => {
    for (const text of ['\ud800', 'a\udc00b', '\ud800\ud800\udc00', '\udc00\ud800', '😀\ud83d']) {
      const bytes = new TextEncoder().encode(text)
      expect(utf8Length(text)).toBe(bytes.length)
      const target = new Uint8Array(bytes.length)
      expect(writeUtf8(text, target, 0)).toBe(bytes.length)
      expect(target).toEqual(bytes)
    }
  })
})
