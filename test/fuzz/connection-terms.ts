/**
 * What two connections agree on: permessage-deflate with either library, a stateful extension, and one whose work is done outside
 * the connection. Sets up the agreement; opens nothing.
 *
 * @module
 */

import fc from 'fast-check'
import { pako } from '../../src/codec/pako.ts'
import { zlib } from '../../src/codec/zlib.ts'
import { type DeflateOptions, permessageDeflate } from '../../src/deflate/index.ts'
import type { Transform } from '../../src/frame/index.ts'
import {
  type Agreement,
  acceptHandshake,
  type DefinedExtension,
  defineExtension,
  offerHandshake,
  verifyHandshake,
} from '../../src/handshake/index.ts'
import { must } from './show.ts'

type MayFail = (what: string) => void

/** Adds a number to each byte, and counts the bytes: its state must move with a connection. */
function shift(mayFail: MayFail): DefinedExtension<null> {
  const open = (): Transform => {
    let [out, into] = [0, 0]
    return {
      encode(piece) {
        mayFail('encode')
        return piece.map((byte) => byte + out++)
      },
      decode(piece) {
        mayFail('decode')
        return piece.map((byte) => byte - into++)
      },
      snapshot: () => [out, into],
      resume(state) {
        ;[out, into] = state as [number, number]
      },
    }
  }
  return defineExtension({
    name: 'x-shift',
    rsv: 2,
    offer: () => [{}],
    accept: () => ({ params: null, response: {} }),
    verify: () => null,
    open,
  })
}

/** An extension whose messages are decoded outside the connection. */
const later = defineExtension<null>({
  name: 'x-later',
  rsv: 1,
  offer: () => [{}],
  accept: () => ({ params: null, response: {} }),
  verify: () => null,
  open: () => undefined,
})

export interface Terms {
  readonly deflate: Partial<DeflateOptions> | undefined
  readonly pakoAtClient: boolean
  readonly pakoAtServer: boolean
  readonly shifts: boolean
  readonly later: boolean
}
const windowBits = fc.constantFrom(undefined, 9, 10, 15)
const takeover = fc.constantFrom(undefined, true)
const deflate: fc.Arbitrary<Partial<DeflateOptions>> = fc.record({
  threshold: fc.constantFrom(0, undefined, 20),
  serverNoContextTakeover: takeover,
  clientNoContextTakeover: takeover,
  serverMaxWindowBits: windowBits,
  clientMaxWindowBits: windowBits,
  maxCompressors: fc.constantFrom(undefined, 1),
  memLevel: fc.constantFrom(undefined, 1),
})
export const terms: fc.Arbitrary<Terms> = fc.record({
  deflate: fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 3, arbitrary: deflate }),
  pakoAtClient: fc.boolean(),
  pakoAtServer: fc.boolean(),
  shifts: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)),
  later: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.constant(true)),
})

export function agree(preference: Terms, sides: readonly [MayFail, MayFail]): readonly [Party, Party] {
  const list = (usesPako: boolean, mayFail: MayFail): DefinedExtension[] => [
    ...(preference.deflate === undefined
      ? []
      : [permessageDeflate({ ...preference.deflate, codec: usesPako ? pako : zlib }) as DefinedExtension]),
    ...(preference.shifts ? [shift(mayFail) as DefinedExtension] : []),
    ...(preference.later ? [later as DefinedExtension] : []),
  ]
  const client = list(preference.pakoAtClient, sides[0])
  const server = list(preference.pakoAtServer, sides[1])
  if (client.length === 0)
    return [
      { extensions: [], agreement: undefined },
      { extensions: [], agreement: undefined },
    ]
  const offer = offerHandshake('ws://a.example/', { extensions: client })
  const accepted = acceptHandshake(offer.request, { extensions: server })
  must(accepted.ok, 'not accepted')
  const verified = verifyHandshake(accepted.response, offer)
  must(verified.ok, 'not verified')
  return [
    { extensions: client, agreement: verified },
    { extensions: server, agreement: accepted },
  ]
}

export interface Party {
  readonly extensions: readonly DefinedExtension[]
  readonly agreement: Agreement | undefined
}
