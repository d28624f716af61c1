/**
 * `Sec-WebSocket-Key` and `Sec-WebSocket-Accept`, for both sides. They prove to the client that the server understands WebSocket and
 * does not just echo the request (RFC 6455 §1.3).
 *
 * @module
 */

import { sha1 } from '@noble/hashes/legacy.js'
import { describeType, requireType, wrongAnswer } from '../arguments.ts'
import { base64Value, encodeBase64 } from '../bytes/base64.ts'
import { encodeShortText } from '../bytes/utf8.ts'
import { requestError } from '../errors.ts'
import type { FieldValues } from '../http/field-picker.ts'
import { BASE64, skipClass } from '../http/grammar.ts'
import type { Native } from '../native.ts'
import { type RandomSource, randomBytes } from '../platform/random.ts'
import { field, readSingle } from './fields.ts'

/** 16 bytes encode to 22 base64 characters and two of padding. */
const KEY_LENGTH = 24
const EQUALS = 0x3d

/** The fixed GUID of the WebSocket protocol (RFC 6455 §1.3). */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/**
 * Computes the `Sec-WebSocket-Accept` for a key: base64(SHA-1(key + GUID)) (RFC 6455 §4.2.2 item 5.4). Hashes the key as text, without
 * decoding it.
 *
 * @throws TypeError if `key` is not a string.
 *
 * @example
 * computeAccept('dGhlIHNhbXBsZSBub25jZQ==') // 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
 *
 * @category Opening handshake
 */
export function computeAccept(key: string): string {
  requireType(key, 'string', '`key`')
  return answerKey(key, undefined)
}

/** Computes the accept with the caller's hash, if there is one. A wrong hash only makes the caller's own handshakes fail. */
export function answerKey(key: string, hash: Native['sha1']): string {
  const text = key + GUID
  if (hash === undefined) return encodeBase64(sha1(encodeShortText(text)))
  let answer: unknown
  try {
    answer = hash(text)
  } catch {
    // A policy may forbid the runtime's SHA-1. The handshake does not use it for security (RFC 6455 §10.8).
    return answerKey(key, undefined)
  }
  if (typeof answer !== 'string') throw wrongAnswer('native.sha1', 'a string', answer)
  return answer
}

/**
 * Generates the key for one handshake: the base64 of 16 random bytes (RFC 6455 §4.1 item 7).
 *
 * @param random Fills an array of 16 bytes. Default: the platform's secure generator.
 * @throws TypeError if `random` is not a function, or returns a promise.
 *
 * @example
 * generateKey().length // 24
 *
 * @category Opening handshake
 */
export function generateKey(random: RandomSource = randomBytes): string {
  requireType(random, 'function', '`random`')
  const nonce = new Uint8Array(16)
  const answer = random(nonce)
  // A promise would fill the array too late.
  if (describeType(answer) === 'a promise') throw wrongAnswer('random', 'nothing, with the array filled', answer)
  return encodeBase64(nonce)
}

/** Returns where a text stops being the base64 of 16 bytes, or -1 if it is. With `strict`, its four unused bits must be 0. */
export function findKeyOffset(text: string, strict: boolean): number {
  const end = KEY_LENGTH - 2
  const stop = Math.min(skipClass(text, 0, BASE64), end)
  if (stop < end) return stop
  for (let i = end; i < KEY_LENGTH; i++) if (text.charCodeAt(i) !== EQUALS) return i
  if (text.length > KEY_LENGTH) return KEY_LENGTH
  // The last character before the padding holds two bits of the sixteenth byte and four unused bits      RFC 4648 §3.5
  return strict && (base64Value(text.charCodeAt(end - 1)) & 0b1111) !== 0 ? end - 1 : -1
}

/** Reads the key from the values of its field. Throws `ProtocolError`. */
export function readKey(keys: FieldValues, strict: boolean): string {
  // "The |Sec-WebSocket-Key| header field MUST NOT appear more than once in an HTTP request."           RFC 6455 §11.3.1
  const key = readSingle('key', field.key, keys, 'RFC 6455 §11.3.1')
  // "a base64-encoded value that, when decoded, is 16 bytes in length"                               RFC 6455 §4.2.1 item 5
  const offset = findKeyOffset(key, strict)
  if (offset === -1) return key
  throw requestError('key', `${field.key} is not the base64 of 16 bytes: invalid at ${offset}`, 'RFC 6455 §4.2.1')
}
