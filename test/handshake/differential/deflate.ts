/**
 * The negotiation of permessage-deflate (RFC 7692 §7.1), so that both sides have an extension to agree on, and one spelling
 * of what was agreed. Knows parameters; compresses nothing.
 */

import { type DefinedExtension, defineExtension, type ExtensionParams } from '../../../src/handshake/index.ts'

/** A window is of 8 to 15 bits, in decimal, without leading zeros (RFC 7692 §7.1.2). */
const windowBits = /^([89]|1[0-5])$/

type Value = string | true

/** Whether each parameter is known, comes once, and has a value that it may have. */
export function areSound(params: ExtensionParams, answered: boolean): boolean {
  const names = params.map(([name]) => name)
  if (new Set(names).size < names.length) return false
  return params.every(([name, value]) => {
    if (name === 'server_max_window_bits') return value !== true && windowBits.test(value)
    if (name === 'client_max_window_bits') return value === true ? !answered : windowBits.test(value)
    return (name === 'server_no_context_takeover' || name === 'client_no_context_takeover') && value === true
  })
}

/** Accepts every sound offer as it is, and offers that its own window may be made smaller. */
export const deflate: DefinedExtension<ExtensionParams> = defineExtension<ExtensionParams>({
  name: 'permessage-deflate',
  rsv: 4,
  offer: () => [{ client_max_window_bits: true }],
  accept: (offer) => {
    if (!areSound(offer, false)) return undefined
    // Without a value it only says that an answer may name one.
    const params = offer.filter(([name, value]) => name !== 'client_max_window_bits' || value !== true)
    return { params, response: params }
  },
  verify: (answer) => (areSound(answer, true) ? answer : undefined),
  open: () => ({ encode: (piece) => piece, decode: (piece) => piece }),
})

/** One spelling for the same agreement, whoever came to it; 15 bits are what no parameter means. */
export function describeDeflate(params: Iterable<readonly [name: string, value: unknown]>): string {
  const values = new Map(params)
  const server = values.get('server_max_window_bits') ?? 15
  const client = values.get('client_max_window_bits') ?? 15
  const fresh = ['server_no_context_takeover', 'client_no_context_takeover'].filter((name) => values.get(name) === true)
  return [`server ${server}, client ${client}`, ...fresh].join(', ')
}

/** What a server's answer names, which each server writes simply: no quotes, one extension at most. */
export function describeDeflateField(field: string | undefined): string | undefined {
  if (field === undefined) return undefined
  const [name, ...params] = field.split(';').map((piece) => piece.trim())
  const pairs = params.map((param): [string, Value] => {
    const [key = '', value] = param.split('=')
    return [key, value ?? true]
  })
  return name === deflate.name ? describeDeflate(pairs) : `another extension: ${field}`
}
