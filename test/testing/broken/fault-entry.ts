/** The entries of the tables of faults. */

/** One fault. */
export interface FaultEntry {
  /** What the agent does wrong. */
  readonly does: string
  /** Implementations that are known to have had it. */
  readonly history?: string
  /** The cases that name it, one for each side that can have it. */
  readonly named: readonly string[]
  /** Their verdict. Default: `'fail'`. */
  readonly verdict?: 'warn' | 'info'
}

/** The case of this name for servers and for clients. */
export function both(name: string): readonly string[] {
  return [`server/${name}`, `client/${name}`]
}
