/**
 * Where the judgements of opening requests part, as data: all that is explained. Knows only where the three lists are: HTTP,
 * WebSocket, and what a refusal says.
 */

import type { DifferenceClasses } from './difference.ts'
import { requestFieldDifferences } from './differences-requests-fields.ts'
import { requestHeadDifferences } from './differences-requests-head.ts'
import { requestStatusDifferences } from './differences-requests-status.ts'

export const requestDifferences: DifferenceClasses = {
  ...requestHeadDifferences,
  ...requestFieldDifferences,
  ...requestStatusDifferences,
}
