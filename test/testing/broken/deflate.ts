/** permessage-deflate (RFC 7692 §7.2): each message alone, with the earlier messages as its dictionary. */

import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Faults } from './faults.ts'

/** The agreement, from one end's point of view. */
export interface Agreement {
  /** For the data that this end sends. */
  readonly ownBits: number
  /** For the data that this end receives. */
  readonly peerBits: number
  /** Whether this end may refer to its earlier messages. */
  readonly ownTakeover: boolean
  /** Whether the other end may refer to its earlier messages. */
  readonly peerTakeover: boolean
}

/** The end of a message that is not sent (RFC 7692 §7.2.1). */
const tail = Buffer.from([0, 0, 0xff, 0xff])

/** A last block without data. A message that ends within a block does not reach it. */
const lastBlock = Buffer.from([1, 0, 0, 0xff, 0xff])

const MAX_SIZE = 67_108_864
const WINDOW = 32_768

/** Both directions of one connection. */
export class Deflate {
  readonly #agreement: Agreement
  readonly #faults: Faults
  #received: Buffer<ArrayBuffer> = Buffer.alloc(0)
  #sent: Buffer<ArrayBuffer> = Buffer.alloc(0)

  constructor(agreement: Agreement, faults: Faults) {
    this.#agreement = agreement
    this.#faults = faults
  }

  /** Inflates a message. Throws if that fails. */
  inflate(data: Uint8Array): Buffer<ArrayBuffer> {
    const faults = this.#faults
    let rest = Buffer.concat([data, ...this.#ends])
    const takes = this.#agreement.peerTakeover && !faults.has('inflate-context-dropped')
    let window = takes ? this.#received : Buffer.alloc(0)
    const pieces: Buffer<ArrayBuffer>[] = []
    while (rest.length > 0) {
      const { buffer, engine } = inflateRawSync(rest, {
        windowBits: this.#agreement.peerBits,
        ...(window.length > 0 && { dictionary: window }),
        ...(faults.has('inflate-truncated') && { finishFlush: constants.Z_SYNC_FLUSH }),
        maxOutputLength: MAX_SIZE,
        info: true,
      }) as unknown as { readonly buffer: Buffer<ArrayBuffer>; readonly engine: { readonly bytesWritten: number } }
      pieces.push(buffer)
      window = Buffer.concat([window, buffer]).subarray(-WINDOW)
      rest = rest.subarray(engine.bytesWritten)
      if (faults.has('final-block-ends-message')) break
      if (faults.has('final-block-refused') && rest.length > 0) throw new Error('data after the final block')
      if (faults.has('final-block-drops-context') && rest.length > 0) window = Buffer.alloc(0)
    }
    this.#received = window
    return Buffer.concat(pieces)
  }

  /** The bytes after the data of a message. */
  get #ends(): readonly Buffer[] {
    if (this.#faults.has('inflate-without-tail')) return []
    return this.#faults.has('inflate-truncated') ? [tail] : [tail, lastBlock]
  }

  /** Remembers a message that arrived uncompressed, which no correct end does. */
  remember(data: Uint8Array): void {
    if (this.#faults.has('uncompressed-in-context')) this.#received = Buffer.concat([this.#received, data])
  }

  deflate(data: Uint8Array): Buffer<ArrayBuffer> {
    const faults = this.#faults
    const { ownBits, ownTakeover } = this.#agreement
    const keeps = ownTakeover || faults.has('deflate-context-kept')
    const windowBits = faults.has('deflate-window-32k') ? 15 : Math.max(ownBits, 9)
    const deflated = deflateRawSync(data, {
      finishFlush: constants.Z_SYNC_FLUSH,
      windowBits,
      // zlib has no window of 256 bytes. Without references any window is large enough.
      ...(ownBits === 8 && windowBits === 9 && { strategy: constants.Z_HUFFMAN_ONLY }),
      ...(keeps && this.#sent.length > 0 && { dictionary: this.#sent }),
    })
    this.#sent = Buffer.concat([this.#sent, data]).subarray(-WINDOW)
    return faults.has('deflate-cut-too-short') ? deflated.subarray(0, -5) : deflated.subarray(0, -4)
  }
}
