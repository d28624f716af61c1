/**
 * Describes a frame in one line, for logs. Any header that can be decoded can be described.
 *
 * @module
 */

import { requireBytes } from '../bytes/view.ts'
import { decodeUtf8 } from '../platform/text.ts'
import { closeCodes, Opcode } from '../registry/websocket.ts'
import { type FrameHeader, minimalLengthSize, requireHeader } from './header.ts'

/** The most payload bytes shown. */
const SHOWN = 64

const names: ReadonlyMap<number, string> = /* @__PURE__ */ opcodeNames()

/** A single pure call, so that a bundler can drop the table; with `new Map(…)` it would keep the values read inside. */
function opcodeNames(): ReadonlyMap<number, string> {
  return new Map<number, string>([
    [Opcode.Continuation, 'continuation'],
    [Opcode.Text, 'text'],
    [Opcode.Binary, 'binary'],
    [Opcode.Close, 'close'],
    [Opcode.Ping, 'ping'],
    [Opcode.Pong, 'pong'],
  ])
}

/**
 * Describes a frame in one line. Escapes control characters, line marks and direction marks, and shortens long payloads, so that peer
 * data cannot break a log.
 *
 * @param payload Unmasked; not written to. Text is shown as a string, a Close as its code, registered name and reason, anything else as
 *   hexadecimal bytes.
 * @throws TypeError or RangeError for an invalid header or payload.
 * @example
 * const header = { fin: true, rsv: Rsv.RSV1, opcode: Opcode.Text, payloadLength: 7, maskKey: undefined, lengthSize: 0 } as const
 * describeFrame(header) // text, fin, rsv1, 7 bytes
 *
 * @category Frames and messages
 */
export function describeFrame(header: FrameHeader, payload?: Uint8Array): string {
  requireHeader(header)
  if (payload !== undefined) requireBytes(payload, '`payload`')
  const { opcode, payloadLength, maskKey, lengthSize } = header
  const parts = [names.get(opcode) ?? `reserved opcode ${opcode}`]
  if (header.fin) parts.push('fin')
  for (const [bit, name] of [
    [4, 'rsv1'],
    [2, 'rsv2'],
    [1, 'rsv3'],
  ] as const)
    if (header.rsv & bit) parts.push(name)
  if (maskKey !== undefined) parts.push(`masked ${hex(maskKey, '')}`)
  if (lengthSize > minimalLengthSize(payloadLength)) parts.push(`length in ${lengthSize} bytes`)
  parts.push(payloadLength === 1 ? '1 byte' : `${payloadLength} bytes`)
  const line = parts.join(', ')
  return payload === undefined || payload.length === 0 ? line : `${line}: ${describePayload(header, payload)}`
}

function describePayload({ opcode, rsv }: FrameHeader, payload: Uint8Array): string {
  if (opcode === Opcode.Close && payload.length > 1) return describeClose(payload)
  // With an RSV bit set, an extension has encoded the payload: it is not text.
  return opcode === Opcode.Text && rsv === 0 ? quote(payload) : cut(hex(payload.subarray(0, SHOWN), ' '), payload)
}

function describeClose(payload: Uint8Array): string {
  const code = ((payload[0] as number) << 8) | (payload[1] as number)
  const name = closeCodes.find(({ first, last }) => first <= code && code <= last)?.text
  const reason = payload.length > 2 ? ` ${quote(payload.subarray(2))}` : ''
  return `${code} ${name}${reason}`
}

/** Quotes the start of a text, cut between characters. */
function quote(bytes: Uint8Array): string {
  let end = Math.min(bytes.length, SHOWN)
  while (end > SHOWN - 4 && end < bytes.length && ((bytes[end] as number) & 0xc0) === 0x80) end--
  const text = JSON.stringify(decodeUtf8(bytes.subarray(0, end)))
  const escaped = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (mark) => `\\u{${mark.codePointAt(0)?.toString(16)}}`)
  return cut(escaped, bytes, end)
}

function cut(shown: string, bytes: Uint8Array, end = SHOWN): string {
  return bytes.length > end ? `${shown} … and ${bytes.length - end} more` : shown
}

function hex(bytes: Uint8Array, separator: string): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(separator)
}
