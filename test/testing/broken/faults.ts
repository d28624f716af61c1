/** The faults that the server and the client can have. Each one is a switch in the code that it breaks. */

import type { FaultEntry } from './fault-entry.ts'
import { clientFaults } from './faults-of-clients.ts'
import { deflateFaults } from './faults-of-deflate.ts'
import { frameFaults } from './faults-of-frames.ts'
import { headFaults } from './faults-of-heads.ts'
import { serverFaults } from './faults-of-servers.ts'

const table = { ...frameFaults, ...deflateFaults, ...headFaults, ...serverFaults, ...clientFaults }

/** The name of a fault. */
export type Fault = keyof typeof table

/** The faults of an agent. Without any, it is correct. */
export type Faults = ReadonlySet<Fault>

/** All faults by name. */
export const faults: ReadonlyMap<Fault, FaultEntry> = new Map(Object.entries(table) as [Fault, FaultEntry][])
