/** Every test and every case of the suite that SECURITY.md names is there. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { clientCases, serverCases } from '../../src/cases/all.ts'
import { read, root } from './snippets.ts'

const text = read('SECURITY.md')
const cases = new Set([...serverCases, ...clientCases].map(({ id }) => id))
/** The sections whose tests are in one file each, which a link names. */
const sections = text
  .split(/^#+ /m)
  .map((section) => ({ section, file: /^Tests: .*\((test\/[^)]+)\)/m.exec(section)?.[1] }))
  .filter(({ file }) => file !== undefined)
const titles = sections.flatMap(({ section, file = '' }) =>
  [...section.matchAll(/(?<=\| |, )_([^_|]+)_(?=,| )/g)].map(([, title = '']) => ({ file, title })),
)

test.each(titles)('$file: $title', ({ file, title }) => {
  const code = read(file)
  // A title in a table of tests may end with the name of its row.
  expect([`test('${title}', `, `('${title} (%s)', `].some((start) => code.includes(start))).toBe(true)
})

test('each row has a test of its own, and no test is missing', () => {
  for (const { section, file = '' } of sections) {
    const rows = section.split('\n').filter((line) => /^\| (?!hole|-)/.test(line))
    for (const row of rows) expect(row, file).toMatch(/_[^_|]+_[^|]*\|$/)
    const named = titles.filter((one) => one.file === file).length
    expect(named, file).toBe([...read(file).matchAll(/^ *(test\(|\]\)\()'/gm)].length)
  }
})

test('each case of the suite, and each file, exists', () => {
  const slugs = [...text.matchAll(/`((?:server|client)\/[^`]+)`/g)].map(([, slug = '']) => slug)
  expect(slugs.length).toBeGreaterThan(20)
  expect(slugs.filter((slug) => !cases.has(slug))).toEqual([])
  const links = [...text.matchAll(/\]\(([^)#]+)(#[^)]*)?\)/g)].map(([, path = '']) => path)
  expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([])
})
