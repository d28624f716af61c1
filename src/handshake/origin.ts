/**
 * `Origin`: which pages may open a connection (RFC 6455 §4.2.1 item 7, §10.2). Browsers send cookies along with every
 * WebSocket, whoever's page opens it, and ask no leave first; hence only the own pages may, until told otherwise.
 *
 * @module
 */

import { ProtocolError, quote } from '../errors.ts'
import { type Authority, parseAuthority, requestAuthority } from '../http/authority.ts'
import { getHeaders } from '../http/headers.ts'
import type { RequestHead } from '../http/request.ts'

/**
 * Who may connect: `'same'` (no `Origin`, or one with the host and port that the request is addressed to, and no `http` one
 * where the request is known to have come by `https`), `'any'`, a list of origins as browsers write them
 * (`'https://example.com'`, `'null'`; `'absent'` for requests without one), or a function.
 */
export type OriginPolicy =
  | 'any'
  | 'same'
  | readonly string[]
  | ((origin: string | undefined, request: RequestHead) => boolean)

/** What is wrong with where a request comes from; `undefined`: it may come. */
export function checkOrigin(head: RequestHead, policy: OriginPolicy): ProtocolError | undefined {
  if (policy === 'any') return undefined
  // A string would be searched for parts of it, and let in whoever's origin is one.
  if (policy !== 'same' && typeof policy !== 'function' && !Array.isArray(policy))
    throw new TypeError("`origins` is 'same', 'any', an array of origins or a function")
  const origins = getHeaders(head.headers, 'origin')
  if (origins.length > 1) return originFault(`the request has ${origins.length} Origin lines, where one may stand`)
  const [origin] = origins
  if (typeof policy === 'function')
    return ask(policy, origin, head) ? undefined : originFault(`${describe(origin)} is not allowed`)
  if (policy !== 'same')
    return policy.includes(origin ?? 'absent')
      ? undefined
      : originFault(`${describe(origin)} is not among the allowed \`origins\``)
  if (origin === undefined) return undefined
  const own = requestAuthority(head)
  if (own !== undefined && isSameHost(origin, own, head.scheme)) return undefined
  return originFault(
    `${describe(origin)} is not the host that was asked, ${own ? quote(joinAuthority(own)) : 'which is unknown'}; the option \`origins\` can allow it`,
  )
}

/** A promise is no answer: it would count as yes. */
function ask(
  policy: (origin: string | undefined, request: RequestHead) => boolean,
  origin: string | undefined,
  head: RequestHead,
): boolean {
  const answer = policy(origin, head)
  if (typeof answer !== 'boolean') throw new TypeError(`\`origins\` answers with a boolean, not with ${typeof answer}`)
  return answer
}

/**
 * Without a port, or with the default of the origin's scheme, are the same: most requests do not tell their own scheme, and
 * one that came as `http` may have been `https` in front of a proxy. One that came as `https` was never `http`.
 */
function isSameHost(origin: string, own: Authority, ownScheme: string | undefined): boolean {
  const colon = origin.indexOf('://')
  const scheme = origin.slice(0, Math.max(colon, 0))
  if (scheme === 'http' && ownScheme === 'https') return false
  const defaultPort = defaultPorts.get(scheme)
  const theirs = defaultPort === undefined ? undefined : parseAuthority(origin.slice(colon + 3))
  if (theirs === undefined) return false
  return theirs.host === own.host && (theirs.port || defaultPort) === (own.port || defaultPort)
}

const defaultPorts: ReadonlyMap<string, string> = /* @__PURE__ */ new Map([
  ['http', '80'],
  ['https', '443'],
])

function joinAuthority({ host, port }: Authority): string {
  return port === '' ? host : `${host}:${port}`
}

function describe(origin: string | undefined): string {
  return origin === undefined ? 'a request without Origin' : `the origin ${quote(origin)}`
}

function originFault(message: string): ProtocolError {
  return new ProtocolError('origin', message, { reference: 'RFC 6455 §4.2.2', status: 403 })
}
