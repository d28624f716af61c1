/** UTF-8, byte by byte (RFC 3629 §4). */

import type { Fault, Faults } from './faults.ts'

/** A check that continues over any number of pieces. */
export class Utf8Check {
  readonly #faults: Faults
  /** How many more bytes the character needs. */
  #need = 0
  /** The range of the next byte. */
  #low = 0x80
  #high = 0xbf

  constructor(faults: Faults) {
    this.#faults = faults
  }

  /** Whether no character is unfinished. */
  get complete(): boolean {
    return this.#need === 0
  }

  /** Returns false if a byte is wrong. */
  push(bytes: Uint8Array): boolean {
    const faults = this.#faults
    let size = bytes.length
    if (faults.has('utf8-tail-unchecked')) size -= size % 8
    if (faults.has('utf8-first-bytes-only')) size = Math.min(size, 32)
    for (let i = 0; i < size; i++) if (!this.#pushByte(bytes[i] as number)) return false
    return true
  }

  #pushByte(byte: number): boolean {
    if (this.#need === 0) return this.#begin(byte)
    if (byte < this.#low || byte > this.#high) return false
    this.#need--
    this.#low = 0x80
    this.#high = 0xbf
    return true
  }

  #begin(byte: number): boolean {
    if (byte < 0x80) return true
    if (byte < 0xc0) return this.#faults.has('utf8-lone-continuation')
    if (!this.#isLead(byte)) return false
    this.#need = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : byte < 0xf8 ? 3 : byte < 0xfc ? 4 : 5
    const [low, high] = this.#rangeAfter(byte)
    this.#low = low ?? 0x80
    this.#high = high ?? 0xbf
    return true
  }

  #rangeAfter(lead: number): readonly number[] {
    const exception = exceptions.get(lead)
    return exception === undefined || this.#faults.has(exception.fault) ? [] : exception.range
  }

  #isLead(byte: number): boolean {
    const faults = this.#faults
    if (byte < 0xc2) return faults.has('utf8-overlong')
    if (byte < 0xf5) return true
    // The forms of five and six bytes of RFC 2279.
    return byte < 0xf8 ? faults.has('utf8-beyond-unicode') : byte < 0xfe && faults.has('utf8-long-forms')
  }
}

/** The lead bytes that restrict the next byte, and the fault that removes the restriction. */
const exceptions: ReadonlyMap<number, { readonly range: readonly [low: number, high: number]; readonly fault: Fault }> =
  new Map([
    [0xe0, { range: [0xa0, 0xbf], fault: 'utf8-overlong' }],
    [0xed, { range: [0x80, 0x9f], fault: 'utf8-surrogates' }],
    [0xf0, { range: [0x90, 0xbf], fault: 'utf8-overlong' }],
    [0xf4, { range: [0x80, 0x8f], fault: 'utf8-beyond-unicode' }],
  ])
