/**
 * HTTP's protocol upgrade (RFC 9110 §7.8), for any protocol: what a request asks for, which of it is ours, and the answers
 * that switch, demand or decline. Knows no protocol by name.
 *
 * @module
 */

import { equalsIgnoringCase, lowerCase } from '../bytes/ascii.ts'
import { ProtocolError, quote } from '../errors.ts'
import { isToken } from './grammar.ts'
import { getHeaderElements, type HeaderList, type HeaderSource, toHeaderList } from './headers.ts'
import { type RequestSource, requestHeadFrom } from './request.ts'
import { type Answer, createAnswer, type ResponseHead, reasonPhrase } from './response.ts'

/** `protocol = protocol-name [ "/" protocol-version ]`, both tokens. */
export interface UpgradeProtocol {
  name: string
  version: string | undefined
}

/**
 * The protocols of an `Upgrade` field, over all its lines, best first (RFC 9110 §7.8). No field: none.
 *
 * @throws {ProtocolError} `head-syntax` (400) for an element that is no `name` or `name/version`.
 *
 * @example
 * parseUpgrade({ upgrade: 'example/1, foo/2' }) // [{ name: 'example', version: '1' }, { name: 'foo', version: '2' }]
 */
export function parseUpgrade(source: HeaderSource): UpgradeProtocol[] {
  const protocols: UpgradeProtocol[] = []
  for (const element of getHeaderElements(source, 'upgrade')) {
    const protocol = parseProtocol(element)
    if (protocol === undefined)
      throw new ProtocolError(
        'head-syntax',
        `${quote(element)} in Upgrade is no protocol: a token, or two with a slash between`,
        {
          reference: 'RFC 9110 §7.8',
          status: 400,
        },
      )
    protocols.push(protocol)
  }
  return protocols
}

function parseProtocol(text: string): UpgradeProtocol | undefined {
  const slash = text.indexOf('/')
  const name = slash === -1 ? text : text.slice(0, slash)
  const version = slash === -1 ? undefined : text.slice(slash + 1)
  return isToken(name) && (version === undefined || isToken(version)) ? { name, version } : undefined
}

/** Whose order decides. */
export interface SelectUpgradeOptions {
  /** Default `'client'`: the field is in the client's order of preference. */
  readonly prefer?: 'client' | 'server' | undefined
}

/**
 * The entry of `supported` that a request asks for; `undefined`: it asks for nothing that we speak (or in HTTP/1.0, or so
 * that it cannot be read), and may go on as plain HTTP, for a client cannot insist (RFC 9110 §7.8). Names compare without
 * letter case; an entry without a version takes any, one with a version takes that one only.
 *
 * @example
 * switch (selectUpgrade(request, ['websocket', 'foo/2'])) {
 *   case 'websocket': // acceptHandshake …
 *   case 'foo/2': // switchingProtocols …
 *   case undefined: // plain HTTP
 * }
 */
export function selectUpgrade<const Supported extends string>(
  request: RequestSource,
  supported: readonly Supported[],
  options: SelectUpgradeOptions = {},
): Supported | undefined {
  const wanted = requestedProtocols(request)
  if (options.prefer === 'server') return supported.find((entry) => wanted.some((protocol) => matches(protocol, entry)))
  for (const protocol of wanted) {
    const entry = supported.find((candidate) => matches(protocol, candidate))
    if (entry !== undefined) return entry
  }
  return undefined
}

function requestedProtocols(request: RequestSource): UpgradeProtocol[] {
  const head = requestHeadFrom(request)
  // "A server MUST ignore an Upgrade header field that is received in an HTTP/1.0 request", and HTTP/2 and 3 have none.
  //                                                                          RFC 9110 §7.8, RFC 9113 §8.2.2
  if (head.version !== '1.1' && head.version !== undefined) return []
  try {
    return parseUpgrade(head.headers)
  } catch (error) {
    if (error instanceof ProtocolError) return []
    throw error
  }
}

function matches(protocol: UpgradeProtocol, entry: string): boolean {
  const supported = parseProtocol(entry)
  if (supported === undefined) throw new TypeError(`${JSON.stringify(entry)} is no protocol (RFC 9110 §7.8)`)
  if (!equalsIgnoringCase(protocol.name, lowerCase(supported.name))) return false
  return supported.version === undefined || supported.version === protocol.version
}

/**
 * The 101 for one protocol, or for several in layer order, lowest first (RFC 9110 §15.2.2).
 *
 * @example
 * socket.write(formatResponse(switchingProtocols('foo/2')))
 */
export function switchingProtocols(protocols: string | readonly string[], headers: HeaderSource = []): ResponseHead {
  return {
    status: 101,
    reason: reasonPhrase(101),
    headers: [...upgradeFields(protocols, 'Upgrade'), ...toHeaderList(headers)],
  }
}

/** More fields, and a text in place of ours. */
export interface AnswerOptions {
  readonly headers?: HeaderSource | undefined
  readonly body?: string | undefined
}

/**
 * The 426 by which a server insists, naming what it wants, best first (RFC 9110 §15.5.22). Closes the connection.
 *
 * @example
 * const answer = upgradeRequired('foo/2')
 * response.writeHead(answer.status, answer.headers).end(answer.body)
 */
export function upgradeRequired(protocols: string | readonly string[], options: AnswerOptions = {}): Answer {
  const fields = upgradeFields(protocols, 'Upgrade, close')
  return createAnswer(
    426,
    [...fields, ...toHeaderList(options.headers ?? [])],
    options.body ?? `${reasonPhrase(426)}\n`,
  )
}

/** One's own refusal (401, 403, 404, 503 …): a short text and `Connection: close`. */
export function refuseUpgrade(status: number, options: AnswerOptions = {}): Answer {
  const headers: HeaderList = [['Connection', 'close'], ...toHeaderList(options.headers ?? [])]
  return createAnswer(status, headers, options.body ?? `${reasonPhrase(status) || status}\n`)
}

// "A sender of Upgrade MUST also send an "Upgrade" connection option in the Connection header field"      RFC 9110 §7.8
function upgradeFields(protocols: string | readonly string[], connection: string): HeaderList {
  const list = typeof protocols === 'string' ? [protocols] : protocols
  for (const entry of list)
    if (parseProtocol(entry) === undefined)
      throw new TypeError(`${JSON.stringify(entry)} is no protocol (RFC 9110 §7.8)`)
  if (list.length === 0) throw new TypeError('an Upgrade field names one protocol at least (RFC 9110 §7.8)')
  return [
    ['Upgrade', list.join(', ')],
    ['Connection', connection],
  ]
}

/** Whether `Connection`, read as a list, holds an option (given in lower case), such as `upgrade` (RFC 9110 §7.6.1). */
export function hasConnectionOption(headers: HeaderSource, option: string): boolean {
  return getHeaderElements(headers, 'connection').some((element) => equalsIgnoringCase(element, option))
}
