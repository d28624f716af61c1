// The commands that need no agent: list, show, compare, report, --help, and wrong use.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { formatHelp } from '../../src/cli/options.ts'
import type { CaseResult, Report } from '../../src/testing/result.ts'
import { patient } from '../peers/support.ts'
import { caseFile, makeFolder, run, smallCases, start, writeJson } from './support.ts'

vi.setConfig(patient)

test('list prints the slug, level and title of each case', async () => {
  const { code, stdout } = await run('list', '--cases', caseFile('server'))
  expect([code, stdout]).toEqual([
    0,
    `server/framing/text       must    a text
server/framing/opcode-3   must    a reserved opcode
server/control/ping       must    a ping
server/closing/code-1000  should  a clean Close
`,
  ])
})

test('list chooses by side, pattern and level, and prints a file of cases', async () => {
  const cases = [...smallCases('server'), ...smallCases('client')]
  const file = writeJson({ format: 1, cases })
  const list = async (...args: string[]): Promise<unknown> =>
    JSON.parse((await run('list', '--json', '--cases', file, ...args)).stdout)
  expect(await list()).toEqual({ format: 1, cases })
  expect(await list('--side', 'client', '§5.5', 'closing', '--level', 'must')).toEqual({
    format: 1,
    cases: [smallCases('client')[2]],
  })
})

test('list and show know the cases of the package', async () => {
  const { code, stdout } = await run('list', 'framing')
  const lines = stdout.trim().split('\n')
  expect(code).toBe(0)
  expect(lines.length).toBeGreaterThan(20)
  for (const line of lines) expect(line).toMatch(/^(server|client)\/framing\/[a-z0-9-]+ +(must|should|may|policy) +\S/)
  const [id = ''] = lines[0]?.split(' ') ?? []
  const shown = await run('show', id)
  expect(shown.code).toBe(0)
  expect(shown.stdout).toContain(id)
  expect(JSON.parse((await run('show', id, '--json')).stdout)).toMatchObject({ id })
})

test('does not fail if a reader stops early', async () => {
  const { child, exit } = start('list', '--json')
  child.stdout?.destroy()
  expect(await exit).toMatchObject({ code: 0, stderr: '' })
})

test('prints one line and exits with 2 for wrong use', async () => {
  expect(await run('test', 'servre', 'ws://localhost')).toEqual({
    code: 2,
    stdout: '',
    stderr: 'There is no command "test servre" (see --help); did you mean test server?\n',
  })
  expect(await run('show', 'server/control/pong', '--cases', caseFile('server'))).toEqual({
    code: 2,
    stdout: '',
    stderr: 'There is no case "server/control/pong"; did you mean server/control/ping?\n',
  })
})

test('--version prints the version of the package', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  expect(await run('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
})

test('--help of the program', async () => {
  const { code, stdout } = await run('--help')
  expect([code, stdout]).toEqual([0, formatHelp()])
})

function report(name: string, verdicts: Readonly<Record<string, CaseResult['verdict']>>): Report {
  return {
    format: 1,
    suite: '0.1.0',
    side: 'server',
    agent: { name },
    seed: 1,
    duration: 1,
    results: Object.entries(verdicts).map(([id, verdict]) => ({
      id,
      title: 'a case',
      why: '',
      level: 'must',
      carrier: 'http/1.1',
      references: [],
      verdict,
      reason: `It is ${verdict}.`,
      expected: [],
      ending: undefined,
      transcript: [],
      duration: 1,
    })),
  }
}

test('compare lists the verdicts that differ, the worst first, and exits with 1 if there are any', async () => {
  const verdicts = (changes: Readonly<Record<string, CaseResult['verdict']>>) => writeJson(report('agent', changes))
  const one = verdicts({ 'server/a/b': 'pass', 'server/a/c': 'fail', 'server/a/d': 'info', 'server/a/f': 'pass' })
  const other = verdicts({ 'server/a/c': 'pass', 'server/a/b': 'fail', 'server/a/e': 'pass', 'server/a/f': 'warn' })
  const more = verdicts({ 'server/a/b': 'fail', 'server/x/y': 'fail' })
  const fewer = verdicts({ 'server/a/b': 'pass', 'server/x/y': 'pass' })
  expect(await run('compare', one, other)).toEqual({
    code: 1,
    stderr: '',
    stdout: `agent → agent: 5 different

pass → fail: 1 case (a 1)
  server/a/b: It is fail.

pass → warn: 1 case (a 1)
  server/a/f: It is warn.

not run → pass: 1 case (a 1)
  server/a/e: It is pass.

fail → pass: 1 case (a 1)
  server/a/c: It is fail.

info → not run: 1 case (a 1)
  server/a/d: It is info.
`,
  })
  expect((await run('compare', fewer, more)).stdout).toContain('\n\npass → fail: 2 cases (a 1, x 1)\n  server/a/b: ')
  expect(await run('compare', one, one)).toEqual({ code: 0, stderr: '', stdout: 'agent → agent: no difference\n' })
})

test('report prints one or several in another format', async () => {
  const files = ['one', 'other'].map((name) => writeJson(report(name, { 'server/a/b': 'pass' })))
  const page = join(makeFolder(), 'page.html')
  const { code, stdout } = await run('report', ...files, '--format', 'json', '--output', page)
  expect([code, JSON.parse(stdout).map(({ agent }: Report) => agent.name)]).toEqual([0, ['one', 'other']])
  expect(readFileSync(page, 'utf8')).toContain('other')
  // It reads a list as well.
  const list = writeJson(JSON.parse(stdout))
  expect((await run('report', list, '--format', 'json')).stdout).toBe(stdout)
})

test('report --output writes the file and prints nothing', async () => {
  const page = join(makeFolder(), 'page.html')
  const file = writeJson(report('one', { 'server/a/b': 'pass' }))
  expect(await run('report', file, '--output', page)).toEqual({ code: 0, stdout: '', stderr: '' })
  expect(readFileSync(page, 'utf8')).toContain('one')
})

test('report --brief prints one line for each problem', async () => {
  const file = writeJson(report('one', { 'server/a/b': 'fail' }))
  expect((await run('report', file, '--brief')).stdout).toContain(
    '\n\nFAIL server/a/b: It is fail.\n\n1 fail; 1 problem; ',
  )
})
