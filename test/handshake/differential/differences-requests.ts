/**
 * All explained differences in the handling of opening requests, as data, from three lists: HTTP, WebSocket, and the status of a
 * refusal.
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
