/**
 * Checks what is published: package.json, the public folders of `src/` and the built files must agree. Needs `dist/`, which `npm
 * test` builds first.
 *
 * @module
 */

import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { clientCases, serverCases } from '../src/cases/all.ts'
import { caseFileSchema } from '../src/testing/schema.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const subpaths: [string, { types: string; default: string }][] = Object.entries<{ types: string; default: string }>(
  manifest.exports,
).filter(([subpath]) => !subpath.endsWith('.json'))

/** Paths below `folder`, with forward slashes, that have one of the endings. */
function filesIn(folder: string, ...endings: string[]): string[] {
  if (!existsSync(join(root, folder))) throw new Error(`there is no ${folder}/: run \`npm run build\` first`)
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => endings.some((ending) => path.endsWith(ending)))
    .sort()
}

/** The folders that can be imported: `''` is the root. */
const publicFolders = filesIn('src', 'index.ts')
  .map((path) => path.replace(/\/?index\.ts$/, ''))
  .sort()

/** The subpath of each folder: an adapter has the name of its runtime. */
const publicNames = publicFolders.map((folder) => folder.replace('adapters/', ''))

/** Each codec depends on another library, so each is a separate entry. */
const codecs = ['codec/pako', 'codec/zlib']

/** The program of `bin`, in `dist/`. */
const command = 'cli/main.js'

/** The values exported by the root, by the subpath that also exports them. */
const rootNames: Readonly<Record<string, readonly string[]>> = {
  handshake: [
    'acceptHandshake',
    'handshakeOptions',
    'offerHandshake',
    'verifyHandshake',
    'defineExtension',
    'computeAccept',
    'generateKey',
    'offerSubprotocolToken',
    'getSubprotocolToken',
  ],
  connection: [
    'Connection',
    'prepareText',
    'prepareBinary',
    'connectionOptions',
    'snapshotConnection',
    'resumeConnection',
    'sendPrepared',
    'sendEncoded',
    'startMessage',
    'ProtocolError',
    'publicServerLimits',
    'clientLimits',
  ],
  deflate: ['permessageDeflate'],
  frame: [
    'FrameDecoder',
    'encodeFrame',
    'describeFrame',
    'MessageAssembler',
    'relayCloseCode',
    'isValidCloseCode',
    'isSendableCloseCode',
  ],
  http: [
    'formatResponse',
    'formatRequestHead',
    'RequestHeadParser',
    'ResponseHeadParser',
    'ResponseBodyReader',
    'refuseUpgrade',
    'selectUpgrade',
    'switchingProtocols',
    'upgradeRequired',
    'upgradeHeaders',
    'verifyUpgrade',
    'expectsContinue',
    'requestHeadFrom',
    'requestFromNode',
    'requestFromFetch',
    'requestFromHttp2',
    'toHttp2Headers',
    'toHeaderRecord',
    'getHeader',
    'getHeaders',
    'verifyConnectSetting',
    'selectStreamEnding',
    'readStreamEnding',
    'offerTunnel',
    'verifyTunnel',
    'acceptTunnel',
    'relayRefusal',
  ],
  registry: ['CloseCode', 'Opcode', 'Rsv', 'enableConnectProtocol'],
}

