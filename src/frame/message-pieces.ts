/**
 * Messages in pieces, as they arrive: nothing is kept but the bytes of a character that is not all there yet (RFC 6455 §5.4, §5.6).
 * Knows what may be handed out when; nothing of headers, masks, control frames or connections.
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
  /** Of a text as strings: whole characters. */
  readonly data: string | Bytes
  /** Whether the message begins, and ends, with this piece. */
  readonly first: boolean
  readonly last: boolean
}

/** Where a message in pieces stands: plain data. */
export interface PiecesState extends MessageState {
  /** Whether nothing of it has been handed out. */
  readonly fresh: boolean
}

/** The messages of one stream, piece by piece. */
export class MessagePieces {
  /** Judges headers: each passes its `beginFrame` once, before the pieces of its frame are {@link add}ed. */
  readonly progress: MessageProgress
  private readonly strings: boolean
  /** Whether nothing of the current message has been handed out. */
  private fresh = true
  /** The beginning of a character, at most three bytes. */
  private held: Uint8Array = nothing

  /** @param strings Whether texts are handed out as strings, or as the bytes that they came in, judged. */
  constructor(limits: ResolvedLimits, strings: boolean) {
    this.progress = new MessageProgress(limits)
    this.strings = strings
  }

  /** Bytes of a character that wait for its end: they are handed out before the next piece. */
  get heldSize(): number {
    return this.held.length
  }

  /**
   * Takes the next piece.
   *
   * @param bytes Its payload, unmasked: handed out as it is, but for texts as strings.
   * @returns What can be handed out; `undefined`: nothing yet.
   * @throws ProtocolError as `MessageAssembler` does. TypeError for a control frame.
   */
  push(piece: DataPiece, bytes: Bytes): MessagePiece | undefined {
    if (piece.first) this.progress.beginFrame(piece)
    return this.add(piece, bytes)
  }

  /** Takes the next piece of a frame that {@link progress} has judged. */
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

  /** Where it stands, as plain data. */
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
