/**
 * The opening handshake of a case: the suite's heads, which are valid heads with changes, and the faults of an agent's head.
 *
 * @module
 */

import { lowerCase } from '../bytes/ascii.ts'
import { verifyDeflateResponse } from '../deflate/negotiate.ts'
import { DEFLATE_NAME, type DeflateParams, MAX_WINDOW_BITS, readDeflateTerms } from '../deflate/params.ts'
import { attempt, errorOf, ProtocolError } from '../errors.ts'
import type { ExtensionEntry } from '../extensions/extension.ts'
import { notOffered, readExtensions } from '../extensions/header.ts'
import { acceptHandshake } from '../handshake/accept.ts'
import { field } from '../handshake/fields.ts'
import { computeAccept } from '../handshake/key.ts'
import { readChosenSubprotocol, readOfferedSubprotocols } from '../handshake/subprotocol.ts'
import { upgradeClient } from '../handshake/upgrade-carrier.ts'
import { getHeader, getHeaders, type HeaderList, type HeaderPairs } from '../http/headers.ts'
import { type RequestHead, requestFromFields } from '../http/request.ts'
import { parseRequestHead } from '../http/request-parser.ts'
import { parseResponseHead } from '../http/response-parser.ts'
import type { Bytes } from '../types.ts'
import type { OpenStep } from './case.ts'
import { latin1Bytes } from './vectors/vector-bytes.ts'

/** The values of `{host}` and so on. */
export interface Values {
  readonly host: string
  readonly path: string
  readonly key: string
  readonly accept: string
  readonly subprotocol: string
}

/** Fills in the values of a connection. */
export function fill(text: string, values: Values): string {
  return text.replace(/\{(host|path|key|accept|subprotocol)\}/g, (_, name: keyof Values) => values[name])
}

type Changes = OpenStep['fields']

/** Applies changes to the fields, and fills in their values. */
function changeFields(base: HeaderPairs, changes: Changes = {}, values: Values): HeaderList {
  const fields: HeaderList = []
  const add = (name: string, value: string | readonly string[] | null): void => {
    if (value === null) return
    for (const line of typeof value === 'string' ? [value] : value) fields.push([name, fill(line, values)])
  }
  for (const [name, value] of base) add(name, Object.hasOwn(changes, name) ? (changes[name] ?? null) : value)
  for (const [name, value] of Object.entries(changes)) if (!base.some(([known]) => known === name)) add(name, value)
  return fields
}

