/** `Sec-WebSocket-Extensions` and its negotiation (RFC 6455 §9.1, RFC 7692 §7.1). */

import type { Agreement } from './deflate.ts'
import type { Faults } from './faults.ts'
import { type Field, token, valuesOf } from './head.ts'

/** An extension and its parameters. `''` means without a value. */
export interface Extension {
  readonly name: string
  readonly params: readonly (readonly [name: string, value: string])[]
}

const quoted = '"(?:[^"\\\\]|\\\\.)*"'
const param = `[ \t]*;[ \t]*(${token})(?:[ \t]*=[ \t]*(${token}|${quoted}))?`

/** Returns the extensions in a field, or `undefined` if it breaks the grammar. */
export function readExtensions(fields: readonly Field[], faults: Faults): readonly Extension[] | undefined {
  const lines = valuesOf(fields, 'sec-websocket-extensions')
  const text = (faults.has('extensions-of-first-line') ? lines.slice(0, 1) : lines).join(',')
  const extensions: Extension[] = []
  for (const element of splitOutsideQuotes(text)) {
    if (/^[ \t]*$/.test(element)) continue
    const extension = readExtension(element, faults)
    if (extension === undefined && faults.has('malformed-extensions-dropped')) continue
    if (extension === undefined) return undefined
    extensions.push(extension)
  }
  return lines.length > 0 && extensions.length === 0 && !faults.has('malformed-extensions-dropped')
    ? undefined
    : extensions
}

function splitOutsideQuotes(text: string): readonly string[] {
  return text.match(/(?:"(?:[^"\\]|\\.)*"|[^,])+/g) ?? []
}

function readExtension(element: string, faults: Faults): Extension | undefined {
  const match = new RegExp(`^[ \t]*(${token})((?:${param})*)[ \t]*$`).exec(element)
  if (match === null) return undefined
  const [, name = '', rest = ''] = match
  const params: (readonly [string, string])[] = []
  for (const [, key = '', value = ''] of rest.matchAll(new RegExp(param, 'g'))) {
    const plain = value.startsWith('"') && !faults.has('quotes-kept') ? unquote(value) : value
    if (value !== '' && !new RegExp(`^${token}$`).test(plain) && !faults.has('quotes-kept')) return undefined
    params.push([key, plain])
  }
  return { name, params }
}

function unquote(value: string): string {
  return value.slice(1, -1).replace(/\\(.)/g, '$1')
}

/** Valid parameters of permessage-deflate. */
interface DeflateParams {
  readonly serverTakeover: boolean
  readonly clientTakeover: boolean
  readonly serverBits: number | undefined
  /** 0 means without a value. */
  readonly clientBits: number | undefined
}

/** Reads an offer or an answer. Returns `undefined` if it breaks a rule. */
function readDeflate({ name, params }: Extension, isOffer: boolean, faults: Faults): DeflateParams | undefined {
  if (!isDeflate(name, faults)) return undefined
  const seen = new Map<string, string>()
  for (const [key, value] of params) {
    if (seen.has(key) && !faults.has('deflate-parameter-twice')) return undefined
    seen.set(key, value)
    if (!isAllowed(key, value, isOffer, faults)) return undefined
  }
  const bits = (key: string): number | undefined => {
    const value = seen.get(key)
    return value === undefined ? undefined : toBits(value, faults)
  }
  return {
    serverTakeover: !seen.has('server_no_context_takeover'),
    clientTakeover: !seen.has('client_no_context_takeover'),
    serverBits: bits('server_max_window_bits'),
    clientBits: bits('client_max_window_bits'),
  }
}

function isDeflate(name: string, faults: Faults): boolean {
  if (faults.has('deflate-name-unchecked')) return true
  if (faults.has('deflate-name-within')) return name.includes('deflate')
  return name === 'permessage-deflate'
}

