/**
 * Bytes as frames, with each error and its position. Continues after an error, where a connection would end, so that the whole
 * input can be viewed. The rules are the package's.
 *
 * @module
 */

import { describeFrame, Opcode, ProtocolError, type ProtocolErrorCode } from 'websocket-primitives'
import {
  applyMask,
  decodeFrameHeader,
  findFrameHeaderError,
  frameHeaderSize,
  parseClosePayload,
} from 'websocket-primitives/frame'
import { fieldsOf } from './fields.ts'
import { type Message, Messages } from './messages.ts'
import type { FoundError, Frame, Settings } from './types.ts'

export interface Stream {
  readonly frames: readonly Frame[]
  readonly messages: readonly Message[]
  /** The first one ends the connection. */
  readonly errors: readonly FoundError[]
  /** The start of an incomplete header; `undefined` if there is none. */
  readonly torn: number | undefined
}

export function inspectFrames(bytes: Uint8Array, settings: Settings): Stream {
  const frames: Frame[] = []
  const errors: FoundError[] = []
  const messages = new Messages(settings)
  let open = false
  let at = 0
  while (at < bytes.length) {
    const frame = readFrame(bytes, at)
    if (frame === undefined) return { frames, messages: messages.list, errors, torn: at }
    const error =
      judge(frame, frames.length, open, settings) ??
      (errors.length === 0 ? messages.add(frame, frames.length) : undefined)
    if (error !== undefined) errors.push(error)
    frames.push(frame)
    if (frame.header.opcode < Opcode.Close) open = !frame.header.fin
    at = frame.end
  }
  return { frames, messages: messages.list, errors, torn: undefined }
}

function readFrame(bytes: Uint8Array, start: number): Frame | undefined {
  const header = decodeFrameHeader(bytes, start)
  if (header === undefined) return undefined
  const body = start + frameHeaderSize(header)
  const end = Math.min(body + header.payloadLength, bytes.length)
  const raw = bytes.slice(body, end)
  const payload = raw.slice()
  if (header.maskKey) applyMask(payload, header.maskKey)
  const complete = body + header.payloadLength <= bytes.length
  const fields = fieldsOf(header, start, end, payload, raw)
  return { header, start, body, end, complete, payload, fields, summary: describeFrame(header, payload) }
}

function judge(frame: Frame, number: number, open: boolean, { role, deflate }: Settings): FoundError | undefined {
  const { header, complete, payload, body } = frame
  const error = findFrameHeaderError(header, { role, message: open ? 'open' : 'none', rsv: deflate ? 4 : 0 })
  if (error !== undefined) return { error, frame: number, ...placeOf(error.code, frame) }
  if (header.opcode !== Opcode.Close || !complete) return undefined
  try {
    parseClosePayload(payload)
    return undefined
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    const start = body + (error.offset ?? 0)
    const size = error.code === 'close-code' ? 2 : 1
    return { error, frame: number, start, end: Math.min(start + size, frame.end) }
  }
}

/** The bytes that an error in a header refers to. */
function placeOf(
  code: ProtocolErrorCode,
  { header, start, body }: Frame,
): { readonly start: number; readonly end: number } {
  const { lengthSize, fin } = header
  if (code === 'masked' || code === 'unmasked') return { start: start + 1, end: code === 'masked' ? body : start + 2 }
  if (code === 'length' || code === 'too-large' || (code === 'control-frame' && fin))
    return { start: start + 1, end: start + 2 + lengthSize }
  return { start, end: start + 1 }
}
