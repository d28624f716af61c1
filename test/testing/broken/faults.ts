export type Faults = ReadonlySet<string>
