/**
 * The test files of `docs/testing.md`. Each has its path after the language of its fence. Writes them to a folder in which the package is
 * installed, and runs them with their test runners.
 */

import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The time limit in ms: longer than a whole suite takes on a busy machine. */
const DEADLINE = 120_000

/** The files by their paths. The folder is the name of a runner. */
export function findRecipes() {
  const guide = readFileSync(join(root, 'docs/testing.md'), 'utf8')
  const files = new Map()
  for (const [, path, code] of guide.matchAll(/^```[jt]s (\S+)\n(.*?)^```$/gms)) files.set(path, code)
  // As the guide tells users to.
  for (const name of ['server.mjs', 'client.mjs']) files.set(`vitest/${name}`, files.get(`node/${name}`))
  files.set('bun/client.ts', files.get('deno/client.ts'))
  return files
}

/** The file of known failures that suites import: a server and a client fail these cases. */
const expected = { 'client/fields/fold': 'fail', 'server/host/query': 'fail' }

/** A new folder with all files, and with the built package as npm would install it. */
export function writeRecipes() {
  const folder = mkdtempSync(join(tmpdir(), 'recipes-'))
  const modules = join(folder, 'node_modules')
  for (const name of ['dist', 'package.json'])
    cpSync(join(root, name), join(modules, 'websocket-primitives', name), { recursive: true })
  // Deno reads a package's types only inside node_modules.
  cpSync(join(root, 'node_modules/@noble/hashes'), join(modules, '@noble/hashes'), { recursive: true })
  mkdirSync(join(modules, '@types'))
  for (const name of ['ws', 'vitest', '@types/node', 'undici-types'])
    symlinkSync(join(root, 'node_modules', name), join(modules, name), 'junction')
  const dependencies = { 'websocket-primitives': '*', ws: '*' }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', dependencies }))
  for (const [path, code] of findRecipes()) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), code)
    writeFileSync(join(folder, dirname(path), 'expected.json'), JSON.stringify(expected))
  }
  return folder
}

/** How each runner is started on some of its files, and the format of its totals. */
const runners = {
  node: {
    flags: ['--test', '--test-reporter=tap'],
    totals: { passed: /^# pass (\d+)/m, failed: /^# fail (\d+)/m, skipped: /^# skipped (\d+)/m },
  },
  vitest: {
    flags: [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--no-color'],
    totals: {
      passed: /^ +Tests .*?(\d+) passed/m,
      failed: /^ +Tests .*?(\d+) failed/m,
      skipped: /^ +Tests .*?(\d+) skipped/m,
    },
  },
  deno: {
    flags: ['test', '--no-prompt', '--no-remote', '--no-lock', '--allow-net=127.0.0.1'],
    totals: { passed: /(\d+) passed/, failed: /(\d+) failed/, skipped: /(\d+) ignored/ },
  },
  bun: {
    flags: ['test'],
    totals: { passed: /^ *(\d+) pass$/m, failed: /^ *(\d+) fail$/m, skipped: /^ *(\d+) skip$/m },
  },
}

/**
 * Runs files with one runner. Returns its exit code, how many tests passed, failed and were skipped, and its output.
 *
 * @param names File names such as `server.test.mjs`.
 */
export async function runRecipes(folder, runner, program, names, env = process.env) {
  const { flags, totals } = runners[runner]
  const paths = runner === 'bun' ? names.map((name) => `./${name}`) : names
  const child = spawn(program, [...flags, ...paths], {
    cwd: join(folder, runner),
    env: { ...env, NO_COLOR: '1', NODE_TEST_CONTEXT: undefined, VITEST: undefined },
    timeout: DEADLINE,
    killSignal: 'SIGKILL',
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      output += text
    })
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  const count = (pattern) => Number(pattern.exec(output)?.[1] ?? 0)
  const { passed, failed, skipped } = totals
  return { code, passed: count(passed), failed: count(failed), skipped: count(skipped), output }
}
