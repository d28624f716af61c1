/**
 * All cases, in the order of reports. The build writes them as JSON; no entry of the package imports them.
 *
 * @module
 */

import type { Case } from '../testing/case.ts'
import { handshakeClient } from './handshake-client.ts'
import { handshakeClientResponse } from './handshake-client-response.ts'
import { handshakeServer } from './handshake-server.ts'
import { handshakeServerLists } from './handshake-server-lists.ts'
import { httpClient } from './http-client.ts'
import { httpServer } from './http-server.ts'
import { httpServerFields } from './http-server-fields.ts'
import { http2Client, http2Server } from './http2.ts'

/** The cases for servers. */
export const serverCases: readonly Case[] = [
  ...handshakeServer,
  ...handshakeServerLists,
  ...httpServer,
  ...httpServerFields,
  ...http2Server,
]

/** The cases for clients. */
export const clientCases: readonly Case[] = [
  ...handshakeClient,
  ...handshakeClientResponse,
  ...httpClient,
  ...http2Client,
]
