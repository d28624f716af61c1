/**
 * Builds a frame from the fields of a form, valid or not. Checks nothing: the inspector shows the result.
 *
 * @module
 */

import { encodeFrame, Opcode } from 'websocket-primitives'
import { generateMaskKey } from 'websocket-primitives/frame'
import { formatHex, parseHex } from './input.ts'

export interface Draft {
  readonly opcode: number
  readonly fin: boolean
  /** RSV1 is 4. */
  readonly rsv: number
  readonly masked: boolean
  /** Hexadecimal. */
  readonly key: string
  /** `shortest`, or bytes of the extended length. */
  readonly length: 'shortest' | '0' | '2' | '8'
  readonly payload: string
  readonly payloadAs: 'text' | 'hex'
  /** For a Close: empty for none. */
  readonly code: string
  readonly reason: string
}

export type Composed = { readonly ok: true; readonly hex: string } | { readonly ok: false; readonly message: string }

export function compose(draft: Draft): Composed {
  try {
    const { opcode, fin, rsv, length } = draft
    const lengthSize = length === 'shortest' ? undefined : length === '0' ? 0 : length === '2' ? 2 : 8
    const maskKey = draft.masked ? bytesOf(draft.key, 'the key') : undefined
    return {
      ok: true,
      hex: formatHex(encodeFrame({ opcode, fin, rsv, lengthSize, maskKey, payload: payloadOf(draft) })),
    }
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) }
  }
}

/** A new key, hexadecimal. */
export function newKey(): string {
  return formatHex(generateMaskKey())
}

function payloadOf({ opcode, payload, payloadAs, code, reason }: Draft): Uint8Array | string {
  if (opcode === Opcode.Close) return closePayload(code, reason)
  return payloadAs === 'text' ? payload : bytesOf(payload, 'the payload')
}

/** Not `formatClosePayload`, which rejects invalid codes: users want to see how those are rejected. */
function closePayload(code: string, reason: string): Uint8Array {
  const digits = code.trim()
  if (digits === '' && reason === '') return new Uint8Array(0)
  const number = Number(digits)
  if (!/^\d{1,5}$/.test(digits) || number > 0xffff)
    throw new RangeError('a close code is a whole number from 0 to 65535')
  return Uint8Array.of(number >> 8, number & 0xff, ...new TextEncoder().encode(reason))
}

function bytesOf(text: string, what: string): Uint8Array {
  const bytes = parseHex(text)
  if (bytes instanceof Uint8Array) return bytes
  throw new RangeError(`${what}: ${bytes.message}`)
}
