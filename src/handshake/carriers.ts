/**
 * Which carrier a version of HTTP has. Knows no more of them.
 *
 * @module
 */

import { type HttpVersion, isMultiplexed } from '../http/request.ts'
import type { ClientCarrier, ServerCarrier } from './carrier.ts'
import { connectClient, connectServer } from './connect-carrier.ts'
import { upgradeClient, upgradeServer } from './upgrade-carrier.ts'

/** A Fetch runtime, which does not tell its version, has shown the fields of `Upgrade`. */
export function serverCarrier(version: HttpVersion): ServerCarrier {
  return isMultiplexed(version) ? connectServer : upgradeServer
}

export function clientCarrier(version: HttpVersion): ClientCarrier {
  return isMultiplexed(version) ? connectClient : upgradeClient
}
