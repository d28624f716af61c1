/**
 * The negotiation of permessage-deflate (RFC 7692 §7.1), so that both sides have an extension to agree on, and one text form of the
 * agreement. Handles only parameters, and compresses nothing.
 */

import { type DefinedExtension, defineExtension, type ExtensionParams } from '../../../src/handshake/index.ts'

/** A window has 8 to 15 bits, in decimal, without leading zeros (RFC 7692 §7.1.2). */
const windowBits = /^([89]|1[0-5])$/

type Value = string | true

/** Whether each parameter is known, appears once, and has a valid value. */
export function areValid(params: ExtensionParams, answered: boolean): boolean {
  const names = params.map(([name]) => name)
  if (new Set(names).size < names.length) return false
  return params.every(([name, value]) => {
    if (name === 'server_max_window_bits') return value !== true && windowBits.test(value)
    if (name === 'client_max_window_bits') return value === true ? !answered : windowBits.test(value)
    return (name === 'server_no_context_takeover' || name === 'client_no_context_takeover') && value === true
  })
}

/** Accepts every valid offer unchanged, and offers a smaller window. */
export const deflate: DefinedExtension<ExtensionParams> = defineExtension<ExtensionParams>({
  name: 'permessage-deflate',
  rsv: 4,
  offer: () => [{ client_max_window_bits: true }],
  accept: (offer) => {
    if (!areValid(offer, false)) return undefined
    // Without a value it only means that the response may contain one.
    const params = offer.filter(([name, value]) => name !== 'client_max_window_bits' || value !== true)
    return { params, response: params }
  },
  verify: (answer) => (areValid(answer, true) ? answer : undefined),
  open: () => ({ encode: (piece) => piece, decode: (piece) => piece }),
})

/** Describes an agreement in one form for all peers. No parameter means 15 bits. */
export function describeDeflate(params: Iterable<readonly [name: string, value: unknown]>): string {
  const values = new Map(params)
  const server = values.get('server_max_window_bits') ?? 15
  const client = values.get('client_max_window_bits') ?? 15
  const fresh = ['server_no_context_takeover', 'client_no_context_takeover'].filter((name) => values.get(name) === true)
  return [`server ${server}, client ${client}`, ...fresh].join(', ')
}

/** Describes the field of a server's response. All servers write it in a simple form: no quotes, at most one extension. */
export function describeDeflateField(field: string | undefined): string | undefined {
  if (field === undefined) return undefined
  const [name, ...params] = field.split(';').map((piece) => piece.trim())
  const pairs = params.map((param): [string, Value] => {
    const [key = '', value] = param.split('=')
    return [key, value ?? true]
  })
  return name === deflate.name ? describeDeflate(pairs) : `another extension: ${field}`
}
