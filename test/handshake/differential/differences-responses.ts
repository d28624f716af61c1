/**
 * Where the judgements of answers part, as data: all that is explained, HTTP and WebSocket. Knows only where the two lists
 * are.
 */

import type { DifferenceClasses } from './difference.ts'
import { responseFieldDifferences } from './differences-responses-fields.ts'
import { responseHeadDifferences } from './differences-responses-head.ts'

export const responseDifferences: DifferenceClasses = { ...responseHeadDifferences, ...responseFieldDifferences }
