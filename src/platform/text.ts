/**
 * Adapter for the platform's UTF-8 codec. Accepts bytes in any memory, and copies them if the platform rejects that memory.
 *
 * @module
 */

import type { Bytes } from '../types.ts'
import { isOrdinary } from './memory.ts'

/** The shapes of the two globals used here. */
declare const TextEncoder: new () => {
  encode(text: string): Bytes
  encodeInto(text: string, target: Uint8Array): { readonly read: number; readonly written: number }
}
declare const TextDecoder: new (
  label: 'utf-8',
  options: { readonly ignoreBOM: boolean; readonly fatal?: boolean },
) => { decode(bytes: Uint8Array): string }

/** Created on first use, so that importing runs nothing. They keep no state between calls. */
let encoder: InstanceType<typeof TextEncoder> | undefined
let decoder: InstanceType<typeof TextDecoder> | undefined
let strictDecoder: InstanceType<typeof TextDecoder> | undefined

/** Encodes `text` as UTF-8 in a new array. A lone surrogate becomes U+FFFD. */
export function encodeUtf8(text: string): Bytes {
  encoder ??= new TextEncoder()
  return encoder.encode(text)
}

/** Writes as much of `text` as fits into `target`, as UTF-8; returns the number of bytes written. */
export function encodeUtf8Into(text: string, target: Uint8Array): number {
  encoder ??= new TextEncoder()
  try {
    return encoder.encodeInto(text, target).written
  } catch (error) {
    if (isOrdinary(target)) throw error
    const copy = new Uint8Array(target.length)
    const { written } = encoder.encodeInto(text, copy)
    target.set(copy.subarray(0, written))
    return written
  }
}

/** Decodes UTF-8. Keeps a leading BOM, which has no meaning in RFC 6455 §5.6; invalid bytes become U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  // `ignoreBOM: true` means "do not treat it as a mark", so it is kept.
  decoder ??= new TextDecoder('utf-8', { ignoreBOM: true })
  return decodeBy(decoder, bytes)
}

function decodeBy(by: InstanceType<typeof TextDecoder>, bytes: Uint8Array): string {
  try {
    return by.decode(bytes)
  } catch (error) {
    if (isOrdinary(bytes)) throw error
    return by.decode(new Uint8Array(bytes))
  }
}

/**
 * Decodes bytes that have not been validated. Returns `undefined` for invalid UTF-8, or for text longer than a string can be. If the
 * text has no U+FFFD, it was valid; otherwise the strict decoder finds out whether the U+FFFD was sent or substituted. This is faster
 * than the strict decoder alone.
 */
export function decodeUtf8Strictly(bytes: Uint8Array): string | undefined {
  try {
    const text = decodeUtf8(bytes)
    if (!text.includes('\ufffd')) return text
    strictDecoder ??= new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })
    return decodeBy(strictDecoder, bytes)
  } catch {
    return undefined
  }
}
