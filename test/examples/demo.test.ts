/** The examples are short and import only this package and Node; the demonstration runs and shows everything. */

import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'

function pathOf(name: string): string {
  return fileURLToPath(new URL(`../../examples/${name}`, import.meta.url))
}

/** The lines of a program without blank ones, imports and comments. */
function ownLines(source: string): number {
  const code = source.replace(/^import\b[^']*'[^']+'$/gm, '').replace(/^\s*(\/\/|\/\*\*|\*).*$/gm, '')
  return code.split('\n').filter((line) => line.trim() !== '').length
}

const most = {
  'echo-node-net.mjs': 8,
  'echo-node-http.mjs': 9,
  'client-node-net.mjs': 25,
  'rooms-node-http.mjs': 40,
  'reverse-proxy.mjs': 55,
}

describe.each(Object.entries(most))('examples/%s', (name, lines) => {
  const source = readFileSync(pathOf(name), 'utf8')

  test(`has at most ${lines} lines of its own`, () => {
    expect(ownLines(source)).toBeLessThanOrEqual(lines)
  })

  test('imports only Node and this package', () => {
    const specifiers = Array.from(source.matchAll(/^import\b[^']*'([^']+)'/gm), ([, specifier]) => specifier)
    expect(specifiers).toContain('websocket-primitives/node')
    for (const specifier of specifiers) expect(specifier).toMatch(/^(node:.*|websocket-primitives(\/.*)?)$/)
  })
})

describe('examples/demo.mjs', () => {
  let lines: string[]
  beforeAll(async () => {
    // Throws for any exit code except 0.
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [pathOf('demo.mjs')])
    expect(stderr).toBe('')
    lines = stdout.split('\n').map((line) => line.trim())
  }, 60_000)

  const client = 'client ──▶'
  const server = '◀── server'

  test('shows the opening', () => {
    expect(lines).toContain(`${client}  GET /demo HTTP/1.1`)
    expect(lines).toContain(`${client}  Sec-WebSocket-Version: 13`)
    expect(lines).toContain(`${server}  HTTP/1.1 101 Switching Protocols`)
    expect(lines).toContainEqual(expect.stringMatching(/^◀── server {2}Sec-WebSocket-Accept: [A-Za-z0-9+/]{27}=$/))
  })

  test('shows a text masked from the client, unmasked from the server, and what the client received', () => {
    expect(lines).toContainEqual(expect.stringMatching(/^client ──▶ {2}81 85( [0-9a-f]{2}){9}$/))
    expect(lines).toContain(`${server}  81 05 48 65 6c 6c 6f`)
    expect(lines).toContain('client got text: data "Hello"')
    expect(lines).toContain('client got text: data "Käse 世界 👋"')
  })

  test('shows binary, a ping with its pong, and a message in fragments', () => {
    expect(lines).toContain('client got binary: data 00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff')
    expect(lines).toContain('client got pong: data 61 72 65 20 79 6f 75 20 74 68 65 72 65 3f')
    expect(lines).toContainEqual(expect.stringMatching(/^continuation, fin, masked [0-9a-f]{8}, 7 bytes/))
    expect(lines).toContain('client got text: data "Ⅰ one, Ⅱ two, Ⅲ three, Ⅳ four, Ⅴ five"')
  })

  test('shows both Closes, then the end of TCP by the server, in that order', () => {
    const order = [
      expect.stringMatching(/^close, fin, masked [0-9a-f]{8}, 14 bytes: 1000 Normal Closure "that was all"$/),
      `${server}  88 02 03 e8`,
      `${server}  ends TCP`,
    ]
    const found = lines.filter((line) => /^close, fin, masked|88 02|◀── server +ends TCP/.test(line))
    expect(found).toEqual(order)
  })
})
