/**
 * The options of `acceptHandshake`: what a server supports, and which clients it accepts. `handshakeOptions` checks and resolves them
 * once for a server; `acceptHandshake` checks and resolves a literal at each call.
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

/**
 * What a server supports, and which clients it accepts.
 *
 * @category Opening handshake
 */
export interface AcceptOptions<Subprotocol extends string = string, Required extends boolean = boolean>
  extends SubprotocolPolicy<Subprotocol, Required>,
    OriginPolicy {
  /**
   * The hosts that the server serves, as clients write them: `'chat.example'` on any port, `'localhost:8080'`, `'[::1]:8080'`. A
   * request for another host gets a 421 (RFC 9110 §15.5.20). Default: any host. A server on a loopback address should list its hosts:
   * with DNS rebinding, the host name of a page can resolve to that address, and `origins: 'same'` then accepts the page.
   */
  readonly hosts?: readonly string[] | undefined
  /**
   * The supported extensions, each name once, as `defineExtension` returns them. The connection uses those that the client also offers,
   * in the client's order.
   */
  readonly extensions?: readonly DefinedExtension[] | undefined
  /**
   * The accepted WebSocket versions, best first. A refusal that concerns the version lists them. Default: only 13, the version that
   * this package implements. For drafts (`[13, 8]`), use your own codec, selected by {@link Accepted.version}.
   */
  readonly versions?: readonly number[] | undefined
  /** Extra fields for the 101 or 200. */
  readonly headers?: HeaderSource | undefined
  /**
   * Refuses a key whose base64 has a non-canonical last character. Default: false (RFC 6455 §4.2.2 requires no decoding). Has no
   * effect over HTTP/2 and HTTP/3, which ignore keys.
   */
  readonly strictKey?: boolean | undefined
  /**
   * Leaves `Connection: close` out of a refusal if the head and its framing are valid, no bytes came after the head, and the client did
   * not ask to close. Only a parser's result shows the bytes after the head; for Node's `upgrade` event, pass `head.length === 0`.
   * Default: false, because most HTTP servers do not take the socket back.
   */
  readonly keepAlive?: boolean | undefined
  /**
   * Accepts a Fetch `Request` that was created in code and never sent over HTTP, such as one that a Worker passes to a Durable Object
   * with `stub.fetch(url, { headers: { Upgrade: 'websocket' } })`. Its key and version may be missing, but must be valid if present.
   * `{ host }` sets the public host for `origins` and `hosts`; by default it is the host of the request's URL.
   * Has no effect on requests with a known HTTP version. Default: false.
   */
  readonly offWire?: OffWire | undefined
  /** `maxHeadFields`, for heads read by another parser: a head with more fields gets a 431. Our parser takes its own limits. */
  readonly limits?: Limits | undefined
  /** A faster `sha1`, for `Sec-WebSocket-Accept`; its other functions are not used here. Default: none. */
  readonly native?: Native | undefined
}

/** The kind of each option, for checks. */
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

/**
 * The options of a server, checked and resolved by {@link handshakeOptions}.
 *
 * @example
 * const shared = handshakeOptions({ subprotocols: ['chat'] })
 * handshakeOptions({ ...shared.options, origins: 'any' }).options // { subprotocols: ['chat'], origins: 'any' }
 *
 * @category Opening handshake
 */
export class HandshakeOptions<Subprotocol extends string = string, Required extends boolean = boolean> {
  /** A copy of the options passed in, to derive others from: `handshakeOptions({ ...shared.options, origins: 'any' })`. */
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
   * Distinguishes these options from a literal, for error messages. Defined on the prototype, so that it does not count as an option.
   *
   * @internal
   */
  get isShared(): true {
    return true
  }
}

/**
 * Checks and resolves the options of `acceptHandshake` once for all handshakes of a server: the cost of a handshake then does not
 * depend on the length of the lists. Later changes to `options` have no effect. `acceptHandshake` calls functions in `options` as usual.
 *
 * @returns An object to pass to `acceptHandshake` instead of a literal.
 * @throws TypeError and RangeError as `acceptHandshake` does.
 *
 * @example
 * const shared = handshakeOptions({ subprotocols: ['chat'] })
 * acceptHandshake(offerHandshake('ws://a.example/').request, shared).ok // true
 *
 * @example
 * const options = handshakeOptions({ subprotocols: ['chat'], origins: ['https://a.example'] })
 * createServer().on('upgrade', (request, socket) => {
 *   socket.write(formatResponse(acceptHandshake(request, options).response))
 * })
 *
 * @category Opening handshake
 */
export function handshakeOptions<const Subprotocol extends string = never, const Required extends boolean = boolean>(
  options: AcceptOptions<Subprotocol, Required>,
): HandshakeOptions<Subprotocol, Required> {
  // Checked before copying, because a copy of an invalid value can be valid.
  const { offWire, extensions } = new HandshakeOptions(options).options
  return new HandshakeOptions({
    ...options,
    ...(extensions !== undefined && { extensions: [...extensions] }),
    ...(typeof offWire === 'object' && { offWire: { ...offWire } }),
  })
}
