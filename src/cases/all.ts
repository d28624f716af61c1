/**
 * All cases, in the order of a report.
 *
 * @module
 */

import type { Case } from '../testing/case.ts'
import { deflateAnswers } from './deflate-answers.ts'
import { deflateFaults } from './deflate-faults.ts'
import { deflateMessages } from './deflate-messages.ts'
import { deflateOffers } from './deflate-offers.ts'

/** The cases of a server under test. */
export const serverCases: readonly Case[] = [...deflateOffers, ...deflateMessages('server'), ...deflateFaults('server')]

/** The cases of a client under test. */
export const clientCases: readonly Case[] = [
  ...deflateAnswers,
  ...deflateMessages('client'),
  ...deflateFaults('client'),
]
