/**
 * All cases, in the order of a report. The build writes them as `dist/testing/server.json` and `dist/testing/client.json`.
 *
 * @module
 */

import type { Case } from '../testing/case.ts'

/** The cases of a server under test. */
export const serverCases: readonly Case[] = []

/** The cases of a client under test. */
export const clientCases: readonly Case[] = []