function isAllowed(key: string, value: string, isOffer: boolean, faults: Faults): boolean {
  if (key === 'server_no_context_takeover' || key === 'client_no_context_takeover')
    return value === '' || faults.has('takeover-with-value')
  if (key !== 'server_max_window_bits' && key !== 'client_max_window_bits')
    return faults.has('deflate-parameter-unknown')
  if (value === '') return (key === 'client_max_window_bits' && isOffer) || faults.has('window-without-value')
  const bits = toBits(value, faults)
  if (faults.has('window-unchecked')) return true
  if (!/^[1-9][0-9]*$/.test(value) && !faults.has('window-not-decimal') && !faults.has('window-leading-zero'))
    return false
  if (!/^[0-9]+$/.test(value) && !faults.has('window-not-decimal')) return false
  return (bits >= 8 && bits <= 15) || faults.has('window-out-of-range')
}

function toBits(value: string, faults: Faults): number {
  const bits = faults.has('window-not-decimal') ? Number.parseInt(value, 10) || Number(value) : Number(value)
  return faults.has('window-of-8-bits') && /^[0-9]+$/.test(value) ? Number(BigInt.asUintN(8, BigInt(value))) : bits
}

/** Returns the server's answer to the offers. */
export interface Answer {
  readonly field: string
  readonly agreement: Agreement
}

/** Returns the first acceptable offer. */
export function answerOffers(offers: readonly Extension[], faults: Faults): Answer | undefined {
  if (faults.has('extension-not-offered')) return toAnswer({ ...plain }, faults)
  for (const offer of faults.has('first-offer-only') ? offers.slice(0, 1) : offers) {
    const params = readDeflate(offer, true, faults)
    if (params !== undefined) return toAnswer(params, faults)
  }
  return undefined
}

const plain: DeflateParams = {
  serverTakeover: true,
  clientTakeover: true,
  serverBits: undefined,
  clientBits: undefined,
}

function toAnswer(params: DeflateParams, faults: Faults): Answer {
  const { serverTakeover, clientTakeover, serverBits, clientBits } = params
  const parts = ['permessage-deflate']
  if (!serverTakeover && !faults.has('takeover-demand-ignored')) parts.push('server_no_context_takeover')
  if (!clientTakeover) parts.push('client_no_context_takeover')
  if (serverBits !== undefined && !faults.has('window-demand-ignored'))
    parts.push(`server_max_window_bits=${faults.has('window-answer-of-15') ? 15 : serverBits}`)
  if (clientBits !== undefined || faults.has('client-window-not-offered'))
    parts.push(`client_max_window_bits=${clientBits || 15}`)
  if (faults.has('deflate-answer-unknown')) parts.push('x_unknown')
  const one = parts.join('; ')
  return {
    field: faults.has('deflate-answered-twice') ? `${one}, ${one}` : one,
    agreement: {
      ownBits: clamp(serverBits),
      peerBits: clamp(clientBits),
      ownTakeover: serverTakeover,
      peerTakeover: clientTakeover,
    },
  }
}

function clamp(bits: number | undefined): number {
  return Math.min(15, Math.max(8, bits || 15))
}

/** Reads the answer to `permessage-deflate; client_max_window_bits`. Returns `undefined` if the client must fail. */
export function takeAnswer(
  answers: readonly Extension[],
  faults: Faults,
): { readonly agreement: Agreement | undefined } | undefined {
  const [answer, ...more] = faults.has('extension-not-offered-taken')
    ? answers.filter(({ name }) => name === 'permessage-deflate')
    : answers
  if (answer === undefined) return { agreement: undefined }
  if (more.length > 0 && !faults.has('extension-answered-twice')) return undefined
  const params = readDeflate(answer, false, faults)
  if (params === undefined) return undefined
  return {
    agreement: {
      ownBits: clamp(params.clientBits),
      peerBits: clamp(params.serverBits),
      ownTakeover: params.clientTakeover,
      peerTakeover: params.serverTakeover,
    },
  }
}
