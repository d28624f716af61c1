/** The samples in `docs/testing.md` and `docs/conformance.md`: the command's output for a failure, and a file of expected failures. */

import { once } from 'node:events'
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test, vi } from 'vitest'
import type { CaseFile } from '../../src/testing/case.ts'
import { makeFolder, run, runJson, serveRaw, start, verdictsOf, writeJson } from '../cli/support.ts'
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
  const changed = program.replace('port: 8080', 'port: 0')
  const server = startProcess('docs/testing.md', process.execPath, ['--input-type=module', '--eval', changed])
  const [line] = await within(once(server.lines, 'line'), 'the server to listen')
  const [, port = ''] = /^listening on port (\d+)$/.exec(line) ?? []
  // A second one on this port exits, as the guide says.
  const other = startProcess('another', process.execPath, [
    ...['--input-type=module', '--eval', program.replace('port: 8080', `port: ${port}`)],
  ])
  const complaint = text(other.child.stderr)
  expect([await within(other.exited, 'the other server to exit'), await complaint]).toEqual([
    [1, null],
    expect.stringContaining('EADDRINUSE'),
  ])
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

/** Writes the client for `{url}` in docs/conformance.md to a file. */
function writeClient(): string {
  const [, program = ''] = /^```js conformance-client\.mjs\n(.*?)^```$/ms.exec(guide) ?? []
  const folder = makeFolder()
  const file = join(folder, 'conformance-client.mjs')
  writeFileSync(file, program)
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  return file
}

test('the client for `{url}` in docs/conformance.md runs each case, also those with a 503, and exits', async () => {
  const command = `"${process.execPath}" "${writeClient()}" {url}`
  const sections = ['client/status', 'client/control', 'client/limits']
  const { code, report } = await runJson('test', 'client', '--command', command, ...sections, '--timeout', '20000')
  const verdicts = Object.values(verdictsOf(report))
  expect(verdictsOf(report)).toMatchObject({ 'client/status/503': 'pass' })
  expect([code, verdicts.filter((verdict) => verdict !== 'pass' && verdict !== 'info')]).toEqual([0, []])
})

test('without --command it exits too, after the suite', async () => {
  const sections = ['client/status', 'client/control']
  const suite = start('test', 'client', '--port', '0', ...sections, '--timeout', '20000')
  const url = await within(
    new Promise<string>((resolve) => {
      let said = ''
      suite.child.stderr?.on('data', (more: string) => {
        said += more
        const [found] = /ws:\S+/.exec(said) ?? []
        if (found !== undefined) resolve(found)
      })
    }),
    'the suite to listen',
  )
  const client = startProcess('the client', process.execPath, [writeClient(), url])
  expect(await within(suite.exit, 'the suite to exit')).toMatchObject({ code: 0 })
  expect(await within(client.exited, 'the client to exit')).toEqual([0, null])
})

test('docs/testing.md has the number of cases', () => {
  const text = readFileSync(join(root, 'docs/testing.md'), 'utf8').replace(/\s+/g, ' ')
  const [server, client] = (['server', 'client'] as const).map((side) => {
    const { cases } = JSON.parse(readFileSync(join(root, `dist/testing/${side}.json`), 'utf8')) as CaseFile
    return { all: cases.length, tcp: cases.filter(({ carriers }) => carriers.includes('http/1.1')).length }
  })
  expect(text).toContain(
    `returns ${server?.all} results, and the command runs ${server?.tcp} cases: ${Number(server?.all) - Number(server?.tcp)} cases exist only over HTTP/2`,
  )
  expect(text).toContain(`For clients it is ${client?.all} and ${client?.tcp}.`)
})
