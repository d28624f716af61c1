/**
 * Every example of a docstring and every block of README.md and the guides compiles, and does what it says. Programs in the guides
 * that open sockets are run by `programs.test.ts`.
 *
 * @module
 */

import { describe, expect, test } from 'vitest'
import { type Compiled, compile } from './compile.ts'
import { run } from './run.ts'
import { blocksIn, documents, examplesIn, findBlocks, findExamples } from './snippets.ts'

/** Checks that a valid snippet passes; returns how many results it states. */
const sound: readonly (readonly [code: string, results: number])[] = [
  ['frameSize({ opcode: 1 }) // 2', 1],
  ['const size = frameSize({ opcode: 1 }) // 2', 1],
  ['frameSize({ opcode: 1 })\n// 2', 1],
  ['frameSize({ opcode: 1 })\n// What follows is a remark.', 0],
  ['encodeFrame({ opcode: Opcode.Pong }) // 8a 00', 1],
  ["console.log('a', 1) // a 1", 1],
  ['if (frameSize({ opcode: 1 }) === 2) frameSize({ opcode: 2 }) // 2', 1],
  ["toHeaderList({ a: '1' }) // [['a', '1']]", 1],
  ['import { Opcode as O } from "websocket-primitives/frame"\nO.Ping // 9', 1],
]
/** Checks that an invalid one fails. */
const wrong: readonly (readonly [title: string, code: string])[] = [
  ['another value', 'frameSize({ opcode: 1 }) // 3'],
  ['other bytes', 'encodeFrame({ opcode: 10 }) // 8a 01'],
  ['another line', "console.log('a') // b"],
  ['a remark in place of a result', 'frameSize({ opcode: 1 }) // the size of it'],
  ['a result that never occurs', 'if (frameSize({ opcode: 1 }) === 3) frameSize({ opcode: 2 }) // 2'],
  ['an exception', 'frameSize({ opcode: 1, payloadLength: -1 }) // 2'],
]
const faulty: readonly string[] = ['encodeFrames()', "frameSize({ opcode: 'text' })", 'const a = (']
const outside: readonly string[] = ['socket.end()', 'createServer()']

const examples = [...findExamples(), ...findBlocks()]
const madeUp = [...sound.map(([code]) => code), ...wrong.map(([, code]) => code), ...faulty, ...outside]
// All together, because that is a single program.
const all = compile([...examples, ...madeUp.map((code) => ({ place: 'src/index.ts', language: 'ts' as const, code }))])
const compiled = all.slice(0, examples.length)
const runnable = compiled.filter(({ selfContained, reachesOut }) => selfContained && !reachesOut)

test.each(compiled)('$place compiles', ({ errors }) => {
  expect(errors).toEqual([])
})

test.each(runnable)('$place does what it says', async (snippet) => {
  await run(snippet)
})

test('finds all snippets', () => {
  expect(documents).toContain('README.md')
  expect(findExamples().length).toBeGreaterThan(95)
  expect(findBlocks().filter(({ place }) => place.startsWith('README.md')).length).toBeGreaterThan(2)
  expect(runnable.length).toBeGreaterThan(55)
})

describe('the test itself', () => {
  const made = (code: string): Compiled => all[examples.length + madeUp.indexOf(code)] as Compiled

  test('finds the example of a docstring, anywhere', () => {
    const method = ['  /**', '   * @example', '   * two(', '   *   2,', '   * )', '   */', '  b() {}']
    const text = ['/** @example one() */', 'export class A {', ...method, '}'].join('\n')
    expect(examplesIn('a.ts', text)).toEqual([
      { place: 'a.ts:1', language: 'ts', code: 'one()' },
      { place: 'a.ts:4', language: 'ts', code: 'two(\n  2,\n)' },
    ])
  })

  test('finds blocks of JavaScript and TypeScript, and no others', () => {
    const text = ['```sh', 'ls', '```', 'text', '```js', '1', '```', '```ts', '2', '', '3', '```', '```', '4', '```']
    expect(blocksIn('a.md', text.join('\n'))).toEqual([
      { place: 'a.md:5', language: 'js', code: '1' },
      { place: 'a.md:8', language: 'ts', code: '2\n\n3' },
    ])
    expect(() => blocksIn('a.md', '```js\n1')).toThrow('a.md:1: a block that does not end')
  })

  test.each(faulty)('%j does not compile', (code) => {
    expect(made(code).errors.length).toBeGreaterThan(0)
  })

  test('detects external dependencies', () => {
    expect(made('frameSize({ opcode: 1 }) // 2')).toMatchObject({ selfContained: true, reachesOut: false })
    expect(made('socket.end()')).toMatchObject({ selfContained: false })
    expect(made('createServer()')).toMatchObject({ selfContained: true, reachesOut: true })
  })

  test.each(sound)('%j is correct', async (code, results) => {
    expect(await run(made(code))).toBe(results)
  })

  test.each(wrong)('%s is a failure', async (_, code) => {
    await expect(run(made(code))).rejects.toThrow()
  })
})
