/**
 * Formats results as JSON: one report as an object, several as a list.
 *
 * @module
 */

import type { Formatter } from './formatter.ts'

/** Writes the form of `Report` in `websocket-primitives/testing`. `report` and `compare` read it. */
export const formatJson: Formatter = (reports) =>
  `${JSON.stringify(reports.length === 1 ? reports[0] : reports, null, 1)}\n`
