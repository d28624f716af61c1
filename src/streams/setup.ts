/**
 * Checks and resolves the options of the streams layer's entry points, before they lock anything.
 *
 * @module
 */

import type { SharedConnectionOptions } from '../connection/options.ts'
import { requireKeepalive, resolveConnection, resolveNumbers, resolveTimers } from '../driver/options.ts'
import type { DefinedExtension } from '../extensions/extension.ts'
import type { AbortSignalLike } from '../platform/abort.ts'
import type { Role } from '../types.ts'
import { Host } from './host.ts'
import type { HeadOptions } from './options.ts'

/** The default of `readAhead`. */
const READ_AHEAD = 65_536

/** The resolved options of one call. */
export interface Setup {
  readonly host: Host
  readonly connection: SharedConnectionOptions
  readonly readAhead: number
  readonly signal: AbortSignalLike | undefined
}

/** Checks and resolves the options. Throws `TypeError` and `RangeError`. */
export function setUp(options: HeadOptions, role: Role, extensions: readonly DefinedExtension[] | undefined): Setup {
  const { limits, explainErrors, fragmentSize, keepalive, closeTimeout, headTimeout, timers, signal } = options
  const { ownsChunks = false, maskKeys, loneSurrogates, readAhead = READ_AHEAD } = options
  if (!(readAhead >= 0)) throw new RangeError(`\`readAhead\` must be a number of bytes, 0 or more, not ${readAhead}`)
  requireKeepalive(keepalive)
  const host = new Host(resolveNumbers({ headTimeout, closeTimeout }), resolveTimers(timers))
  const own = { limits, explainErrors, fragmentSize, keepalive, closeTimeout, extensions, maskKeys, loneSurrogates }
  // The bridge answers the peer's Close, later if a reader has yet to reply.
  const connection = resolveConnection<undefined, 'string', false>(
    { ...own, autoClose: false },
    role,
    ownsChunks,
    false,
  )
  return { host, connection, readAhead, signal }
}
