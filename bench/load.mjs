/**
 * Measures the cost of loading the package: milliseconds and heap bytes in a fresh process, compared with `ws` and an empty module.
 * The subpaths are loaded as the root loads them. The fastest round counts: other load on the machine only adds time. Starts one
 * process per measurement, because nothing is loaded twice.
 */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { fastest, measure, number, printTable } from './rounds.mjs'

const script = fileURLToPath(import.meta.url)
const built = (path) => new URL(`../dist/${path}`, import.meta.url).href
const modules = [
  { name: 'nothing', specifier: 'data:text/javascript,' },
  { name: 'the root', specifier: built('index.js') },
  { name: 'streams', specifier: built('streams/index.js') },
  { name: 'codec/zlib', specifier: built('codec/zlib.js') },
  { name: '@noble/hashes, in each but the codecs', specifier: '@noble/hashes/legacy.js' },
  { name: 'ws, with what it takes of Node', specifier: 'ws' },
]

if (process.argv[1] === script) await load(process.argv[2])

async function load(specifier) {
  const { heapUsed } = process.memoryUsage()
  const start = performance.now()
  await import(specifier)
  const milliseconds = performance.now() - start
  console.log(JSON.stringify({ milliseconds, heap: process.memoryUsage().heapUsed - heapUsed }))
}

export async function benchLoad() {
  const heaps = new Map()
  const times = await measure(
    'Loading',
    modules,
    ({ name, specifier }) => {
      const { stdout, stderr, status } = spawnSync(process.execPath, [script, specifier], { encoding: 'utf8' })
      if (status !== 0) throw new Error(stderr)
      const { milliseconds, heap } = JSON.parse(stdout)
      heaps.set(name, heap)
      return milliseconds
    },
    { pick: fastest, unit: 'ms' },
  )
  const rows = modules.map(({ name }, index) => [name, number(times[index]), number(heaps.get(name) / 1024)])
  printTable('Loading, in a fresh process each time', [['', 'milliseconds', 'heap, KiB'], ...rows])
}