function headText(step: OpenStep, line: string, base: HeaderPairs, values: Values): string {
  if (step.raw !== undefined) return fill(step.raw, values)
  const fields = changeFields(base, step.fields, values).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${fill(step.before ?? '', values)}${fill(step.line ?? line, values)}\r\n${fields.join('')}\r\n`
}

/** Returns the text of a client's request. */
export function requestText(step: OpenStep, values: Values): string {
  const base: HeaderPairs = [
    ['Host', '{host}'],
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
    [field.key, '{key}'],
    [field.version, '13'],
  ]
  return headText(step, 'GET {path} HTTP/1.1', base, values)
}

/** Returns the text of a server's response. */
export function responseText(step: OpenStep, values: Values): string {
  const base: HeaderPairs = [
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
    [field.accept, '{accept}'],
    // Browsers fail a connection if the response selects none of the subprotocols that they offered.
    ...chosenSubprotocol(field.protocol, values),
  ]
  return headText(step, 'HTTP/1.1 101 Switching Protocols', base, values)
}

/** Returns the fields of a client's request over HTTP/2. */
export function requestFields(step: OpenStep, scheme: string, values: Values): HeaderList {
  const base: HeaderPairs = [
    [':method', 'CONNECT'],
    [':protocol', 'websocket'],
    [':scheme', scheme],
    [':authority', '{host}'],
    [':path', '{path}'],
    ['sec-websocket-version', '13'],
  ]
  return changeFields(base, step.fields, values)
}

/** Returns the fields of a server's response over HTTP/2. */
export function responseFields(step: OpenStep, values: Values): HeaderList {
  return changeFields(
    [[':status', '200'], ...chosenSubprotocol(lowerCase(field.protocol), values)],
    step.fields,
    values,
  )
}

function chosenSubprotocol(name: string, { subprotocol }: Values): HeaderPairs {
  return subprotocol === '' ? [] : [[name, '{subprotocol}']]
}

/** Encodes the characters of a head as bytes. */
export function headBytes(text: string): Bytes {
  return latin1Bytes(text)
}

/** Formats an HTTP/2 head as text, for transcripts. */
export function fieldsText(fields: HeaderPairs): string {
  return fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')
}

/** Returns the fields of a head that the suite has written, or none if it cannot be read. */
export function sentFields(text: string, kind: 'request' | 'response'): HeaderPairs {
  const bytes = headBytes(text)
  const parsed = attempt(() => (kind === 'request' ? parseRequestHead(bytes) : parseResponseHead(bytes)))
  return parsed === undefined || parsed instanceof ProtocolError ? [] : parsed.head.headers
}

/** Returns the status of a response that the suite has written, or `undefined` if it cannot be read. */
export function sentStatus(text: string): number | undefined {
  const parsed = attempt(() => parseResponseHead(headBytes(text)))
  return parsed === undefined || parsed instanceof ProtocolError ? undefined : parsed.head.status
}

/** Returns the values of a connection from the agent's request. */
export function valuesOf(head: RequestHead): Values {
  const key = getHeader(head.headers, field.key) ?? ''
  const offered = attempt(() => readOfferedSubprotocols(getHeaders(head.headers, field.protocol)))
  const [subprotocol = ''] = offered instanceof ProtocolError ? [] : offered
  return {
    host: head.authority ?? getHeader(head.headers, 'host') ?? '',
    path: head.target,
    key,
    accept: computeAccept(key),
    subprotocol,
  }
}

/** Finds the fault of a client's opening request. */
export function findRequestError(head: RequestHead): ProtocolError | undefined {
  const accepted = acceptHandshake(head, { origins: 'any' })
  return accepted.ok ? undefined : accepted.errors[0]
}

/** Finds the fault of a server's response that opens the WebSocket. @param sent The fields of the request. */
export function findResponseError(
  headers: HeaderPairs,
  sent: HeaderPairs,
  carrier: 'http/1.1' | 'http/2',
): ProtocolError | undefined {
  const [key, ...more] = getHeaders(sent, field.key)
  const upgrade = carrier === 'http/2' ? [] : upgradeClient.verify(headers, key ?? '', undefined)
  const hasOneKey = key !== undefined && more.length === 0
  return (
    upgrade.find((error) => error !== undefined && (error.code !== 'accept' || hasOneKey)) ??
    errorOf(() => {
      const offered = attempt(() => readOfferedSubprotocols(getHeaders(sent, field.protocol)))
      readChosenSubprotocol(getHeaders(headers, field.protocol), offered instanceof ProtocolError ? [] : offered, false)
    }) ??
    errorOf(() => {
      const offers = readOffers(sent)
      const agreed = readExtensions(getHeaders(headers, field.extensions))
      for (const { name } of agreed) if (!offers.some((offer) => offer.name === name)) throw notOffered(name)
      const [deflate, again] = agreed.filter(({ name }) => name === DEFLATE_NAME)
      if (again !== undefined)
        throw new ProtocolError('extension', `${DEFLATE_NAME} twice`, { reference: 'RFC 7692 §5' })
      if (deflate !== undefined) verifyDeflateResponse(deflate.params, deflateOffers(offers))
    })
  )
}

/** Returns the extensions that a request offers, or none if they cannot be read. */
function readOffers(headers: HeaderPairs): readonly ExtensionEntry[] {
  const offers = attempt(() => readExtensions(getHeaders(headers, field.extensions)))
  return offers instanceof ProtocolError ? [] : offers
}

function deflateOffers(offers: readonly ExtensionEntry[]): ExtensionEntry['params'][] {
  return offers.filter(({ name }) => name === DEFLATE_NAME).map(({ params }) => params)
}

/** Whether a request offers permessage-deflate. */
export function offersDeflate(request: HeaderPairs): boolean {
  return deflateOffers(readOffers(request)).length > 0
}

/** Whether a request offers a subprotocol. */
export function offersSubprotocol(request: HeaderPairs): boolean {
  return getHeaders(request, field.protocol).length > 0
}

/** Returns the agreed parameters of permessage-deflate, or `undefined` if the sides did not agree on it. */
export function readDeflateAgreement(request: HeaderPairs, response: HeaderPairs): DeflateParams | undefined {
  const agreed = attempt(() => {
    const answer = readExtensions(getHeaders(response, field.extensions)).find(({ name }) => name === DEFLATE_NAME)
    if (answer === undefined) return undefined
    verifyDeflateResponse(answer.params, deflateOffers(readOffers(request)))
    const terms = readDeflateTerms(answer.params, 'response')
    const { serverMaxWindowBits = MAX_WINDOW_BITS, clientMaxWindowBits = MAX_WINDOW_BITS } = terms
    return {
      serverNoContextTakeover: terms.serverNoContextTakeover === true,
      clientNoContextTakeover: terms.clientNoContextTakeover === true,
      serverMaxWindowBits,
      clientMaxWindowBits: clientMaxWindowBits as number,
    }
  })
  return agreed instanceof ProtocolError ? undefined : agreed
}

/** Returns a request's head from its HTTP/2 fields, or the error in them. */
export function readRequestFields(fields: HeaderPairs): RequestHead | ProtocolError {
  return attempt(() => requestFromFields({ httpVersion: '2', fields: [...fields] as HeaderList }))
}
