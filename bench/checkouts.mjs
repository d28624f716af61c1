/** Checkouts of this package that are compared: this one, another folder, or a commit that is built for it. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export const here = fileURLToPath(new URL('..', import.meta.url))

const subpaths = [
  'index',
  'http/index',
  'frame/index',
  'handshake/index',
  'connection/index',
  'deflate/index',
  'codec/zlib',
]

/** All exports of a built checkout as one object, so that a row need not know which subpath has a name. */
export async function load(checkout) {
  const api = {}
  for (const subpath of subpaths)
    Object.assign(api, await import(pathToFileURL(join(resolve(checkout), 'dist', `${subpath}.js`))))
  return api
}

/** Builds a commit, a branch or a tag in a temporary folder, with the dependencies of this checkout. `remove` deletes it. */
export function buildCommit(ref) {
  const folder = mkdtempSync(join(tmpdir(), 'checkout-'))
  const remove = () => rmSync(folder, { recursive: true })
  try {
    const archive = run('git', ['archive', '--format=tar', ref], { cwd: here })
    run('tar', ['-x', '-C', folder], { input: archive })
    symlinkSync(join(here, 'node_modules'), join(folder, 'node_modules'))
    run(process.execPath, [join(here, 'node_modules/tsup/dist/cli-default.js'), '--silent'], { cwd: folder })
    return { folder, remove }
  } catch (error) {
    remove()
    throw error
  }
}

function run(program, words, options) {
  const { status, error, stdout, stderr } = spawnSync(program, words, { maxBuffer: 2 ** 28, ...options })
  if (status !== 0) throw error ?? new Error(`${program} ${words[0]}: ${String(stderr).trim()}`)
  return stdout
}
