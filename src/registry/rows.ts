/**
 * How a registry's rows are kept from being changed. Knows no registry.
 *
 * @module
 */

/** The rows, each frozen, and the table with them. One pure call a table, so that a bundler may drop it. */
export function freezeRows<Row extends object>(rows: readonly Row[]): readonly Row[] {
  return Object.freeze(rows.map((row) => Object.freeze(row)))
}
