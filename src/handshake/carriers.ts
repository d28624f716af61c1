/**
 * Selects the carrier for an HTTP version.
 *
 * @module
 */

import { type HttpVersion, isMultiplexed } from '../http/request.ts'
import type { ClientCarrier, ServerCarrier } from './carrier.ts'
import { connectClient, connectServer } from './connect-carrier.ts'
import { upgradeClient, upgradeServer } from './upgrade-carrier.ts'

/** An unknown version means a Fetch runtime, which uses `Upgrade`. */
export function serverCarrier(version: HttpVersion): ServerCarrier {
  return isMultiplexed(version) ? connectServer : upgradeServer
}

export function clientCarrier(version: HttpVersion): ClientCarrier {
  return isMultiplexed(version) ? connectClient : upgradeClient
}
