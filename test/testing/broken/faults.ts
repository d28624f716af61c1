export type Fault = string
export type Faults = ReadonlySet<Fault>
