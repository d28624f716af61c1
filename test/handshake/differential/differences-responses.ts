/**
 * All explained differences in the handling of responses, as data, from two lists: HTTP and WebSocket.
 */

import type { DifferenceClasses } from './difference.ts'
import { responseFieldDifferences } from './differences-responses-fields.ts'
import { responseHeadDifferences } from './differences-responses-head.ts'

export const responseDifferences: DifferenceClasses = { ...responseHeadDifferences, ...responseFieldDifferences }
