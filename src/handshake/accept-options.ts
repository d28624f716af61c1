/**
 * What a server supports, and which clients it accepts: the options of `acceptHandshake`, checked and resolved. A server resolves
 * them once, with `handshakeOptions`; a literal is resolved at each handshake.
 *
 * @module
 */

import { type Kind, type Kinds, requireOptions } from '../arguments.ts'
import type { DefinedExtension } from '../extensions/extension.ts'
import { requireExtensions } from '../extensions/support.ts'
import type { HeaderList, HeaderSource } from '../http/headers.ts'
import { type Limits, limitKinds, type ResolvedLimits, resolveLimits } from '../limits.ts'
import { type Native, nativeKinds } from '../native.ts'
import { requireExtraHeaders } from './fields.ts'
import { type OffWire, requireHosts, requireOffWire, type ServedHosts } from './hosts.ts'
import { type AllowedOrigins, type OriginPolicy, requireOrigins } from './origin.ts'
import {
  preferKind,
  requireSubprotocolPolicy,
  type SubprotocolPolicy,
  type SupportedSubprotocols,
} from './subprotocol.ts'
import { requireVersions } from './version.ts'

/** What a server supports, and which clients it accepts. */
export interface AcceptOptions<Subprotocol extends string = string, Required extends boolean = boolean>
  extends SubprotocolPolicy<Subprotocol, Required>,
    OriginPolicy {
  /**
   * The hosts served, as clients write them: `'chat.example'` on any port, `'localhost:8080'`, `'[::1]:8080'`. A request
   * for another host is refused with 421 (RFC 9110 §15.5.20). Default: any host. A server on a loopback address should list its
   * hosts: with DNS rebinding, a page's own name can resolve to that address, and `origins: 'same'` then accepts it.
   */
  readonly hosts?: readonly string[] | undefined
  /**
   * Supported extensions, each name once, as `defineExtension` returns them. Those the client also offers are used, in the client's
   * order.
   */
  readonly extensions?: readonly DefinedExtension[] | undefined
  /**
   * The WebSocket versions accepted, best first; a refusal that concerns the version lists them. Default: 13 only, the one
   * version this package implements. For drafts (`[13, 8]`), bring your own codec and see {@link Accepted.version}.
   */
  readonly versions?: readonly number[] | undefined
  /** Extra fields for the 101 or 200. */
  readonly headers?: HeaderSource | undefined
  /**
   * Refuse a key whose base64 has a non-canonical tail. Default: false (RFC 6455 §4.2.2 requires no decoding). Over HTTP/2 and
   * 3, keys are ignored.
   */
  readonly strictKey?: boolean | undefined
  /**
   * Leave `Connection: close` out of a refusal if the head and its framing are sound, nothing followed the head, and the client
   * did not ask to close. Only a parser's result shows what followed; for Node's `upgrade` event, pass `head.length === 0`.
   * Default: false, because most hosts hand over the socket for good.
   */
  readonly keepAlive?: boolean | undefined
  /**
   * Accept a Fetch `Request` that was built in code and never sent over HTTP, such as one that a Worker passes to a Durable Object
   * with `stub.fetch(url, { headers: { Upgrade: 'websocket' } })`. Key and version may be missing, but must be valid if present.
   * `{ host }` sets the public host for `origins` and `hosts`; by default it is the host of the request's URL.
   * Ignored for requests with a known HTTP version. Default: false.
   */
  readonly offWire?: OffWire | undefined
  /** `maxHeadFields`, for heads read by another parser: more get 431. Our own parser has its own limits. */
  readonly limits?: Limits | undefined
  /** A faster `sha1`, for `Sec-WebSocket-Accept`; its other functions are not used here. Default: none. */
  readonly native?: Native | undefined
}

/** What each option must be. */
export const handshakeKinds: Kinds = {
  subprotocols: 'any',
  prefer: preferKind,
  requireSubprotocol: 'boolean',
  origins: 'any',
  scheme: ['http', 'https'],
  hosts: 'array',
  extensions: 'array',
  versions: 'array',
  headers: 'any',
  strictKey: 'boolean',
  keepAlive: 'boolean',
  offWire: 'any',
  limits: limitKinds,
  native: nativeKinds,
} satisfies Record<keyof AcceptOptions, Kind>

/** The options of a server, checked and resolved by {@link handshakeOptions}. */
export class HandshakeOptions<Subprotocol extends string = string, Required extends boolean = boolean> {
  /** A copy of what was given, to derive others: `handshakeOptions({ ...shared.options, origins: 'any' })`. */
  readonly options: AcceptOptions<Subprotocol, Required>
  /** @internal */
  readonly subprotocols: SupportedSubprotocols
  /** @internal */
  readonly origins: AllowedOrigins
  /** @internal */
  readonly hosts: ServedHosts | undefined
  /** @internal */
  readonly extensions: readonly DefinedExtension[]
  /** @internal */
  readonly versions: readonly [number, ...number[]]
  /** @internal */
  readonly headers: HeaderList
  /** @internal */
  readonly limits: ResolvedLimits
  /** @internal */
  readonly sha1: Native['sha1']

  /** @internal */
  constructor(options: AcceptOptions<Subprotocol, Required>) {
    requireOptions(options, handshakeKinds, 'the options of acceptHandshake')
    const { hosts, offWire = false, extensions = [] } = options
    this.options = options
    this.subprotocols = requireSubprotocolPolicy(options)
    this.origins = requireOrigins(options.origins)
    this.hosts = hosts === undefined ? undefined : requireHosts(hosts)
    requireOffWire(offWire)
    requireExtensions(extensions)
    this.extensions = extensions
    this.versions = requireVersions(options.versions)
    this.headers = requireExtraHeaders(options.headers)
    this.limits = resolveLimits(options.limits)
    this.sha1 = options.native?.sha1
  }

  /**
   * Tells these options from a literal, for error messages. On the prototype, so that it is not read as an option.
   *
   * @internal
   */
  get isShared(): true {
    return true
  }
}

/**
 * Checks and resolves the options of `acceptHandshake` once, for all handshakes of a server: the cost of a handshake then does not
 * depend on the length of its lists. Later changes to `options` have no effect; functions in it are called as usual.
 *
 * @returns An object to pass in place of the literal.
 * @throws TypeError, RangeError as `acceptHandshake` does.
 *
 * @example
 * const options = handshakeOptions({ subprotocols: ['chat'], origins: ['https://a.example'] })
 * createServer().on('upgrade', (request, socket) => {
 *   socket.write(formatResponse(acceptHandshake(request, options).response))
 * })
 */
export function handshakeOptions<const Subprotocol extends string = never, const Required extends boolean = boolean>(
  options: AcceptOptions<Subprotocol, Required>,
): HandshakeOptions<Subprotocol, Required> {
  // Checked before it is copied, because a copy of a wrong value can pass.
  const { offWire, extensions } = new HandshakeOptions(options).options
  return new HandshakeOptions({
    ...options,
    ...(extensions !== undefined && { extensions: [...extensions] }),
    ...(typeof offWire === 'object' && { offWire: { ...offWire } }),
  })
}
