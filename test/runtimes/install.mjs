/** Installs the runtimes from npm: once, then everything works offline. */

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))

/** Runs npm only when something is missing. What it cannot install shows up later, as a host without a program. */
export function install() {
  const { optionalDependencies } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'))
  const outdated = Object.entries(optionalDependencies).some(([name, wanted]) => {
    const manifest = join(here, 'node_modules', name, 'package.json')
    return !existsSync(manifest) || JSON.parse(readFileSync(manifest, 'utf8')).version !== wanted.replace(/^.*@/, '')
  })
  if (!outdated) return
  console.log('Installing the runtimes (about 1 GB) …')
  const flags = ['--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error']
  const { status, error } = npm(['install', '--prefix', here, ...flags])
  if (status !== 0) console.error(`npm could not install the runtimes${error ? `: ${error.message}` : ''}`)
}

/** The npm that started this process, if any: on Windows `npm` on the path is a shell script. */
function npm(args) {
  const { npm_execpath: script } = process.env
  return script === undefined
    ? spawnSync('npm', args, { stdio: 'inherit', shell: process.platform === 'win32' })
    : spawnSync(process.execPath, [script, ...args], { stdio: 'inherit' })
}
