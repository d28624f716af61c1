/**
 * A plugin for typedoc: guides under their own titles and in groups, modules under the names that users import, and a summary for each
 * re-export. Markdown files need no front matter for this, so that they read well in a repository and in the published package.
 */

import { basename } from 'node:path'
import { Comment, CommentTag, KindRouter, ReflectionKind } from 'typedoc'

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
  Testing: ['testing', 'conformance'],
  Background: ['layers', 'comparison', 'speed', 'CHANGELOG', 'CONTRIBUTING', 'SECURITY'],
}

/** The modules in order, by their paths in `src/`: the subpath, and the category of exports without a tag. @type {Record<string, string[]>} */
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

/** Called by typedoc. @param {import('typedoc').Application} app */
export function load(app) {
  const { converter, renderer, logger } = app
  renderer.defineRouter('short', ShortRouter)
  converter.on('createDocument', (_, document) => {
    const name = basename(document.name)
    const group = Object.keys(guides).find((title) => guides[title]?.includes(name))
    if (group === undefined) logger.error(`docs/typedoc.mjs has no group for the document "${name}"`)
    document.frontmatter['group'] = group
    const title = /^# (.+)/.exec(document.content.map(({ text }) => text).join(''))?.[1]
    if (title === undefined) logger.error(`The document "${name}" does not begin with a title`)
    else document.name = title
    fileNames.set(document, name)
  })
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

/** @param {Declaration} module */
function describeModule(module) {
  const [subpath, category = ''] = modules[module.name] ?? []
  for (const child of module.children ?? []) {
    if (child.isReference()) summarize(child, child.getTargetReflectionDeep())
    if (category !== '' && categoryOf(child) === undefined) addTag(child, '@category', category)
  }
  addTag(module, '@group', 'Reference')
  module.name = `websocket-primitives${subpath}`
}

/** Gives a re-export the summary and the category of its target. @param {Declaration} reference @param {Declaration} target */
function summarize(reference, target) {
  const summary =
    commentsOf(target)
      .find((comment) => comment.hasVisibleComponent())
      ?.getShortSummary(true) ?? []
  reference.comment = new Comment(Comment.cloneDisplayParts([...summary]))
  const category = categoryOf(target)
  if (category !== undefined) addTag(reference, '@category', category)
}

/** A function has its comments on its signatures. @param {Declaration} reflection */
const commentsOf = (reflection) =>
  [reflection, ...(reflection.signatures ?? [])].flatMap(({ comment }) => comment ?? [])

/** @param {Declaration} reflection */
function categoryOf(reflection) {
  const tags = commentsOf(reflection).flatMap(({ blockTags }) => blockTags.filter(({ tag }) => tag === '@category'))
  return tags[0] && Comment.combineDisplayParts(tags[0].content).trim()
}

/** @param {Declaration} reflection @param {`@${string}`} name @param {string} text */
function addTag(reflection, name, text) {
  reflection.comment ??= new Comment()
  reflection.comment.blockTags.push(new CommentTag(name, [{ kind: 'text', text }]))
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