describe('package.json', () => {
  test('is a module without side effects, for Node versions that can require() one', () => {
    expect(manifest).toMatchObject({
      type: 'module',
      sideEffects: false,
      engines: { node: '^20.19.0 || >=22.12.0' },
      license: 'MIT',
    })
    expect(manifest).not.toHaveProperty('main')
  })

  test('has one runtime dependency', () => {
    expect(Object.keys(manifest.dependencies)).toEqual(['@noble/hashes'])
  })

  test('leaves compression libraries to the user', () => {
    expect(manifest.peerDependencies).toEqual({ pako: '^3.0.3' })
    expect(manifest.peerDependenciesMeta).toEqual({ pako: { optional: true } })
    expect(manifest.devDependencies.pako).toBe('3.0.3')
  })

  test('runs nothing on installation', () => {
    for (const name of ['preinstall', 'install', 'postinstall', 'prepare'])
      expect(manifest.scripts).not.toHaveProperty(name)
  })

  test('pins development dependencies, because there is no lockfile', () => {
    for (const version of Object.values(manifest.devDependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/)
  })

  test('publishes the build, its sources for the maps, the documents that users need', () => {
    const documents = ['docs/*.md', 'docs/images', 'examples/*.mjs']
    // The cases are published as JSON.
    const unpublished = ['!src/cases', '!src/cli/tsconfig.json', '!src/codec/tsconfig.json']
    expect(manifest.files).toEqual(['dist', 'src', ...unpublished, ...documents, 'CHANGELOG.md', 'SECURITY.md'])
    // npm adds README.md and LICENSE automatically.
    for (const name of ['README.md', 'LICENSE', ...manifest.files])
      expect(existsSync(join(root, name.replace('!', '').replace(/\*.*/, ''))), name).toBe(true)
  })

  test('exports each public folder and each codec, and nothing else', () => {
    const names = subpaths.map(([subpath]) => subpath.replace(/^\.\/?/, ''))
    expect(names.sort()).toEqual([...publicNames, ...codecs].sort())
    for (const [subpath, targets] of subpaths) {
      const name = subpath.replace(/^\.\/?/, '')
      const folder = publicFolders[publicNames.indexOf(name)] as string
      const entry = codecs.includes(name) ? name : posix.join(folder, 'index')
      expect(Object.entries(targets)).toEqual([
        // Conditions are tried in order: types come first.
        ['types', `./dist/${entry}.d.ts`],
        ['default', `./dist/${entry}.js`],
      ])
    }
  })
})

describe('conformance cases', () => {
  const files = ['client', 'schema', 'server'].map((name) => `testing/${name}.json`)
  const read = (path: string): unknown => JSON.parse(readFileSync(join(root, 'dist', path), 'utf8'))

  test('are exported as JSON', () => {
    const exported = Object.entries(manifest.exports).filter(([subpath]) => /\w\.json$/.test(subpath))
    expect(exported).toEqual([
      ...files.map((path) => [`./${path}`, `./dist/${path}`]),
      ['./package.json', './package.json'],
    ])
    expect(filesIn('dist', '.json')).toEqual(files)
  })

  test('are the same as in the sources, with their schema', () => {
    expect(read('testing/server.json')).toEqual({ format: 1, cases: serverCases })
    expect(read('testing/client.json')).toEqual({ format: 1, cases: clientCases })
    expect(read('testing/schema.json')).toEqual(caseFileSchema)
  })

  test('are in no JavaScript', () => {
    const sources = filesIn('dist', '.js.map').flatMap(
      (path): string[] => JSON.parse(readFileSync(join(root, 'dist', path), 'utf8')).sources,
    )
    expect(sources.length).toBeGreaterThan(100)
    expect(sources.filter((source) => source.includes('src/cases/'))).toEqual([])
  })
})

test('jsr.json agrees, with sources instead of built files', () => {
  const jsr = JSON.parse(readFileSync(join(root, 'jsr.json'), 'utf8'))
  expect(jsr.name).toMatch(/^@[a-z][a-z0-9-]{1,19}\/websocket-primitives$/)
  expect([jsr.version, jsr.license]).toEqual([manifest.version, manifest.license])
  const sources = subpaths.map(([subpath, targets]) => [
    subpath,
    targets.default.replace('./dist/', './src/').replace(/\.js$/, '.ts'),
  ])
  expect(Object.entries(jsr.exports)).toEqual(sources)
})

test('npm packs the build, the sources for the maps, guides, examples and the files that npm adds, and nothing else', () => {
  const [program, ...first] = npmCommand()
  const packing = ['pack', '--dry-run', '--json', '--ignore-scripts']
  const [listed] = JSON.parse(execFileSync(program, [...first, ...packing], { cwd: root, encoding: 'utf8' }))
  // The cases are the largest part, then the guides with their pictures.
  expect(listed.size).toBeLessThan(1_600_000)
  const paths: string[] = listed.files.map(({ path }: { path: string }) => path).sort()
  const inFolder = (folder: string, ...endings: string[]): string[] =>
    filesIn(folder, ...endings).map((path) => `${folder}/${path}`)
  expect(paths).toEqual(
    [
      ...['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'package.json'],
      ...inFolder('dist', '.js', '.js.map', '.d.ts', '.json'),
      ...inFolder('src', '.ts').filter((path) => !path.startsWith('src/cases/')),
      ...inFolder('docs', '.md', '.svg'),
      ...inFolder('examples', '.mjs').filter((path) => !path.includes('inspector/')),
    ].sort(),
  )
})

/** The npm that started this process, if any: on Windows `npm` on the path is a shell script. */
function npmCommand(): readonly [string, ...string[]] {
  const { npm_execpath: script } = process.env
  return script?.endsWith('npm-cli.js') ? [process.execPath, script] : ['npm']
}

describe('the root', () => {
  const pure = ['connection', 'deflate', 'frame', 'handshake', 'http']
  const load = async (folder: string): Promise<object> =>
    import(/* @vite-ignore */ pathToFileURL(join(root, 'src', folder, 'index.ts')).href)

  test('exports at most 60 values', async () => {
    const names = Object.keys(await load(''))
    expect(names.sort()).toEqual(Object.values(rootNames).flat().sort())
    expect(names.length).toBeLessThanOrEqual(60)
  })

  test.each(Object.entries(rootNames))('exports the same values as %s', async (folder, names) => {
    const [whole, part] = [await load(''), await load(folder)]
    for (const name of names)
      expect(Object.entries(whole)).toContainEqual([name, (part as Record<string, object>)[name]])
  })

  test('exports every type of these subpaths', () => {
    const exportedBy = (folder: string, types: boolean): string[] =>
      exportsOf(join(root, 'src', folder, 'index.ts')).flatMap(({ name, isType }) => (isType === types ? [name] : []))
    const missing = pure
      .flatMap((folder) => exportedBy(folder, true))
      .filter((name) => !exportedBy('', true).includes(name))
    expect(missing).toEqual([])
  })
})

/** The names that an index exports. */
function exportsOf(path: string): { name: string; isType: boolean }[] {
  const { statements } = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022)
  return statements.filter(ts.isExportDeclaration).flatMap(({ exportClause, isTypeOnly }) => {
    if (exportClause === undefined || !ts.isNamedExports(exportClause)) throw new Error(`${path} must list its exports`)
    return exportClause.elements.map((element) => ({
      name: element.name.text,
      isType: isTypeOnly || element.isTypeOnly,
    }))
  })
}

describe('dist/', () => {
  const built = filesIn('dist', '.js')
  const declarations = filesIn('dist', '.d.ts')

  test('has an entry for each public folder and codec, and its declarations', () => {
    for (const codec of codecs) {
      expect(built).toContain(`${codec}.js`)
      expect(declarations).toContain(`${codec}.d.ts`)
    }
    const entries = publicFolders.map((folder) => (folder === '' ? 'index' : `${folder}/index`))
    const isEntry = (path: string): boolean => /(?:^|\/)index\./.test(path)
    expect(built.filter(isEntry)).toEqual(entries.map((entry) => `${entry}.js`).sort())
    expect(declarations.filter(isEntry)).toEqual(entries.map((entry) => `${entry}.d.ts`).sort())
  })

  test.each(subpaths)('%s leads to existing files', (_, targets) => {
    for (const target of Object.values(targets)) expect(existsSync(join(root, target)), target).toBe(true)
  })

  test('declares no internals', () => {
    const entries = subpaths.map(([, { types }]) => join(root, types))
    expect(undeclaredExports(entries)).toEqual([])
  })

  test('imports nothing but its own files and the hash; a codec its library', () => {
    const imports = [...built, ...declarations].flatMap((path) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(join(root, 'dist', path), 'utf8'), true, true)
      return importedFiles.map(({ fileName }) => ({ path, fileName }))
    })
    const packages = imports.filter(({ path, fileName }) => !fileName.startsWith('.') && path !== command)
    expect(imports.length).toBeGreaterThan(packages.length)
    expect([...new Set(packages.map(({ fileName }) => fileName))].sort()).toEqual([
      '@noble/hashes/legacy.js',
      'node:zlib',
      'pako',
    ])
    // `node:zlib` is imported by a chunk, because the command uses it too; which entries reach it is tested below.
    for (const { path, fileName } of packages) if (fileName === 'pako') expect(path).toBe('codec/pako.js')
    // Users do not need the types of a dependency.
    expect(packages.filter(({ path }) => path.endsWith('.d.ts'))).toEqual([])
  })

  test('has a command that no other file imports, and that imports only its own files and Node modules', () => {
    expect(manifest.bin).toEqual({ 'websocket-primitives': `dist/${command}` })
    const text = readFileSync(join(root, 'dist', command), 'utf8')
    expect(text).toMatch(/^#!\/usr\/bin\/env node\n/)
    const { importedFiles } = ts.preProcessFile(text, true, true)
    expect(importedFiles.filter(({ fileName }) => !/^(?:\.|node:)/.test(fileName))).toEqual([])
    const users = built.filter(
      (path) => path !== command && readFileSync(join(root, 'dist', path), 'utf8').includes(command),
    )
    expect(users).toEqual([])
  })

  test.each(subpaths)('%s imports no `node:` module, unless it is codec/zlib', (subpath, targets) => {
    const reached = new Map<string, readonly string[]>()
    const walk = (path: string): void => {
      if (reached.has(path)) return
      const { importedFiles } = ts.preProcessFile(readFileSync(join(root, path), 'utf8'), true, true)
      const names = importedFiles.map(({ fileName }) => fileName)
      reached.set(path, names)
      for (const name of names) if (name.startsWith('.')) walk(posix.join(posix.dirname(path), name))
    }
    walk(posix.normalize(targets.default))
    const packages = new Set([...reached.values()].flat().filter((name) => !name.startsWith('.')))
    // Node's own modules must not reach a browser; they may be imported without `node:`.
    const library: Record<string, string> = { './codec/zlib': 'node:zlib', './codec/pako': 'pako' }
    const allowed = ['@noble/hashes/legacy.js', library[subpath]]
    expect([...packages].filter((name) => !allowed.includes(name))).toEqual([])
    expect(packages.has('node:zlib')).toBe(subpath === './codec/zlib')
    // All entries but the smallest share chunks, so there is something to follow.
    expect(reached.size).toBeGreaterThan(1)
    // A dynamic import would be overlooked here.
    for (const path of reached.keys())
      expect(readFileSync(join(root, path), 'utf8')).not.toMatch(/\b(?:import|require)\(/)
  })

  test('maps each built file back to its sources', () => {
    for (const path of built) {
      const { sources } = JSON.parse(readFileSync(join(root, 'dist', `${path}.map`), 'utf8'))
      for (const source of sources)
        expect(existsSync(join(root, 'dist', path, '..', source)), `${path}: ${source}`).toBe(true)
    }
  })

  test('loads the root as two files and the hash', () => {
    const importsOf = (path: string): string[] =>
      ts
        .preProcessFile(readFileSync(join(root, 'dist', path), 'utf8'), true, true)
        .importedFiles.map(({ fileName }) => fileName)
    expect([...new Set(importsOf('index.js'))]).toEqual(['./core.js'])
    expect([...new Set(importsOf('core.js'))]).toEqual(['@noble/hashes/legacy.js'])
  })

  test('has each value once, whichever subpath exports it', async () => {
    const load = async (folder: string): Promise<Record<string, unknown>> =>
      import(/* @vite-ignore */ new URL(`../dist/${posix.join(folder, 'index.js')}`, import.meta.url).href)
    const found = new Map<string, unknown>()
    for (const folder of publicFolders)
      for (const [name, value] of Object.entries(await load(folder))) {
        // The same object, not a copy: otherwise `instanceof` would distinguish two kinds of ProtocolError.
        if (found.has(name)) expect(value, `${name} of ${folder}`).toBe(found.get(name))
        found.set(name, value)
      }
    expect(found.size).toBeGreaterThan(100)
  })

  test('names each class and function as exported', async () => {
    for (const folder of publicFolders) {
      const exported: object = await import(
        /* @vite-ignore */ pathToFileURL(join(root, 'dist', folder, 'index.js')).href
      )
      for (const [name, value] of Object.entries(exported))
        if (typeof value === 'function') expect(value.name).toBe(name)
    }
  })

  test.each(publicFolders.filter((folder) => folder !== ''))('%s exports what its sources export', async (folder) => {
    const [source, dist] = await Promise.all(
      ['src', 'dist'].map((place) => {
        const file = join(root, place, folder, place === 'src' ? 'index.ts' : 'index.js')
        return import(/* @vite-ignore */ pathToFileURL(file).href)
      }),
    )
    expect(Object.keys(dist).sort()).toEqual(Object.keys(source).sort())
  })
})

/** Names that built declarations declare but none of these entries exports. */
function undeclaredExports(entries: readonly string[]): string[] {
  const { NodeNext: module } = ts.ModuleKind
  const { NodeNext: moduleResolution } = ts.ModuleResolutionKind
  const program = ts.createProgram(entries, { module, moduleResolution, target: ts.ScriptTarget.ES2022, types: [] })
  const checker = program.getTypeChecker()
  const exported = new Set<ts.Symbol | undefined>()
  const files = program.getSourceFiles().filter(({ fileName }) => fileName.includes('/dist/'))
  for (const file of files.filter(({ fileName }) => entries.includes(fileName)))
    for (const symbol of checker.getExportsOfModule(checker.getSymbolAtLocation(file) as ts.Symbol))
      exported.add(symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol)
  expect(exported.size).toBeGreaterThan(200)
  return files
    .flatMap(({ statements }) => statements.flatMap(declaredNames))
    .filter((name) => !exported.has(checker.getSymbolAtLocation(name)))
    .map(({ text }) => text)
}

function declaredNames(statement: ts.Statement): ts.Identifier[] {
  const declarations = ts.isVariableStatement(statement) ? [...statement.declarationList.declarations] : [statement]
  return declarations.flatMap((declaration) => {
    const name = (declaration as ts.DeclarationStatement).name
    return name !== undefined && ts.isIdentifier(name) ? [name] : []
  })
}

test('the top folder contains nothing unnecessary', () => {
  let tracked: string
  try {
    tracked = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch {
    return // Not a checkout: nothing to check.
  }
  const allowed = [
    ['.ci', '.editorconfig', '.gitattributes', '.github', '.gitignore', '.npmrc'],
    ['biome.json', 'jsr.json', 'knip.json', 'package.json'],
    ['tsconfig.json', 'tsup.config.ts', 'vitest.config.ts'],
    ['CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'README.md', 'SECURITY.md'],
    ['bench', 'docs', 'examples', 'src', 'test'],
  ].flat()
  const top = new Set(tracked.split('\n').map((path) => path.replace(/\/.*/, '')))
  expect([...top].filter((name) => name !== '' && !allowed.includes(name))).toEqual([])
})
