// The messages for wrong use name the argument, what was expected, and the nearest valid name.
import { expect, test } from 'vitest'
import { parseTarget } from '../../src/cli/connect.ts'
import { loadExpected, requireKnown } from '../../src/cli/expected.ts'
import { loadCases, loadReports } from '../../src/cli/load.ts'
import { type CommandName, formatHelp, parseArguments } from '../../src/cli/options.ts'
import { requireOutputs } from '../../src/cli/reports.ts'
import { findCase, selectCases } from '../../src/cli/select.ts'
import { UsageError } from '../../src/cli/usage.ts'
import { result } from './output/fixtures.ts'
import { smallCases, writeJson } from './support.ts'

/** Returns the message for the user. */
function messageOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError)
    return (error as Error).message
  }
  throw new Error('nothing was thrown')
}

test.each<[line: string, message: string]>([
  ['lisst', 'There is no command "lisst" (see --help); did you mean list?'],
  ['test servre', 'There is no command "test servre" (see --help); did you mean test server?'],
  ['test', 'There is no command "test" (see --help); use test server or test client'],
  ['list --lvel must', 'Unknown option --lvel; did you mean --level?'],
  ['list --strict', 'Unknown option --strict'],
  ['list -x', "Unknown option '-x'"],
  ['list --level most', '--level must be one of must, should, may, policy, not "most"; did you mean must?'],
  ['list --level', "Option '--level <value>' argument missing"],
  ['list --side both', '--side must be one of server, client, not "both"'],
  ['test server ws://a --chunks byte', '--chunks must be whole, bytes or a seed, not "byte"'],
  ['test server ws://a --header secret', "--header must be 'Name: value'"],
  ['test server ws://a --header Cookie:secret\r\nc:d', '--header Cookie: the value has an invalid character'],
  ['test server ws://a --header connection:close', '--header connection: the cases send this field themselves'],
  ['test server ws://a --header a(b:secret', '--header must be \'Name: value\', and "a(b" is not a name'],
  ['test server ws://a --parallel 0', '--parallel must be a whole number from 1 to 256, not "0"'],
  ['test server ws://a --seed 1e3', '--seed must be a whole number from 0 to 4294967295, not "1e3"'],
  ['test server ws://a --timeout=-1', '--timeout must be a whole number from 1 to 600000, not "-1"'],
  [
    'test server ws://a --format htm',
    '--format must be one of text, json, junit, markdown, html, not "htm"; did you mean html?',
  ],
  ['test server ws://a --update-expected', '--update-expected needs --expected FILE'],
  ['test server ws://a --port 1', 'Unknown option --port'],
  ['test client --command a', "--command must contain {url} or {case}, such as 'node client.mjs {url}'"],
])('%s', (line, message) => {
  expect(messageOf(() => parseArguments(line.split(' '))).split('. ')[0]).toBe(message)
})

test.each<[pattern: string, message: string]>([
  ['framin', 'No case fits "framin"; did you mean framing?'],
  ['server/framing/opcod-3', 'No case fits "server/framing/opcod-3"; did you mean server/framing/opcode-3?'],
  ['framing/opcode-33', 'No case fits "framing/opcode-33"; did you mean framing/opcode-3?'],
  ['*zzz*', 'No case fits "*zzz*"'],
  ['§99', 'No case fits "§99"'],
  ['7.1', 'No case fits "7.1"'],
])('the pattern %s', (pattern, message) => {
  const cases = smallCases('server')
  expect(messageOf(() => selectCases(cases, { patterns: [pattern], skip: [], level: 'policy' }))).toBe(message)
  expect(messageOf(() => selectCases(cases, { patterns: [], skip: [pattern], level: 'policy' }))).toBe(message)
})

test.each<[patterns: readonly string[], names: readonly string[]]>([
  [[], ['text', 'opcode-3', 'ping', 'code-1000']],
  [['server/framing/text'], ['text']],
  [['framing/text'], ['text']],
  [['server'], ['text', 'opcode-3', 'ping', 'code-1000']],
  [
    ['framing', 'closing'],
    ['text', 'opcode-3', 'code-1000'],
  ],
  [['*/opcode-?'], ['opcode-3']],
  [['server/*o*'], ['opcode-3', 'ping', 'code-1000']],
  [['RFC 6455 §5.5'], ['ping']],
  [['§5.5.2'], ['ping']],
  [['§5'], ['text', 'opcode-3', 'ping', 'code-1000']],
  [['RFC 6455'], ['text', 'opcode-3', 'ping', 'code-1000']],
  [['1'], ['text']],
  [
    ['1.1.2', '2.*'],
    ['text', 'ping'],
  ],
])('the patterns %j choose %j', (patterns, names) => {
  const chosen = selectCases(smallCases('server'), { patterns, skip: [], level: 'policy' })
  expect(chosen.map(({ id }) => id.split('/')[2])).toEqual(names)
})

test('a slug', () => {
  const message = messageOf(() => findCase(smallCases('server'), 'server/control/pong'))
  expect(message).toBe('There is no case "server/control/pong"; did you mean server/control/ping?')
})

test.each([
  ['localhost', '"localhost" is not a URL such as ws://localhost:8080/'],
  ['ws://me:secret@a:b/', '"…@a:b/" is not a URL such as ws://localhost:8080/'],
  ['wsss://localhost', 'wsss: is not one of ws:, wss:, http:, https:; did you mean wss:?'],
  ['ws://%zz@localhost', 'The user or password in the URL is not percent-encoded UTF-8.'],
])('the URL %s', (url, message) => {
  expect(messageOf(() => parseTarget(url, { http2: false, insecure: false }))).toBe(message)
})

