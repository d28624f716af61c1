/** Holds which version of HTTP has which carrier. */

import { expect, it } from 'vitest'
import { clientCarrier, serverCarrier } from '../../src/handshake/carriers.ts'
import { connectClient, connectServer } from '../../src/handshake/connect-carrier.ts'
import { upgradeClient, upgradeServer } from '../../src/handshake/upgrade-carrier.ts'

it.each(['1.0', '1.1', 'unknown'] as const)('HTTP/%s has Upgrade', (version) => {
  expect([serverCarrier(version), clientCarrier(version)]).toEqual([upgradeServer, upgradeClient])
})

it.each(['2', '3'] as const)('HTTP/%s has extended CONNECT', (version) => {
  expect([serverCarrier(version), clientCarrier(version)]).toEqual([connectServer, connectClient])
})
