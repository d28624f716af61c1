/**
 * Saves and restores decoders and messages as plain data, between two chunks, even in the middle of a frame. It is a separate module, so
 * that only programs that move connections load it. Restoring validates the values, because a store may have changed them.
 *
 * @module
 */

import { decodeBase64, encodeBase64 } from '../bytes/base64.ts'
import { Collector } from '../bytes/collector.ts'
import { join } from '../bytes/join.ts'
import { requireFlag, requireInteger, requireObject, requireOneOf } from '../bytes/plain.ts'
import { nothing } from '../bytes/view.ts'
import { FAILED, type FrameDecoder, HEADER, PAYLOAD } from './decoder.ts'
import type { MessageAssembler, MessagePieces, MessageProgress } from './messages.ts'
import { FIRST_CONTROL, MAX_CONTROL_PAYLOAD } from './rules.ts'

/** A frame that has begun and not ended. */
interface FrameState {
  readonly fin: boolean
  readonly rsv: number
  readonly opcode: number
  readonly payloadLength: number
  /** The mask key. */
  readonly key: number
  /** Bytes of its payload so far. */
  readonly received: number
}

/** The state of a decoder between two chunks, as plain data. */
export interface DecoderState {
  /** Bytes received. */
  readonly base: number
  /** Whether a message has begun and not ended. */
  readonly open: boolean
  /** The received part of a header, in base64. */
  readonly header?: string | undefined
  readonly frame?: FrameState | undefined
  /** Bytes received but not read, in base64. */
  readonly unread?: string | undefined
  /** The received part of a payload that is wanted whole, in base64. */
  readonly collected?: string | undefined
}

/** Returns the state of a decoder; `undefined` after an error, and while there are unread chunks that `keepUnread` has not kept. */
export function snapshotDecoder(decoder: FrameDecoder): DecoderState | undefined {
  const { base, open, state, torn, fin, rsv, opcode, payloadLength, key, received, chunk, unread, pending } = decoder
  decoder.requireUnread()
  if (state === FAILED || (chunk.length > 0 && unread === 0)) return undefined
  return {
    base,
    open,
    header: torn && encodeBase64(torn.subarray(0, decoder.tornSize)),
    frame: state === PAYLOAD ? { fin, rsv, opcode, payloadLength, key, received } : undefined,
    unread: unread > 0 ? encodeBase64(join([chunk, ...(pending?.list() ?? [])])) : undefined,
    collected: decoder.collector && encodeBase64(decoder.collector.copyAll()),
  }
}

/** Restores the state of a new decoder. Throws `TypeError` for an impossible one. */
export function resumeDecoder(decoder: FrameDecoder, state: DecoderState): void {
  const { base, open, header, frame, unread, collected } = requireObject(state)
  decoder.open = requireFlag(open)
  if (header !== undefined) readTorn(decoder, decodeBase64(header))
  else if (frame !== undefined) {
    Object.assign(decoder, readFrame(frame))
    decoder.state = PAYLOAD
  }
  decoder.base = requireInteger(base, 0, Number.MAX_SAFE_INTEGER)
  if (unread !== undefined) {
    decoder.chunk = decodeBase64(unread)
    decoder.unread = decoder.chunk.length
  }
  if (collected === undefined) return
  decoder.collector = new Collector()
  decoder.collector.keep(decodeBase64(collected))
}

/** Decodes a part of a header again. It must be valid. */
function readTorn(decoder: FrameDecoder, header: Uint8Array): void {
  decoder.push(header)
  try {
    if (!decoder.next() && decoder.state === HEADER) return
  } catch {
    // A header that breaks a rule is rejected below, like one that is whole.
  }
  throw new TypeError('a snapshot must have a part of a valid frame header')
}

/** Returns a copy with only these members. */
function readFrame(frame: FrameState): FrameState {
  const opcode = requireInteger(requireObject(frame).opcode, 0, 15)
  const longest = opcode < FIRST_CONTROL ? Number.MAX_SAFE_INTEGER : MAX_CONTROL_PAYLOAD
  const payloadLength = requireInteger(frame.payloadLength, 1, longest)
  return {
    fin: requireFlag(frame.fin),
    rsv: requireInteger(frame.rsv, 0, 7),
    opcode,
    payloadLength,
    key: requireInteger(frame.key, -(2 ** 31), 2 ** 32 - 1),
    received: requireInteger(frame.received, 0, payloadLength - 1),
  }
}

/** The progress of a message, as plain data. */
interface ProgressState {
  readonly type: 'text' | 'binary'
  readonly open: boolean
  readonly size: number
  readonly fragments: number
  readonly utf8: number
}

/** The state of a message, as plain data. */
export interface MessageState {
  readonly progress: ProgressState
  /** The bytes so far, in base64; for messages in pieces, only those not yet returned. */
  readonly bytes: string
  /** For messages in pieces: whether no piece of this message has been returned. */
  readonly fresh?: boolean | undefined
}

/** Returns the state of a message; `undefined` after an error. */
export function snapshotAssembler(assembler: MessageAssembler): MessageState | undefined {
  if (assembler.error !== undefined) return undefined
  return describe(assembler.progress, assembler.collector?.copyAll() ?? nothing)
}

/** Returns the state of a message in pieces. */
export function snapshotPieces(pieces: MessagePieces): MessageState {
  return { ...describe(pieces.progress, pieces.held), fresh: pieces.fresh }
}

function describe({ type, open, size, fragments, utf8 }: MessageProgress, bytes: Uint8Array): MessageState {
  return { progress: { type, open, size, fragments, utf8 }, bytes: encodeBase64(bytes) }
}

/** Restores the state of a new assembler. Throws `TypeError` for an impossible one. */
export function resumeAssembler(assembler: MessageAssembler, state: MessageState): void {
  const bytes = resumeProgress(assembler.progress, state)
  if (bytes.length > 0) assembler.keep(bytes)
}

/** Restores the state of messages in pieces. Throws `TypeError` for an impossible one. */
export function resumePieces(pieces: MessagePieces, state: MessageState): void {
  pieces.held = resumeProgress(pieces.progress, state)
  if (pieces.held.length > 3) throw new TypeError('a snapshot has more than an incomplete character')
  pieces.fresh = requireFlag(state.fresh)
}

/** Restores the progress of a message, and returns its bytes. */
function resumeProgress(progress: MessageProgress, state: MessageState): Uint8Array {
  const { type, open, size, fragments, utf8 } = requireObject(requireObject(state).progress)
  progress.type = requireOneOf(type, ['text', 'binary'])
  progress.open = requireFlag(open)
  progress.size = requireInteger(size, 0, Number.MAX_SAFE_INTEGER)
  progress.fragments = requireInteger(fragments, 0, Number.MAX_SAFE_INTEGER)
  progress.utf8 = requireInteger(utf8, 0, 2 ** 31 - 1)
  return decodeBase64(state.bytes)
}
