/** Every relative link in README.md and the guides leads to a file, a folder or a heading. External links are not checked. */

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { documents, root } from './snippets.ts'

/** The targets of a document's links and images, outside of code. */
function linksIn(text: string): string[] {
  const prose = text.replace(/^```.*?^```$/gms, '').replace(/`[^`\n]*`/g, '``')
  const markdown = [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
  const html = [...prose.matchAll(/(?:src|srcset|href)="([^"]+)"/g)]
  return [...markdown, ...html].map(([, link = '']) => link)
}

/** The anchors of a document's headings, as GitHub writes them. */
function anchorsIn(text: string): string[] {
  const headings = text.replace(/^```.*?^```$/gms, '').matchAll(/^#+ (.*)$/gm)
  return [...headings].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- ]/gu, '')
      .replaceAll(' ', '-'),
  )
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const relative = documents.flatMap((path) =>
  linksIn(read(path))
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => ({ path, link })),
)

test.each(relative)('$path: $link', ({ path, link }) => {
  const [target = '', anchor] = link.split('#')
  const file = target === '' ? path : join(dirname(path), target)
  expect(existsSync(join(root, file)), `${file} is there`).toBe(true)
  if (anchor !== undefined) expect(anchorsIn(read(file))).toContain(anchor)
})

test('finds links, and the anchors of headings', () => {
  expect(relative.length).toBeGreaterThan(40)
  expect(linksIn('[a](b.md) `[c](d)` <img src="e.svg">\n```\n[f](g)\n```\n[`h`](i#j)')).toEqual([
    'b.md',
    'i#j',
    'e.svg',
  ])
  expect(anchorsIn('# A `b`, c-d\n```\n# e\n```\n## Ü 1')).toEqual(['a-b-c-d', 'ü-1'])
})
