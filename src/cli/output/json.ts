/**
 * Results as JSON: one report as it is, several as a list.
 *
 * @module
 */

import type { Formatter } from './formatter.ts'

/** The form of `Report` in `websocket-primitives/testing`; `report` and `compare` read it again. */
export const formatJson: Formatter = (reports) =>
  `${JSON.stringify(reports.length === 1 ? reports[0] : reports, null, 1)}\n`
