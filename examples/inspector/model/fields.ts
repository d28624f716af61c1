/**
 * The fields of one frame, each with its bytes (RFC 6455 §5.2). Finds names and positions; checks nothing.
 *
 * @module
 */

import { type FrameHeader, Opcode } from 'websocket-primitives'
import { frameHeaderSize } from 'websocket-primitives/frame'
import { closeCodes, opcodes } from 'websocket-primitives/registry'
import { formatHex } from './input.ts'

/** Determines the color of a byte. */
type Tone = 'flags' | 'length' | 'key' | 'payload' | 'code'

export interface Field {
  readonly name: string
  readonly tone: Tone
  /** Bytes of the input; `end` is exclusive. */
  readonly start: number
  readonly end: number
  readonly value: string
  readonly note?: string
}

/** The frame that begins at `start`; `end` is the end of its bytes, which may be too early. */
export function fieldsOf(
  header: FrameHeader,
  start: number,
  end: number,
  payload: Uint8Array,
  raw: Uint8Array,
): Field[] {
  const body = start + frameHeaderSize(header)
  return [
    ...flagFields(header, start),
    ...lengthFields(header, start, body),
    ...payloadFields(header, body, end, payload, raw),
  ]
}

function flagFields({ fin, rsv, opcode }: FrameHeader, start: number): Field[] {
  const place = { tone: 'flags', start, end: start + 1 } as const
  const bit = (on: boolean): string => (on ? '1' : '0')
  return [
    { ...place, name: 'FIN', value: bit(fin), note: fin ? 'last frame of its message' : 'more frames follow' },
    ...[1, 2, 3].map((number) => {
      const on = (rsv & (8 >> number)) !== 0
      return { ...place, name: `RSV${number}`, value: bit(on), note: rsvNote(number, on) }
    }),
    { ...place, name: 'opcode', value: `0x${opcode.toString(16)}`, note: opcodeName(opcode) },
  ]
}

function rsvNote(number: number, on: boolean): string {
  if (!on) return ''
  return number === 1 ? 'compressed, with permessage-deflate' : 'of an extension'
}

export function opcodeName(opcode: number): string {
  const text = opcodes.find(({ opcode: value }) => value === opcode)?.text
  return text?.replace(/ Frame$/, '').toLowerCase() ?? `reserved ${opcode < Opcode.Close ? 'data' : 'control'} frame`
}

function lengthFields({ maskKey, payloadLength, lengthSize }: FrameHeader, start: number, body: number): Field[] {
  const place = { tone: 'length', start: start + 1, end: start + 2 } as const
  const fields: Field[] = [
    { ...place, name: 'MASK', value: maskKey ? '1' : '0', note: maskKey ? 'sent by a client' : 'sent by a server' },
    {
      ...place,
      name: 'length',
      value: lengthSize === 0 ? String(payloadLength) : lengthSize === 2 ? '126' : '127',
      note: lengthSize === 0 ? 'bytes' : `in the next ${lengthSize} bytes`,
    },
  ]
  const keyAt = start + 2 + lengthSize
  if (lengthSize > 0)
    fields.push({
      name: 'extended',
      tone: 'length',
      start: start + 2,
      end: keyAt,
      value: payloadLength.toLocaleString('en'),
      note: 'bytes',
    })
  if (maskKey) fields.push({ name: 'masking key', tone: 'key', start: keyAt, end: body, value: formatHex(maskKey) })
  return fields
}

function payloadFields(
  { opcode, rsv, maskKey, payloadLength }: FrameHeader,
  start: number,
  end: number,
  payload: Uint8Array,
  raw: Uint8Array,
): Field[] {
  if (end <= start) return []
  const missing = payloadLength - payload.length
  const note =
    missing > 0
      ? `${missing.toLocaleString('en')} more ${missing === 1 ? 'byte' : 'bytes'} expected`
      : `${payload.length} ${payload.length === 1 ? 'byte' : 'bytes'}`
  const place = { tone: 'payload', start, end } as const
  const fields: Field[] = []
  if (maskKey) fields.push({ ...place, name: 'masked', value: clip(raw), note: 'as on the wire' })
  fields.push({ ...place, name: maskKey ? 'unmasked' : 'payload', value: clip(payload), note })
  if (opcode === Opcode.Close && payload.length > 1) fields.push(...closeFields(payload, start, end))
  else if (rsv === 0 && opcode === Opcode.Text) fields.push({ ...place, name: 'text', value: quoted(payload) })
  return fields
}

function closeFields(payload: Uint8Array, start: number, end: number): Field[] {
  const code = new DataView(payload.buffer, payload.byteOffset).getUint16(0)
  const fields: Field[] = [
    { name: 'close code', tone: 'code', start, end: start + 2, value: String(code), note: closeName(code) },
  ]
  if (end > start + 2)
    fields.push({ name: 'reason', tone: 'payload', start: start + 2, end, value: quoted(payload.subarray(2)) })
  return fields
}

function closeName(code: number): string {
  return closeCodes.find(({ first, last }) => first <= code && code <= last)?.text ?? ''
}

/** Payload bytes shown in a row; the dump has all of them. */
const SHOWN = 24

function clip(bytes: Uint8Array): string {
  return bytes.length > SHOWN ? `${formatHex(bytes.subarray(0, SHOWN))} …` : formatHex(bytes)
}

function quoted(bytes: Uint8Array): string {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  return JSON.stringify(text.length > 400 ? `${text.slice(0, 400)}…` : text)
}
