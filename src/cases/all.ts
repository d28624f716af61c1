/**
 * All cases, in the order of reports. The build writes them as JSON. No entry of the package imports them.
 *
 * @module
 */

import type { Case } from '../testing/case.ts'
import { closing } from './closing.ts'
import { control } from './control.ts'
import { deflateAnswers } from './deflate-answers.ts'
import { deflateFaults } from './deflate-faults.ts'
import { deflateMessages } from './deflate-messages.ts'
import { deflateOffers } from './deflate-offers.ts'
import { fragmentation } from './fragmentation.ts'
import { framing } from './framing.ts'
import { handshakeClient } from './handshake-client.ts'
import { handshakeClientResponse } from './handshake-client-response.ts'
import { handshakeServer } from './handshake-server.ts'
import { handshakeServerLists } from './handshake-server-lists.ts'
import { httpClient } from './http-client.ts'
import { httpServer } from './http-server.ts'
import { httpServerFields } from './http-server-fields.ts'
import { http2Client, http2Server } from './http2.ts'
import { limits } from './limits.ts'
import { masking } from './masking.ts'
import { timing } from './timing.ts'
import { utf8 } from './utf8.ts'

/** The cases of a server under test. */
export const serverCases: readonly Case[] = [
  ...handshakeServer,
  ...handshakeServerLists,
  ...httpServer,
  ...httpServerFields,
  ...http2Server,
  ...framing('server'),
  ...masking('server'),
  ...control('server'),
  ...fragmentation('server'),
  ...utf8('server'),
  ...closing('server'),
  ...timing('server'),
  ...deflateOffers,
  ...deflateMessages('server'),
  ...deflateFaults('server'),
  // Last: an agent with one thread is busy with the largest messages, and answers nothing else.
  ...limits('server'),
]

/** The cases of a client under test. */
export const clientCases: readonly Case[] = [
  ...handshakeClient,
  ...handshakeClientResponse,
  ...httpClient,
  ...http2Client,
  ...framing('client'),
  ...masking('client'),
  ...control('client'),
  ...fragmentation('client'),
  ...utf8('client'),
  ...closing('client'),
  ...timing('client'),
  ...deflateAnswers,
  ...deflateMessages('client'),
  ...deflateFaults('client'),
  // Last: an agent with one thread is busy with the largest messages, and answers nothing else.
  ...limits('client'),
]
