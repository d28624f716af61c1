/** Checks the generated site: every link leads to a file and an anchor, and no page shows internals. The last part of `npm run docs`. */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'

/** What no page may show: names and paths that only the sources have. */
const internals = [/@internal/, /#private\b/, /href="[^"]*\bsrc\/[^"]*\.ts/]

/** The errors of a site, one line each. @param {string} site */
export function findErrors(site) {
  const pages = readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html'))
  const texts = new Map(pages.map((name) => [name.replaceAll('\\', '/'), readFileSync(join(site, name), 'utf8')]))
  return [...texts].flatMap(([page, text]) => [
    ...internals.filter((pattern) => pattern.test(text)).map((pattern) => `${page} shows ${pattern}`),
    ...linksIn(text).flatMap((link) => {
      const error = findLinkError(site, texts, page, link)
      return error === undefined ? [] : `${page} links to ${link}: ${error}`
    }),
  ])
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
