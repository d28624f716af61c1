/**
 * Lone surrogates in outgoing text: halves of a character that UTF-8 cannot express (RFC 3629 §3).
 *
 * @module
 */

import { describeValue } from '../arguments.ts'

/**
 * What to do with a lone surrogate in a string to be sent: `'replace'` sends U+FFFD instead, as `TextEncoder` does; `'error'`
 * throws a TypeError that names its index.
 */
export type LoneSurrogates = 'replace' | 'error'

/** Whether strings must be scanned. Throws TypeError for an invalid option. */
export function refusesLoneSurrogates(option: LoneSurrogates | undefined): boolean {
  if (option === undefined || option === 'replace') return false
  if (option === 'error') return true
  throw new TypeError(`loneSurrogates must be 'replace' or 'error', not ${describeValue(option)}`)
}

/** Throws TypeError for a text with a lone surrogate. Linear; by hand, because `isWellFormed` is ES2024. */
export function requireWellFormed(text: string): void {
  const index = findLoneSurrogate(text)
  if (index < 0) return
  const unit = text.charCodeAt(index).toString(16)
  throw new TypeError(`a text with a lone surrogate, \\u${unit}, at index ${index}; UTF-8 has no bytes for it`)
}

/** The index of the first lone surrogate; -1: there is none. */
function findLoneSurrogate(text: string): number {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0xd800 || unit > 0xdfff) continue
    // A pair is a high half and then a low one. `NaN`, past the end, is neither.
    if (unit > 0xdbff || (text.charCodeAt(i + 1) & 0xfc00) !== 0xdc00) return i
    i++
  }
  return -1
}
