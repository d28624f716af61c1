/**
 * The server's answers to an upgrade, as values: switch, demand, decline (RFC 9110 §7.8, §15.2.2, §15.5.22). To ignore it is
 * to answer as if it were not there.
 *
 * @module
 */

import { equalsIgnoringCase } from '../bytes/ascii.ts'
import { type HeaderList, type HeaderSource, toHeaderList } from './headers.ts'
import { type Answer, createAnswer, type ResponseHead, reasonPhrase } from './response.ts'
import { upgradeHeaders } from './upgrade.ts'

/**
 * The 101 for one protocol, or for several in layer order, lowest first (RFC 9110 §15.2.2).
 * Behind it the connection speaks the new protocol, and begins with what the client sent behind the request's head.
 *
 * @param continueFirst What {@link expectsContinue} says of the request: a 100 is written before the 101.
 *
 * @example
 * socket.write(formatResponse(switchingProtocols('foo/2')))
 */
export function switchingProtocols(
  protocols: string | readonly string[],
  headers: HeaderSource = [],
  continueFirst = false,
): ResponseHead {
  const all = upgradeHeaders(protocols)
  for (const pair of toExtraHeaders(headers)) all.push(pair)
  const head: ResponseHead = { status: 101, reason: reasonPhrase(101), headers: all }
  // "the server MUST send a 100 (Continue) response before sending a 101"                            RFC 9110 §7.8
  if (continueFirst) head.continueFirst = true
  return head
}

/** More fields, a text in place of ours, and whether the connection goes on. */
export interface AnswerOptions {
  /** More fields; not `Connection` or `Upgrade`. */
  readonly headers?: HeaderSource | undefined
  /** Default: the reason phrase. */
  readonly body?: string | undefined
  /**
   * Leave `Connection: close` out: for a request whose framing is sound and whose head nothing followed. What has not come
   * yet nobody can know: only for clients that are trusted to wait for the answer (RFC 9931). Default: false.
   */
  readonly keepAlive?: boolean | undefined
}

/**
 * The 426 by which a server insists, naming what it wants, best first (RFC 9110 §15.5.22). Closes the connection,
 * unless told otherwise.
 *
 * @example
 * const answer = upgradeRequired('foo/2')
 * response.writeHead(answer.status, answer.headers).end(answer.body)
 */
export function upgradeRequired(protocols: string | readonly string[], options: AnswerOptions = {}): Answer {
  const fields = upgradeHeaders(protocols, ...(options.keepAlive ? [] : ['close']))
  return createAnswer(426, [...fields, ...toExtraHeaders(options.headers)], options.body ?? `${reasonPhrase(426)}\n`)
}

/**
 * One's own refusal (401, 403, 404, 503 …): a short text and `Connection: close`, since bytes of the new protocol that a
 * client has sent too early would be read as the next request (RFC 9931).
 *
 * @throws RangeError for a status that is no refusal; `TypeError` for a `Connection` of one's own.
 *
 * @example
 * socket.end(formatResponse(refuseUpgrade(401, { headers: { 'www-authenticate': 'Basic realm="chat"' } })))
 */
export function refuseUpgrade(status: number, options: AnswerOptions = {}): Answer {
  if (!(Number.isInteger(status) && status >= 300 && status <= 599) || status === 304)
    throw new RangeError(`a refusal is a 3xx, 4xx or 5xx with a body, not ${status} (RFC 9110 §15)`)
  if (status === 426) throw new RangeError('a 426 names what it wants: see upgradeRequired (RFC 9110 §15.5.22)')
  const close: HeaderList = options.keepAlive ? [] : [['Connection', 'close']]
  const headers = [...close, ...toExtraHeaders(options.headers)]
  return createAnswer(status, headers, options.body ?? `${reasonPhrase(status) || status}\n`)
}

/** The caller's own fields. Throws `TypeError` for the two that the answer writes itself. */
function toExtraHeaders(source: HeaderSource = []): HeaderList {
  const headers = toHeaderList(source)
  for (const [name] of headers)
    if (equalsIgnoringCase(name, 'connection') || equalsIgnoringCase(name, 'upgrade'))
      throw new TypeError(`${name} is written by the answer itself; \`keepAlive\` says whether the connection goes on`)
  return headers
}
