/**
 * Checks the generated site: every link leads to a file and an anchor, no page shows internals, and the search works. The last part of
 * `npm run docs`.
 */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, posix } from 'node:path'
import { inflateSync } from 'node:zlib'

/** What no page may show: names and paths that only the sources have. */
const internals = [/@internal/, /#private\b/, /href="[^"]*\bsrc\/[^"]*\.ts/]

/** The errors of a site, one line each. @param {string} site */
export function findErrors(site) {
  const pages = readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html'))
  const texts = new Map(pages.map((name) => [name.replaceAll('\\', '/'), readFileSync(join(site, name), 'utf8')]))
  return [...findSearchErrors(site), ...[...texts].flatMap(([page, text]) => findPageErrors(site, texts, page, text))]
}

/** lunr fails for a query that finds a word which its set of words has and its index has not. @param {string} site */
function findSearchErrors(site) {
  const lunr = createRequire(createRequire(import.meta.url).resolve('typedoc'))('lunr')
  const [, packed = ''] = /"(.*)"/.exec(readFileSync(join(site, 'assets/search.js'), 'utf8')) ?? []
  const { index } = JSON.parse(inflateSync(Buffer.from(packed, 'base64')).toString())
  const words = new Set(index.invertedIndex.map(([word]) => word))
  const wrong = lunr.TokenSet.fromArray([...words].sort()).toArray()
  return wrong
    .filter((word) => !words.has(word))
    .map((word) => `the search fails for "${word}": see keepWords in typedoc.mjs`)
}

/** @param {string} site @param {ReadonlyMap<string, string>} texts @param {string} page @param {string} text */
function findPageErrors(site, texts, page, text) {
  return [
    ...internals.filter((pattern) => pattern.test(text)).map((pattern) => `${page} shows ${pattern}`),
    ...linksIn(text).flatMap((link) => {
      const error = findLinkError(site, texts, page, link)
      return error === undefined ? [] : `${page} links to ${link}: ${error}`
    }),
  ]
}

/** @param {string} text */
const linksIn = (text) => [
  ...new Set(
    [...text.matchAll(/(?<=\s)(?:href|src|srcset)="([^"]*)"/g)]
      .map(([, link = '']) => link.replaceAll('&amp;', '&'))
      .filter((link) => !/^(?:[a-z]+:|\/\/)/.test(link)),
  ),
]

/** @param {string} site @param {ReadonlyMap<string, string>} texts @param {string} page @param {string} link */
function findLinkError(site, texts, page, link) {
  const [path = '', anchor = ''] = link.split('#')
  const target = path === '' ? page : posix.join(dirname(page), decodeURI(path))
  const file = join(site, target)
  if (!existsSync(file)) return 'there is no such file'
  if (statSync(file).isDirectory()) return 'a folder'
  const text = texts.get(target)
  if (anchor !== '' && text !== undefined && !text.includes(`id="${decodeURIComponent(anchor)}"`))
    return 'no such anchor'
  return undefined
}
