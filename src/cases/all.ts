/**
 * All cases, in the order of a report. The build writes them as `dist/testing/server.json` and `dist/testing/client.json`.
 *
 * @module
 */

import type { Case } from '../testing/case.ts'
import { control } from './control.ts'
import { fragmentation } from './fragmentation.ts'
import { framing } from './framing.ts'
import { masking } from './masking.ts'

/** The cases of a server under test. */
export const serverCases: readonly Case[] = [
  ...framing('server'),
  ...masking('server'),
  ...control('server'),
  ...fragmentation('server'),
]

/** The cases of a client under test. */
export const clientCases: readonly Case[] = [
  ...framing('client'),
  ...masking('client'),
  ...control('client'),
  ...fragmentation('client'),
]