test('a URL with a password and no user sends both', () => {
  const { authorization } = parseTarget('ws://:secret@a/', { http2: false, insecure: false })
  expect(authorization).toBe(`Basic ${Buffer.from(':secret').toString('base64')}`)
})

test('the file of an output', () => {
  const outputs = { output: ['a.json', 'a.pdf'], format: undefined, quiet: false }
  expect(messageOf(() => requireOutputs(outputs))).toBe(
    '--output a.pdf: the name must end with .txt, .json, .xml, .md, .html',
  )
})

const empty = { format: 1, suite: '0', side: 'server', agent: { name: 'a' }, seed: 1, duration: 1, results: [] }

const entry = { at: 0, from: 'agent', type: 'end', size: 0, hex: '', notes: [] }

/** A report whose second result has these changes. */
function changed(changes: object): object {
  return { ...empty, results: [result(), { ...result(), ...changes }] }
}

test.each<[value: unknown, fault: string]>([
  [{}, 'format must be 1, not undefined'],
  [null, 'it must be an object, not null'],
  [5, 'it must be an object, not 5'],
  [[5], '[0] must be an object, not 5'],
  [[empty, { ...empty, suite: 0 }], '[1].suite must be a string, not 0'],
  [{ ...empty, format: 2 }, 'format must be 1, not 2'],
  [{ ...empty, side: 'a' }, 'side must be one of "server", "client", not "a"'],
  [{ ...empty, agent: 'a' }, 'agent must be an object, not "a"'],
  [{ ...empty, agent: { name: 'a', version: 1 } }, 'agent.version must be a string, not 1'],
  [{ ...empty, seed: '1' }, 'seed must be a number, not "1"'],
  [{ ...empty, results: {} }, 'results must be a list, not an object'],
  [{ ...empty, results: [{ id: 'x' }] }, 'results[0].title must be a string, not undefined'],
  [{ format: 1, cases: [] }, 'suite must be a string, not undefined'],
  [
    changed({ verdict: 'toString' }),
    'results[1].verdict must be one of "pass", "warn", "fail", "info", "skip", "error", ',
  ],
  [changed({ references: [null] }), 'results[1].references[0] must be an object, not null'],
  [changed({ expected: [[]] }), 'results[1].expected[0] must be a string, not an array'],
  [changed({ ending: { how: 'closed' } }), 'results[1].ending.by must be one of "agent", "suite", not undefined'],
  [changed({ transcript: [{}] }), 'results[1].transcript[0].at must be a number, not undefined'],
  [
    changed({ transcript: [entry, { ...entry, notes: [1] }] }),
    'results[1].transcript[1].notes[0] must be a string, not 1',
  ],
])('rejects %j as a report: %s', (value, fault) => {
  const file = writeJson(value)
  const message = messageOf(() => loadReports(file))
  expect(message).toContain(`${file} is not a report of format 1, as \`--output results.json\` writes it: ${fault}`)
})

test('accepts a report with further properties', () => {
  const file = writeJson(changed({ transcript: [{ ...entry, more: 1 }], more: null }))
  expect(loadReports(file)).toHaveLength(1)
})

test.each<[text: string, message: string]>([
  ['{', 'is not JSON: '],
  ['{"format":2,"cases":[]}', 'format'],
  ['{"format":1,"cases":[{"id":5}]}', 'cases[0]'],
])('the file of cases %s', (text, message) => {
  const file = writeJson(text)
  expect(messageOf(() => loadCases('server', file))).toContain(message)
  expect(messageOf(() => loadCases('server', file)).startsWith(file)).toBe(true)
  expect(messageOf(() => loadCases('server', `${file}.not`))).toMatch(/^\S+ cannot be read: ENOENT/)
})

test.each<[text: string, message: string]>([
  ['[]', 'must be an object of slugs and their expected verdicts'],
  ['{"a":"fails"}', '"a" must be one of pass, warn, fail, info, skip, error, or an object with it as `verdict`'],
  ['{"a":{}}', '"a" must be one of'],
  ['{"a":null}', '"a" must be one of'],
])('the file of expected failures %s', (text, message) => {
  expect(messageOf(() => loadExpected(writeJson(text), false))).toContain(message)
})

test.each([
  ['server/control/pong', '"server/control/pong"; did you mean server/control/ping?'],
  ['client/a/b', '"client/a/b"'],
  ['control/ping', '"control/ping"; did you mean server/control/ping?'],
  ['Server/control/ping', '"Server/control/ping"; did you mean server/control/ping?'],
  ['__proto__', '"__proto__"'],
])('rejects an expected failure that is a case of neither side: %s', (id, message) => {
  const cases = [...smallCases('server'), ...smallCases('client')]
  const expected = loadExpected(writeJson(`{"client/control/ping":"fail",${JSON.stringify(id)}:"fail"}`), false)
  expect(messageOf(() => requireKnown(expected, cases))).toBe(`There is no case ${message}`)
})

const names: readonly CommandName[] = ['list', 'show', 'test server', 'test client', 'compare', 'report']

test('--help and -h', () => {
  for (const word of ['--help', '-h']) {
    expect(parseArguments(['test', word])).toEqual({ help: true, name: 'test' })
    expect(parseArguments(['test', 'server', word])).toEqual({ help: true, name: 'test server' })
  }
  for (const args of [[], ['--help'], ['-h'], ['help']]) expect(parseArguments(args)).toEqual({ help: true })
  for (const name of names) {
    expect(parseArguments([...name.split(' '), '--help'])).toEqual({ help: true, name })
    expect(formatHelp()).toContain(`websocket-primitives ${name} `)
    expect(formatHelp(name)).toMatch(/^websocket-primitives .*\n {2}--help +Print this\.\n$/s)
  }
})
