/** Prepares what JSR gets, as its publishing command does, up to the upload: Deno checks the exports, the imports and the declarations. */

import { hosts } from './hosts.mjs'
import { inScratch } from './imports.mjs'
import { Outcomes } from './tools.mjs'

/** The flags of the `jsr` command; `--allow-dirty`, because a clone may be at work. */
const flags = ['--unstable-bare-node-builtins', '--unstable-sloppy-imports', '--unstable-byonm', '--allow-dirty']

export async function tryJsr(scratch, root) {
  const outcomes = new Outcomes('')
  const [row, column] = ['deno publish --dry-run', 'JSR']
  const { program, missing } = hosts.find(({ name }) => name === 'Deno')
  if (program === undefined) outcomes.miss(row, column, missing)
  else {
    const { env } = inScratch(scratch)
    await outcomes.run(row, column, program, ['publish', '--dry-run', ...flags], { cwd: root, env })
  }
  outcomes.print([row], [column])
  return outcomes
}
