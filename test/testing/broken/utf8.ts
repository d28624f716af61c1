/** UTF-8, byte by byte (RFC 3629 §4). */

import type { Faults } from './faults.ts'

/** A check that goes on over any number of pieces. */
export class Utf8Check {
  readonly #faults: Faults
  /** Bytes that the character still needs. */
  #need = 0
  /** The range of the next one. */
  #low = 0x80
  #high = 0xbf

  constructor(faults: Faults) {
    this.#faults = faults
  }

  /** Whether no character has been begun. */
  get complete(): boolean {
    return this.#need === 0
  }

  /** False: a byte is wrong. */
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
    const faults = this.#faults
    if (byte < 0x80) return true
    if (byte < 0xc0) return faults.has('utf8-lone-continuation')
    if (byte < 0xc2 && !faults.has('utf8-overlong')) return false
    if (byte >= 0xf5 && !(byte < 0xf8 && faults.has('utf8-beyond-unicode')) && !this.#isOldForm(byte)) return false
    this.#need = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : byte < 0xf8 ? 3 : byte < 0xfc ? 4 : 5
    if (byte === 0xe0 && !faults.has('utf8-overlong')) this.#low = 0xa0
    if (byte === 0xf0 && !faults.has('utf8-overlong')) this.#low = 0x90
    if (byte === 0xed && !faults.has('utf8-surrogates')) this.#high = 0x9f
    if (byte === 0xf4 && !faults.has('utf8-beyond-unicode')) this.#high = 0x8f
    return true
  }

  /** Forms of five and six bytes, as in RFC 2279. */
  #isOldForm(byte: number): boolean {
    return byte >= 0xf8 && byte < 0xfe && this.#faults.has('utf8-long-forms')
  }
}
