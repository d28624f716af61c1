/**
 * What the entry points of the streams layer make of their options, before they lock anything.
 *
 * @module
 */

import type { SharedConnectionOptions } from '../connection/options.ts'
import { Endpoint } from '../driver/endpoint.ts'
import { resolveConnection } from '../driver/options.ts'
import type { Peer } from '../driver/peer.ts'
import type { DefinedExtension } from '../extensions/extension.ts'
import type { AbortSignalLike } from '../platform/abort.ts'
import type { Role } from '../types.ts'
import type { HeadOptions } from './options.ts'

/** The default of `readAhead`. */
const READ_AHEAD = 65_536

/** What one call needs, once its options have been checked. */
export interface Setup {
  /** Of its own, for one transport. */
  readonly endpoint: StreamEndpoint
  readonly connection: SharedConnectionOptions
  readonly readAhead: number
  readonly signal: AbortSignalLike | undefined
}

/** What is behind a peer: it hears of what something of the user's has thrown. */
interface Behind {
  threw(error: unknown): void
}

/** An endpoint whose peers are behind message streams. */
export type StreamEndpoint = Endpoint<Behind | undefined>

/** One of these. */
export type StreamPeer = Peer<Behind | undefined>

/** Checks the options. Throws `TypeError` and `RangeError` before anything is locked. */
export function setUp(options: HeadOptions, role: Role, extensions: readonly DefinedExtension[] | undefined): Setup {
  const { limits, explainErrors, fragmentSize, keepalive, closeTimeout, headTimeout, timers, signal } = options
  const { ownsChunks = false, maskKeys, loneSurrogates, readAhead = READ_AHEAD } = options
  if (!(readAhead >= 0)) throw new RangeError(`\`readAhead\` must be a number of bytes from 0 on, not ${readAhead}`)
  const forBoth = { limits, explainErrors, fragmentSize, keepalive, closeTimeout }
  const endpoint: StreamEndpoint = new Endpoint<Behind | undefined>({
    ...forBoth,
    headTimeout,
    timers,
    error: (error, peer) => peer?.data?.threw(error),
  })
  endpoint.readsOnDemand = true
  // The transport, from now on.
  endpoint.streams = 1
  // Their Close is answered by the bridge: later, if a reader has yet to reply.
  const own = { ...forBoth, extensions, maskKeys, loneSurrogates, autoClose: false }
  return { endpoint, connection: resolveConnection(own, role, ownsChunks), readAhead, signal }
}
