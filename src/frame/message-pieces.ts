/**
 * Returns messages in pieces, as they arrive: only the bytes of an incomplete character are kept (RFC 6455 §5.4, §5.6). Headers are
 * checked and payloads unmasked before this.
 *
 * @module
 */

import { decodeBase64, encodeBase64 } from '../bytes/base64.ts'
import { join } from '../bytes/join.ts'
import { requireFlag, requireObject } from '../bytes/plain.ts'
import { decodeText } from '../bytes/utf8.ts'
import { nothing } from '../bytes/view.ts'
import type { ResolvedLimits } from '../limits.ts'
import type { Bytes } from '../types.ts'
import type { MessageState } from './message.ts'
import { type DataPiece, MessageProgress } from './message-progress.ts'

/** A piece of a message. */
export interface MessagePiece {
  readonly type: 'text' | 'binary'
  /** For text as strings: whole characters. */
  readonly data: string | Bytes
  /** Whether the message begins with this piece. */
  readonly first: boolean
  readonly last: boolean
}

/** The state of a message in pieces, as plain data. */
export interface PiecesState extends MessageState {
  /** Whether none of it has been returned. */
  readonly fresh: boolean
}

/** The messages of one stream, piece by piece. */
export class MessagePieces {
  /** Checks headers: call `beginFrame` once per frame, before {@link add} for its pieces. */
  readonly progress: MessageProgress
  private readonly strings: boolean
  /** Whether none of the current message has been returned. */
  private fresh = true
  /** The start of an incomplete character, at most three bytes. */
  private held: Uint8Array = nothing

  /** @param strings Whether text is returned as strings, or as its original bytes, validated. */
  constructor(limits: ResolvedLimits, strings: boolean) {
    this.progress = new MessageProgress(limits)
    this.strings = strings
  }

  /** Bytes of an incomplete character: they are returned with the next piece. */
  get heldSize(): number {
    return this.held.length
  }

  /**
   * Takes the next piece.
   *
   * @param bytes Its payload, unmasked: returned as it is, except for text as strings.
   * @returns What can be returned now; `undefined`: nothing yet.
   * @throws ProtocolError as `MessageAssembler` does. TypeError for a control frame.
   */
  push(piece: DataPiece, bytes: Bytes): MessagePiece | undefined {
    if (piece.first) this.progress.beginFrame(piece)
    return this.add(piece, bytes)
  }

  /** Takes the next piece of a frame that {@link progress} has accepted. */
  add(piece: DataPiece, bytes: Bytes): MessagePiece | undefined {
    const { progress } = this
    progress.checkSize(bytes.length)
    const last = piece.fin && piece.last
    const data = progress.type === 'text' ? this.text(bytes, last) : bytes
    progress.size += bytes.length
    if (last) progress.open = false
    if (data.length === 0 && !last) return undefined
    const first = this.fresh
    this.fresh = last
    return { type: progress.type, data, first, last }
  }

  /** The state as plain data. */
  snapshot(): PiecesState {
    return { progress: this.progress.snapshot(), bytes: encodeBase64(this.held), fresh: this.fresh }
  }

  resume(state: PiecesState): void {
    const { progress, bytes, fresh } = requireObject(state)
    this.progress.resume(requireObject(progress))
    this.held = decodeBase64(bytes)
    if (this.held.length > 3) throw new TypeError('a snapshot has more than the beginning of a character')
    this.fresh = requireFlag(fresh)
  }

  private text(bytes: Bytes, last: boolean): string | Bytes {
    const inside = this.progress.judge(bytes, last)
    if (!this.strings) return bytes
    const all = this.held.length === 0 ? bytes : join([this.held, bytes])
    const end = inside ? lastCharacter(all) : all.length
    this.held = end === all.length ? nothing : all.slice(end)
    return decodeText(all, 0, end)
  }
}

/** Where the last character of UTF-8 begins. */
function lastCharacter(bytes: Uint8Array): number {
  let at = bytes.length - 1
  while (at > 0 && ((bytes[at] as number) & 0xc0) === 0x80) at--
  return at
}
