/**
 * Finds the code in the documentation: the `@example` of each docstring in `src/`, and each `js` and `ts` block of a Markdown file.
 *
 * @module
 */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

export const root: string = fileURLToPath(new URL('../..', import.meta.url))

/** A piece of code and its location. */
export interface Snippet {
  /** Its first line, as in `src/frame/close.ts:30`, or that of its fence. */
  readonly place: string
  readonly language: 'js' | 'ts'
  readonly code: string
}

function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending))
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
    .sort()
}

/** The text of a file. */
export const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** README.md and the guides. */
export const documents: readonly string[] = ['README.md', ...filesBelow('docs', '.md')]

/** The example of each docstring in `src/`. */
export function findExamples(): Snippet[] {
  return filesBelow('src', '.ts').flatMap((path) => examplesIn(path, read(path)))
}

/** The examples of one file's docstrings. */
export function examplesIn(path: string, text: string): Snippet[] {
  if (!text.includes('@example')) return []
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const found: Snippet[] = []
  const visit = (node: ts.Node): void => {
    for (const tag of ts.getJSDocTags(node)) {
      // A tag is reported for its own node and again for some nodes inside.
      if (tag.tagName.text !== 'example' || tag.parent.parent !== node) continue
      const line = file.getLineAndCharacterOfPosition(tag.getStart()).line
      found.push({ place: `${path}:${line + 1}`, language: 'ts', code: ts.getTextOfJSDocComment(tag.comment) ?? '' })
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

/** The blocks of README.md and the guides that are JavaScript or TypeScript. */
export function findBlocks(): Snippet[] {
  return documents.flatMap((path) => blocksIn(path, read(path)))
}

/** The blocks of one Markdown file in these languages; others are skipped, and so are the files of recipes: see `recipes.mjs`. */
export function blocksIn(path: string, text: string): Snippet[] {
  const lines = text.split('\n')
  const found: Snippet[] = []
  for (let at = 0; at < lines.length; at++) {
    const [, language, file] = /^```(\w*)(.*)/.exec(lines[at] ?? '') ?? []
    if (language === undefined) continue
    const end = lines.indexOf('```', at + 1)
    if (end === -1) throw new Error(`${path}:${at + 1}: a block that does not end`)
    const code = lines.slice(at + 1, end).join('\n')
    if (file === '' && (language === 'js' || language === 'ts'))
      found.push({ place: `${path}:${at + 1}`, language, code })
    at = end
  }
  return found
}
