/**
 * A plugin for typedoc: guides under their own titles and in groups, modules under the names that users import, and a summary for each
 * re-export. Markdown files need no front matter for this, so that they read well in a repository and in the published package.
 */

import { basename } from 'node:path'
import { Comment, CommentTag, DefaultTheme, JSX, KindRouter, ReflectionKind } from 'typedoc'

/** @typedef {import('typedoc').DeclarationReflection} Declaration */

/** The groups of the navigation and their documents, both in order; file names without `.md`. @type {Record<string, string[]>} */
export const guides = {
  Start: ['server', 'client', 'node'],
  Topics: [
    ...['origins', 'keepalive', 'frames', 'input', 'buffers', 'transport', 'streams', 'upgrade', 'http2', 'proxies'],
    ...['compression', 'extensions', 'many-processes', 'examples'],
  ],
  Runtimes: ['runtimes'],
  'Coming from': ['from-ws', 'moving'],
  Testing: ['testing', 'conformance', 'runner'],
  Background: ['layers', 'comparison', 'speed', 'CHANGELOG', 'CONTRIBUTING', 'SECURITY'],
}

/**
 * The modules in order, by their paths in `src/`: their subpath, and the category of exports without one.
 *
 * @type {Record<string, string[]>}
 */
const modules = {
  'websocket-primitives': ['', ''],
  'adapters/node': ['/node', 'Servers and clients'],
  'adapters/bun': ['/bun', 'Servers and clients'],
  streams: ['/streams', 'Streams'],
  handshake: ['/handshake', 'Opening handshake'],
  connection: ['/connection', 'Connections'],
  frame: ['/frame', 'Frames and messages'],
  http: ['/http', 'HTTP heads'],
  deflate: ['/deflate', 'Compression and extensions'],
  'codec/pako': ['/codec/pako', ''],
  'codec/zlib': ['/codec/zlib', ''],
  registry: ['/registry', 'Errors, limits and registries'],
  testing: ['/testing', 'Tests of other implementations'],
}

/** The file names of documents, which are their names before they get their titles. @type {WeakMap<object, string>} */
const fileNames = new WeakMap()

/** Short addresses: `documents/server.html`, `modules/node.html`, `functions/acceptHandshake.html`, `functions/node.drive.html`. */
class ShortRouter extends KindRouter {
  /** @param {import('typedoc').Reflection} reflection */
  getIdealBaseName(reflection) {
    const fileName = fileNames.get(reflection)
    if (fileName !== undefined) return `documents/${fileName}`
    return super.getIdealBaseName(reflection).replace(/websocket-primitives[_.]/, '')
  }
}

/** The menu is 16rem wide: it shows subpaths as `/node`. */
class SiteTheme extends DefaultTheme {
  /** @param {import('typedoc').ProjectReflection} project */
  buildNavigation(project) {
    return super.buildNavigation(project).map(shorten)
  }
}

/** @param {import('typedoc').NavigationElement} element @returns {import('typedoc').NavigationElement} */
const shorten = (element) => ({
  ...element,
  text: element.text.replace(/^websocket-primitives(?=\/)/, ''),
  ...(element.children && { children: element.children.map(shorten) }),
})

/** The groups of the menu are open until a reader closes them: typedoc stores that under these keys. */
const openGroups = `try {
  for (const group of ${JSON.stringify([...Object.keys(guides), 'Reference'])})
    localStorage['tsd-accordion-' + group] ??= 'true'
} catch {}`

/** Called by typedoc. @param {import('typedoc').Application} app */
export function load(app) {
  const { converter, renderer, logger } = app
  renderer.defineRouter('short', ShortRouter)
  renderer.defineTheme('site', SiteTheme)
  renderer.hooks.on('head.begin', () =>
    JSX.createElement('script', null, JSX.createElement(JSX.Raw, { html: openGroups })),
  )
  converter.on('createDocument', (_, document) => {
    const name = basename(document.name)
    const group = Object.keys(guides).find((title) => guides[title]?.includes(name))
    if (group === undefined) logger.error(`docs/typedoc.mjs has no group for the document "${name}"`)
    document.frontmatter.group = group
    const title = /^# (.+)/.exec(textOf(document.content))?.[1]
    if (title === undefined) logger.error(`The document "${name}" does not begin with a title`)
    else document.name = title
    fileNames.set(document, name)
    document.relevanceBoost = group === 'Background' ? 2 : 8
  })
  renderer.on('prepareIndex', fillIndex)
  // A link that no scope of its own resolves may name an export of any module.
  converter.addUnknownSymbolResolver(({ symbolReference }, reflection) => {
    const [name, ...members] = symbolReference?.path?.map(({ path }) => path) ?? []
    const exported = reflection.project.children?.flatMap((module) => module.getChildByName([name]) ?? []) ?? []
    const target = exported.find((one) => !one.isReference?.())
    return target && { target: members.length === 0 ? target : target.getChildByName(members) }
  })
  converter.on('resolveEnd', ({ project }) => {
    for (const module of project.getChildrenByKind(ReflectionKind.Module)) {
      if (modules[module.name] === undefined) logger.error(`docs/typedoc.mjs does not list the module "${module.name}"`)
      else describeModule(module)
    }
    sortChildren(project)
  })
}

