/** Abbreviated parameters of permessage-deflate, short enough for a table: `'sn; sb=10; cb'`. */

import type { DeflateParams } from '../../src/deflate/params.ts'
import type { DeflatePreferences } from '../../src/deflate/preferences.ts'
import type { ExtensionParams } from '../../src/extensions/extension.ts'
import { formatExtensions, parseExtensions } from '../../src/extensions/header.ts'

const names = [
  ['sn', 'server_no_context_takeover'],
  ['cn', 'client_no_context_takeover'],
  ['sb', 'server_max_window_bits'],
  ['cb', 'client_max_window_bits'],
] as const

/** As the handshake parses it. */
export function parse(short: string): ExtensionParams {
  const text = names.reduce((text, [letters, name]) => text.replace(new RegExp(`\\b${letters}\\b`, 'g'), name), short)
  return parseExtensions(text === '' ? 'x' : `x; ${text}`)[0]?.params ?? []
}

/** The reverse. */
export function shorten(params: ExtensionParams): string {
  const text = formatExtensions([{ name: 'x', params }])
  return names.reduce((text, [letters, name]) => text.replace(name, letters), text).replace(/^x(; )?/, '')
}

/** Parameters that are not the default. */
export function tell(params: DeflateParams): string {
  const { serverNoContextTakeover: sn, clientNoContextTakeover: cn } = params
  const { serverMaxWindowBits: sb, clientMaxWindowBits: cb } = params
  return [sn && 'sn', cn && 'cn', sb < 15 && `sb=${sb}`, cb < 15 && `cb=${cb}`].filter(Boolean).join('; ')
}

/** The same as preferences. */
export const preference = (short: string): DeflatePreferences => {
  const preferred = new Map(parse(short))
  const bits = (name: string) => (preferred.has(name) ? Number(preferred.get(name)) : undefined)
  return {
    serverNoContextTakeover: preferred.has('server_no_context_takeover'),
    clientNoContextTakeover: preferred.has('client_no_context_takeover'),
    serverMaxWindowBits: bits('server_max_window_bits'),
    clientMaxWindowBits: bits('client_max_window_bits'),
  }
}
