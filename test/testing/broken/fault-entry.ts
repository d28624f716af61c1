/** What the tables of faults hold. */

/** One fault. */
export interface FaultEntry {
  /** What the agent does, or does not do. */
  readonly does: string
  /** Implementations that have had it, where they are known. */
  readonly history?: string
  /** The cases that name it: one for each side that can have it. */
  readonly named: readonly string[]
  /** The verdict of these cases. Default: `'fail'`. */
  readonly verdict?: 'warn' | 'info'
}

/** The case of this name for servers and for clients. */
export function both(name: string): readonly string[] {
  return [`server/${name}`, `client/${name}`]
}