/**
 * The search knows docstrings, guides with their headings, and each export once; members come last.
 *
 * @param {import('typedoc').IndexEvent} event
 */
function fillIndex(event) {
  event.searchFieldWeights.headings = 10
  for (let at = event.searchResults.length - 1; at >= 0; at--) {
    const result = event.searchResults[at]
    if (result === undefined || result.isReference()) event.removeResult(at)
    else if (result.isDocument()) {
      const text = textOf(result.content)
      event.searchFields[at] = { headings: keepWords(findHeadings(text)), document: keepWords(text) }
    } else {
      if (result.parent?.kindOf(ReflectionKind.ClassOrInterface)) result.relevanceBoost = 0.3
      event.searchFields[at] = { comment: keepWords(commentsOf(result).map(textOfComment).join('\n')) }
    }
  }
}

/**
 * Drops what contains digits, except numbers such as 1009 and names such as `http2`: lunr, which typedoc searches with, confuses words
 * whose digits continue differently, and then fails for whatever query finds them. `check.mjs` checks the result.
 *
 * @param {string} text
 */
const keepWords = (text) =>
  text
    .split(/[^\w$]+/)
    .filter((word) => !/\d/.test(word) || /^(?:\d{3,4}|[a-z]+\d[a-z]*)$/i.test(word))
    .join(' ')

/** @param {string} markdown */
const findHeadings = (markdown) =>
  [...markdown.replace(/^```.*?^```$/gms, '').matchAll(/^#+ (.*)/gm)].map(([, heading]) => heading).join('\n')

/** @param {Comment} comment */
const textOfComment = ({ summary, blockTags }) =>
  [summary, ...blockTags.filter(({ tag }) => tag !== '@summary').map(({ content }) => content)].map(textOf).join('\n')

/** @param {readonly import('typedoc').CommentDisplayPart[]} parts */
const textOf = (parts) => parts.map(({ text }) => text).join('')

/** Gives each export of a module a summary of one sentence and a category, and the module its name. @param {Declaration} module */
function describeModule(module) {
  const [subpath, usual] = modules[module.name] ?? []
  const exported = (module.children ?? []).map((child) => {
    const [source] = commentsOf(child.isReference() ? child.getTargetReflectionDeep() : child)
    return { child, source, category: categoryOf(source) || usual }
  })
  for (const { child, source, category } of exported) {
    // A function's comment is on its signature, a re-export has none.
    const comment = child.isReference() || source === undefined ? new Comment() : source
    if (comment !== source) child.comment = comment
    // One or two shared types are no section of their own.
    const isSmall = exported.filter((other) => other.category === category).length < 3
    const title = (isSmall && usual) || category
    comment.removeTags('@category')
    if (title) addTag(comment, '@category', [{ kind: 'text', text: title }])
    if (source !== undefined) addTag(comment, '@summary', findFirstSentence(source.summary))
  }
  module.comment ??= new Comment()
  addTag(module.comment, '@group', [{ kind: 'text', text: 'Reference' }])
  module.name = `websocket-primitives${subpath}`
}

/** A function has its comments on its signatures. @param {Declaration} reflection */
const commentsOf = ({ comment, signatures = [], getSignature }) =>
  [comment, ...signatures.map((one) => one.comment), getSignature?.comment].filter(Boolean)

/** @param {Comment | undefined} comment */
const categoryOf = (comment) => Comment.combineDisplayParts(comment?.getTag('@category')?.content).trim()

/** @param {Comment} comment @param {`@${string}`} name @param {import('typedoc').CommentDisplayPart[]} content */
const addTag = (comment, name, content) => comment.blockTags.push(new CommentTag(name, content))

/** @param {readonly import('typedoc').CommentDisplayPart[]} parts @returns {import('typedoc').CommentDisplayPart[]} */
function findFirstSentence(parts) {
  const sentence = []
  for (const part of Comment.cloneDisplayParts([...parts])) {
    const end = part.kind === 'text' ? /[.:](?=\s+[A-Z]|\s*$)|\n\n/.exec(part.text) : null
    sentence.push(end === null ? part : { ...part, text: `${part.text.slice(0, end.index)}.` })
    if (end !== null) break
  }
  return sentence
}

/** Puts modules and documents in the order of the tables above. @param {import('typedoc').ProjectReflection} project */
function sortChildren(project) {
  const order = [
    ...Object.values(modules).map(([subpath]) => `websocket-primitives${subpath}`),
    ...Object.values(guides).flat(),
  ]
  /** @param {import('typedoc').Reflection} reflection */
  const rank = (reflection) => order.indexOf(fileNames.get(reflection) ?? reflection.name)
  for (const list of [project.children, project.documents, project.childrenIncludingDocuments])
    list?.sort((a, b) => rank(a) - rank(b))
}
