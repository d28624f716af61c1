/** The page of examples lists every program in `examples/`. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from './snippets.ts'

test('docs/examples.md links to every program, once', () => {
  const page = readFileSync(join(root, 'docs/examples.md'), 'utf8')
  const listed = [...page.matchAll(/^\| \[`[^`]+`\]\(\.\.\/examples\/([^)/]+)[^)]*\)/gm)].map(([, name]) => name)
  const programs = readdirSync(join(root, 'examples')).filter((name) => name === 'inspector' || name.endsWith('.mjs'))
  expect(listed.sort()).toEqual(programs.sort())
})
