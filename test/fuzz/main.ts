/**
 * The command `npm run fuzz`: many short rounds, each with its own seed, until the time is over. An error is reported once, with
 * the smallest input that shows it, and then only counted, so that it hides no other.
 *
 * @module
 */

import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { type Fuzz, fuzzes } from './fuzzes.ts'

const ROUND = 500
const PROGRESS_MS = 10_000
/** Bytes of memory that may be used beyond the first measurement. */
const MAX_GROWTH = 400 * 2 ** 20

const { values } = parseArgs({
  options: {
    time: { type: 'string', default: '60' },
    seed: { type: 'string' },
    only: { type: 'string' },
    runs: { type: 'string', default: 'Infinity' },
  },
})
const seconds = Number(values.time)
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
const most = Number(values.runs)
const chosen = Object.entries(fuzzes).filter(([name]) => values.only === undefined || values.only === name)
if (!(seconds > 0) || !Number.isInteger(seed) || !(most >= 1) || chosen.length === 0) {
  console.error(`npm run fuzz -- --time SECONDS [--seed N] [--runs N] [--only ${Object.keys(fuzzes).join('|')}]`)
  process.exit(2)
}

/** One of the fuzzers, and its progress. */
class Track {
  passed = 0
  failed = 0
  private readonly known = new Set<string>()

  constructor(
    private readonly name: string,
    private readonly fuzz: Fuzz<unknown>,
  ) {}

  get runs(): number {
    return this.passed + this.failed
  }

  round(round: number, deadline: number): void {
    const roundSeed = (seed + Math.imul(round, 0x9e3779b1)) | 0
    const { arbitrary, check } = this.fuzz
    let failing: string | undefined
    const property = fc.property(arbitrary, (input) => {
      try {
        check(input, this.known)
        if (failing === undefined) this.passed++
      } catch (error) {
        const signature = signatureOf(error)
        if (failing === undefined) this.failed++
        // Already reported. And shrinking must not switch to another error than the original one.
        if (this.known.has(signature)) return
        failing ??= signature
        if (failing === signature) throw error
      }
    })
    const result = fc.check(property, {
      seed: roundSeed,
      numRuns: Math.min(ROUND, most - this.runs),
      interruptAfterTimeLimit: Math.max(1, deadline - Date.now()),
    })
    if (failing === undefined) return
    this.known.add(failing)
    if (result.counterexample === null) return
    const error = result.errorInstance
    console.log(
      `\nFAILED ${this.name} --seed ${seed}, round ${round} (seed ${roundSeed}, path ${result.counterexamplePath})`,
    )
    console.log(error instanceof Error ? readable(error) : String(error))
    console.log(`input: ${this.fuzz.show(result.counterexample[0])}\n`)
  }
}

function signatureOf(error: unknown): string {
  if (error instanceof Error && 'signature' in error) return String(error.signature)
  return error instanceof Error
    ? (error.stack ?? '').split('\n').slice(0, 2).join().replace(/\d+/g, '0')
    : String(error)
}

function readable(error: Error): string {
  const own = (error.cause instanceof Error ? error.cause : error).stack ?? ''
  const frames = own.split('\n').filter((line) => line.startsWith('    at ') && !line.includes('node_modules'))
  return `${error.message}\n${frames.slice(0, 6).join('\n')}`
}

/** Memory in use, after as much as possible has been collected. */
function memoryInUse(): number {
  globalThis.gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

const tracks = chosen.map(([name, fuzz]) => ({ name, track: new Track(name, fuzz) }))
const counts = (): string =>
  tracks.map(({ name, track }) => `${name} ${track.passed} passed, ${track.failed} failed`).join(' · ')
const start = Date.now()
const deadline = start + seconds * 1000
console.log(`seed ${seed}`)
let memory: number | undefined
let grown = 0
let told = start
for (let round = 0; Date.now() < deadline && tracks.some(({ track }) => track.runs < most); round++) {
  for (const { track } of tracks) if (Date.now() < deadline && track.runs < most) track.round(round, deadline)
  if (Date.now() - told < PROGRESS_MS) continue
  told = Date.now()
  const now = memoryInUse()
  memory ??= now
  grown = Math.max(grown, now - memory)
  console.log(`${Math.round((told - start) / 1000)} s: ${counts()} · ${Math.round(now / 2 ** 20)} MiB`)
}
console.log(counts())
const tooMuch = grown > MAX_GROWTH
if (tooMuch) console.log(`FAILED: ${Math.round(grown / 2 ** 20)} MiB more in use than at first`)
const sum = (of: 'passed' | 'failed'): number => tracks.reduce((total, { track }) => total + track[of], 0)
const failed = sum('failed') + (tooMuch ? 1 : 0)
console.log(`${sum('passed')} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
