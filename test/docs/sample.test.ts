/** The samples in `docs/testing.md` and `docs/conformance.md`: the command's output for a failure, and a file of expected failures. */

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { run, serveRaw, writeJson } from '../cli/support.ts'
import { patient, startProcess, within } from '../peers/support.ts'
import { serve } from '../testing/broken/server.ts'
import { findRecipes } from './recipes.mjs'
import { root } from './snippets.ts'

vi.setConfig(patient)

const guide = readFileSync(join(root, 'docs/conformance.md'), 'utf8')
const [, sample = ''] = /^```text\n(FAIL .*?)^```$/ms.exec(guide) ?? []
const [, expected = ''] = /^```json\n(.*?)^```$/ms.exec(guide) ?? []

/** Removes what differs from run to run: how long everything took. */
function withoutTimes(text: string): string {
  return text.replace(/^ +\d+\.\d ms/gm, '  … ms')
}

test('a server that accepts a reserved opcode', async () => {
  const url = await serveRaw((socket) => serve(socket, new Set(['reserved-data-opcode'])))
  // A long timeout, so that a busy machine gives the same result as an idle one.
  const { code, stdout } = await run('test', 'server', url, 'server/framing/opcode-3', '--timeout', '20000')
  expect(code).toBe(1)
  // The opening handshake is omitted.
  const [begin = '', end = ''] = withoutTimes(sample).split('      …\n')
  expect(end).not.toBe('')
  expect(withoutTimes(stdout)).toContain(begin)
  expect(withoutTimes(stdout)).toContain(end)
})

test('a server that accepts a reserved opcode and a wrong host is as expected', async () => {
  const url = await serveRaw((socket) => serve(socket, new Set(['reserved-data-opcode', 'host-unchecked'])))
  const cases = Object.keys(JSON.parse(expected))
  expect(cases).toHaveLength(2)
  expect((await run('test', 'server', url, ...cases)).code).toBe(1)
  expect((await run('test', 'server', url, ...cases, '--expected', writeJson(expected))).code).toBe(0)
})

test('the first run in docs/testing.md', async () => {
  const [, printed = ''] = /^```text\n(.*?)^```$/ms.exec(readFileSync(join(root, 'docs/testing.md'), 'utf8')) ?? []
  const program = findRecipes().get('quick/server.mjs') ?? ''
  const listening = ".on('listening', function () { console.log(this.address().port) }).on('connection'"
  const changed = program.replace('port: 8080', 'port: 0').replace(".on('connection'", listening)
  const server = startProcess('docs/testing.md', process.execPath, ['--input-type=module', '--eval', changed])
  const [port] = await within(once(server.lines, 'line'), 'the server to listen')
  const { code, stdout } = await run('test', 'server', `ws://localhost:${port}/`, 'version', '--timeout', '20000')
  await server.stop()
  expect(code).toBe(1)
  const stable = (text: string): string =>
    text
      .replace(`localhost:${port}`, 'localhost:8080')
      .replace(/websocket-primitives [^,\s]+/, 'websocket-primitives')
      .replace(/[\d.]+ m?s$/m, '')
  const [begin = '', end = ''] = stable(printed).split('      …\n')
  expect(end).not.toBe('')
  expect(stable(stdout).startsWith(begin)).toBe(true)
  expect(stable(stdout).endsWith(end)).toBe(true)
})
