/**
 * Connections for tests of output: zero mask keys, so that a client's bytes are readable; extensions that record their calls; real
 * permessage-deflate on both sides. A helper without tests.
 */

import { zlib } from '../../src/codec/zlib.ts'
import { Connection } from '../../src/connection/connection.ts'
import type { TextForm } from '../../src/connection/events.ts'
import type { ConnectionOptions } from '../../src/connection/options.ts'
import { type DeflateOptions, permessageDeflate } from '../../src/deflate/extension.ts'
import type { DeflateParams } from '../../src/deflate/params.ts'
import { defineExtension } from '../../src/extensions/define.ts'
import type { DefinedExtension } from '../../src/extensions/extension.ts'
import type { PieceInfo, Transform } from '../../src/frame/transform.ts'
import { hex } from '../wire.ts'

type Options = Partial<ConnectionOptions<'string', false>>

export const zeroKeys = (): Uint8Array => hex('00 00 00 00')
export const server = (options: Options = {}): Connection => new Connection({ role: 'server', ...options })
export const client = (options: Options = {}): Connection =>
  new Connection({ role: 'client', maskKeys: zeroKeys, ...options })

/** Takes all pending output, in hexadecimal; `''` if there is none. */
export function taken(connection: Connection<TextForm, boolean>, now?: number): string {
  return Buffer.from(connection.takeOutput(now) ?? []).toString('hex')
}

/** Removes the spaces from expected bytes. */
export const wire = (text: string): string => text.replaceAll(' ', '')

/** Creates an extension from its transform; negotiation is irrelevant here. */
export function extension(name: string, rsv: number, transform: Transform | (() => Transform)): DefinedExtension {
  const open = typeof transform === 'function' ? transform : () => transform
  return defineExtension({ name, rsv, offer: () => [{}], accept: () => undefined, verify: () => undefined, open })
}

/** Returns the options of a connection with these extensions. */
export function agreed(
  ...extensions: readonly DefinedExtension[]
): Pick<ConnectionOptions, 'agreement' | 'extensions'> {
  const list = extensions.map(({ name }) => ({ name, params: {} }))
  return { agreement: { subprotocol: undefined, extensions: list }, extensions }
}

export interface Recorded {
  readonly calls: (PieceInfo & { readonly data: string })[]
  readonly extension: DefinedExtension
}

/** An extension that leaves bytes unchanged, or declines messages that begin with `x`, and records each call of `encode`. */
export function recording(rsv: number, sharing?: string, declines = false): Recorded {
  const calls: (PieceInfo & { data: string })[] = []
  const transform: Transform = {
    sharing,
    decode: (piece) => piece,
    encode(piece, info) {
      calls.push({ ...info, data: Buffer.from(piece).toString('latin1') })
      return declines && info.first && piece[0] === 0x78 ? undefined : piece
    },
  }
  return { calls, extension: extension(`r${rsv}`, rsv, transform) }
}

const params: DeflateParams = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
}

/** The options of both sides with permessage-deflate. */
export function deflating(
  own: Partial<DeflateParams> = {},
  threshold = 0,
  more: Partial<DeflateOptions> = {},
): Pick<ConnectionOptions, 'agreement' | 'extensions'> {
  const extensions = [permessageDeflate({ codec: zlib, threshold, ...more })]
  const list = [{ name: 'permessage-deflate', params: { ...params, ...own } }]
  return { agreement: { subprotocol: undefined, extensions: list }, extensions }
}
