/** The runtimes, in the order of the table's columns. To add one, add it to package.json and here. */

import { chromium } from './chromium.mjs'
import { ownNode, programHost, programs } from './programs.mjs'
import { workerd } from './workerd.mjs'

/**
 * A host is `{ name, family, without, find }`. `without`: what it lacks, as prefixes of case names, with the reasons. `find`: the
 * runtime, if it is available here:
 *
 * - `version`
 * - `run(module, given, home)`: runs `main(given)` of a module of this folder; returns its output, and why it failed, if it did.
 *   `home`: in a browser, the page to run it on.
 * - `program`: its path, if it is one that runs a file
 * - `serve(example, bindings)`: starts an example; its `ports`, by the name of the socket, and how to `stop` it. Not in a browser.
 * - `stop()`
 */
export const hosts = [...programs.map(programHost), workerd, chromium]

/** The Node that runs this, as a host. */
export const thisNode = programHost(ownNode())
