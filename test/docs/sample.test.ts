/** The samples in `docs/conformance.md`: what the built command prints for a failure, and a file of expected failures. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { run, serveRaw, writeJson } from '../cli/support.ts'
import { patient } from '../peers/support.ts'
import { serve } from '../testing/broken/server.ts'
import { root } from './snippets.ts'

vi.setConfig(patient)

const guide = readFileSync(join(root, 'docs/conformance.md'), 'utf8')
const [, sample = ''] = /^```text\n(FAIL .*?)^```$/ms.exec(guide) ?? []
const [, expected = ''] = /^```json\n(.*?)^```$/ms.exec(guide) ?? []

/** Removes what differs from run to run: the durations. */
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
