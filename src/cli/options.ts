/**
 * The options of the command. One table serves both the parser and `--help`.
 *
 * @module
 */

import { parseArgs } from 'node:util'
import type { Chunks, Level, Side } from '../testing/case.ts'
import { type Format, formatsByEnding, formatters } from './output/formats.ts'
import { levels } from './select.ts'
import { suggest, UsageError } from './usage.ts'

/** The options after all checks, with their defaults. Times are in milliseconds. */
export interface Settings {
  /** The arguments that are not options, in order. */
  readonly positionals: readonly string[]
  readonly side: Side | undefined
  readonly cases: string | undefined
  readonly skip: readonly string[]
  readonly level: Level
  readonly strict: boolean
  readonly seed: number
  readonly parallel: number
  readonly timeout: number
  readonly chunks: Chunks | undefined
  readonly http2: boolean
  readonly insecure: boolean
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly subprotocol: string | undefined
  readonly echo: boolean
  readonly agent: string | undefined
  readonly host: string
  readonly port: number
  readonly wait: number
  readonly command: string | undefined
  readonly autobahn: string | undefined
  readonly expected: string | undefined
  readonly updateExpected: boolean
  readonly output: readonly string[]
  readonly format: Format | undefined
  readonly brief: boolean
  readonly quiet: boolean
  readonly json: boolean
}

interface Option {
  readonly type: 'string' | 'boolean'
  readonly multiple?: boolean
  /** Its letter. */
  readonly short?: string
  /** The name of the value in `--help`. */
  readonly value?: string
  readonly help: string
}

const formatNames = Object.keys(formatters) as readonly Format[]

type Options = Readonly<Record<string, Option>>

const help: Options = { help: { type: 'boolean', short: 'h', help: 'Print this.' } }

const file: Options = {
  cases: { type: 'string', value: 'FILE', help: 'Use the cases of this file instead of those of the package.' },
}

const selection: Options = {
  skip: { type: 'string', multiple: true, value: 'PATTERN', help: 'Leave these cases out. Repeatable.' },
  level: {
    type: 'string',
    value: 'LEVEL',
    help: `Only cases of this level or a stricter one: ${levels.join(', ')}. Default: policy (all).`,
  },
  ...file,
}

const outputs: Options = {
  output: {
    type: 'string',
    multiple: true,
    value: 'FILE',
    help: `Write the report to a file: ${Object.keys(formatsByEnding).join(', ')}. Repeatable.`,
  },
  format: {
    type: 'string',
    value: 'FORMAT',
    help: `The format to print: ${formatNames.join(', ')}. Default: text.`,
  },
  brief: { type: 'boolean', help: 'Print one line for each problem, without its bytes (text only).' },
}

const runs: Options = {
  ...selection,
  strict: { type: 'boolean', help: 'Warnings make the run fail too, and are shown in full.' },
  seed: { type: 'string', value: 'N', help: 'The seed for keys and chunk sizes. Default: 1.' },
  parallel: { type: 'string', value: 'N', help: 'How many cases run at a time. Default: 8.' },
  timeout: { type: 'string', value: 'MS', help: 'How long the agent may take for each answer. Default: 2000.' },
  chunks: { type: 'string', value: 'HOW', help: 'How to split all output: whole, bytes, or a seed for random sizes.' },
  http2: { type: 'boolean', help: 'Run the cases over HTTP/2 (RFC 8441).' },
  subprotocol: { type: 'string', value: 'NAME', help: 'A subprotocol that the agent accepts or offers.' },
  'no-echo': { type: 'boolean', help: 'The agent does not echo: skip the cases that need it.' },
  agent: { type: 'string', value: 'NAME[/VERSION]', help: "The agent's name in the report." },
  expected: {
    type: 'string',
    value: 'FILE',
    help: 'Expected failures, as JSON { "slug": "fail" }. Only a change makes the run fail.',
  },
  'update-expected': { type: 'boolean', help: 'Write the failures of this run to the --expected file.' },
  ...outputs,
  quiet: { type: 'boolean', help: 'Print no progress, and no report unless --format is set.' },
}

/** The name of a command. */
export type CommandName = 'list' | 'show' | 'test server' | 'test client' | 'compare' | 'report'

interface Command {
  /** The words after the program's name. */
  readonly usage: string
  readonly help: string
  readonly options: Options
}

/** The commands in the order of `--help`, with their options. */
const commands: Readonly<Record<CommandName, Command>> = {
  list: {
    usage: 'list [PATTERN…]',
    help: 'Lists the cases: slug, level, title.',
    options: {
      side: { type: 'string', value: 'SIDE', help: 'Only the cases for this side: server or client.' },
      ...selection,
      json: { type: 'boolean', help: 'Print the cases in full, as a JSON file for --cases.' },
    },
  },
  show: {
    usage: 'show CASE',
    help: 'Explains a case: its steps, the rule, why it matters, and the allowed outcomes.',
    options: { ...file, json: { type: 'boolean', help: 'Print the case as JSON.' } },
  },
  'test server': {
    usage: 'test server URL [PATTERN…]',
    help: 'Tests the WebSocket server at a ws:, wss:, http: or https: URL. It should echo messages.',
    options: {
      ...runs,
      header: {
        type: 'string',
        multiple: true,
        value: "'NAME: VALUE'",
        help: 'Add this header field to each request, or replace its Host. Repeatable.',
      },
      insecure: { type: 'boolean', help: 'Accept any certificate.' },
    },
  },
  'test client': {
    usage: 'test client [PATTERN…]',
    help: `Listens, and tests a client that connects once for each case. It should echo messages until the connection ends. Each
connection gets the next case, or the one named in its URL: ?case=SLUG. Clients for the Autobahn test suite run unchanged:
/getCaseCount, /runCase?case=N&agent=NAME, /updateReports?agent=NAME.`,
    options: {
      ...runs,
      host: { type: 'string', value: 'ADDRESS', help: 'The address to listen on. Default: 127.0.0.1.' },
      port: {
        type: 'string',
        value: 'N',
        help: 'The port to listen on. Default: 9001, or any free port with --command.',
      },
      wait: { type: 'string', value: 'MS', help: 'How long to wait for the next connection. Default: 60000.' },
      command: {
        type: 'string',
        value: "'COMMAND'",
        help: 'Start the client: with {case}, once per case; with {url}, once, and it connects for each case.',
      },
      autobahn: { type: 'string', value: 'DIR', help: "Write Autobahn's index.json to this folder." },
    },
  },
  compare: {
    usage: 'compare A.json B.json',
    help: 'Compares two reports. Exits with 1 if a verdict differs.',
    options: {},
  },
  report: {
    usage: 'report FILE…',
    help: 'Prints reports in another format, several together. With --output it writes files, and prints only if --format is set.',
    options: outputs,
  },
}

const names = Object.keys(commands) as readonly CommandName[]
const tests = names.filter((name) => name.startsWith('test '))

/** Returns what `--help` prints: for one command, for the two of `test`, or for all. */
export function formatHelp(name?: CommandName | 'test'): string {
  if (name === 'test')
    return `${tests.map((each) => `  websocket-primitives ${commands[each].usage}\n    ${commands[each].help.replaceAll('\n', '\n    ')}`).join('\n')}

--help after \`test server\` or \`test client\` lists its options.
`
  if (name === undefined)
    return `Tests WebSocket servers and clients.

${names.map((each) => `  websocket-primitives ${commands[each].usage}`).join('\n')}

A pattern is a slug, a glob, a section of the suite (framing), of an RFC ('RFC 6455 §5.5'), or Autobahn's number (6.4).
Exit codes: 0 no problem; 1 a failure or a change; 2 wrong use, or nothing to test. --help after a command lists its options.
--version prints the version of the package.
`
  const { usage, help: text, options } = commands[name]
  const rows = Object.entries<Option>({ ...options, ...help }).map(([option, { value }]) =>
    value === undefined ? `--${option}` : `--${option} ${value}`,
  )
  const width = Math.max(...rows.map((row) => row.length))
  const lines = Object.values<Option>({ ...options, ...help }).map(
    (option, i) => `  ${rows[i]?.padEnd(width)}  ${option.help}`,
  )
  return `websocket-primitives ${usage}\n\n${text}\n\n${lines.join('\n')}\n`
}

/**
 * Parses the program's arguments.
 *
 * @returns `help` for `--help`, with the command if one was named; `version` for `--version`.
 * @throws UsageError that suggests the nearest command or option.
 */
export function parseArguments(
  args: readonly string[],
):
  | { readonly help: true; readonly name?: CommandName | 'test' }
  | { readonly version: true }
  | { readonly name: CommandName; readonly settings: Settings } {
  const [first = '', second = ''] = args
  if (first === '--version') return { version: true }
  if (args.length === 0 || isHelp(first) || first === 'help') return { help: true }
  if (first === 'test' && isHelp(second)) return { help: true, name: 'test' }
  const name = names.find((each) => each === (first === 'test' ? `test ${second}` : first))
  if (name === undefined) {
    const given = first === 'test' ? `test ${second}`.trim() : first
    const nearest = suggest(given, names) || (first === 'test' ? `; use ${tests.join(' or ')}` : '')
    throw new UsageError(`There is no command ${JSON.stringify(given)} (see --help)${nearest}`)
  }
  const { values, positionals } = parse(args.slice(name.split(' ').length), { ...commands[name].options, ...help })
  const { help: isAsked } = values
  return isAsked === true ? { help: true, name } : { name, settings: check(values, positionals) }
}

function isHelp(word: string): boolean {
  return word === '--help' || word === '-h'
}

type Values = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>

function parse(args: readonly string[], options: Options): { values: Values; positionals: string[] } {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (error) {
    const { message } = error as Error
    const unknown = /^Unknown option '--([^']+)'/.exec(message)?.[1]
    throw new UsageError(
      unknown === undefined
        ? message
        : `Unknown option --${unknown}${suggest(
            `--${unknown}`,
            Object.keys(options).map((option) => `--${option}`),
          )}`,
    )
  }
}

function check(values: Values, positionals: readonly string[]): Settings {
  const text = (name: string): string | undefined => values[name] as string | undefined
  const list = (name: string): readonly string[] => (values[name] ?? []) as readonly string[]
  const is = (name: string): boolean => values[name] === true
  const settings: Settings = {
    positionals,
    side: oneOf('side', text('side'), ['server', 'client'] as const),
    cases: text('cases'),
    skip: list('skip'),
    level: oneOf('level', text('level'), levels) ?? 'policy',
    strict: is('strict'),
    seed: wholeNumber('seed', text('seed'), 0, 2 ** 32 - 1) ?? 1,
    parallel: wholeNumber('parallel', text('parallel'), 1, 256) ?? 8,
    timeout: wholeNumber('timeout', text('timeout'), 1, 600_000) ?? 2000,
    chunks: parseChunks(text('chunks')),
    http2: is('http2'),
    insecure: is('insecure'),
    headers: list('header').map(parseHeader),
    subprotocol: text('subprotocol'),
    echo: !is('no-echo'),
    agent: text('agent'),
    host: text('host') ?? '127.0.0.1',
    port: wholeNumber('port', text('port'), 0, 65_535) ?? (text('command') === undefined ? 9001 : 0),
    wait: wholeNumber('wait', text('wait'), 1, 2 ** 31 - 1) ?? 60_000,
    command: text('command'),
    autobahn: text('autobahn'),
    expected: text('expected'),
    updateExpected: is('update-expected'),
    output: list('output'),
    format: oneOf('format', text('format'), formatNames),
    brief: is('brief'),
    quiet: is('quiet'),
    json: is('json'),
  }
  if (settings.updateExpected && settings.expected === undefined)
    throw new UsageError('--update-expected needs --expected FILE')
  if (settings.command !== undefined && !/\{(url|case)\}/.test(settings.command))
    throw new UsageError("--command must contain {url} or {case}, such as 'node client.mjs {url}'")
  return settings
}

function oneOf<Name extends string>(
  option: string,
  value: string | undefined,
  names: readonly Name[],
): Name | undefined {
  if (value === undefined || names.includes(value as Name)) return value as Name | undefined
  throw new UsageError(
    `--${option} must be one of ${names.join(', ')}, not ${JSON.stringify(value)}${suggest(value, names)}`,
  )
}

function wholeNumber(option: string, value: string | undefined, least: number, most: number): number | undefined {
  if (value === undefined) return undefined
  const number = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN
  if (number >= least && number <= most) return number
  throw new UsageError(`--${option} must be a whole number from ${least} to ${most}, not ${JSON.stringify(value)}`)
}

function parseChunks(value: string | undefined): Chunks | undefined {
  if (value === undefined || value === 'whole' || value === 'bytes') return value
  if (/^\d{1,9}$/.test(value)) return { seed: Number(value) }
  throw new UsageError(`--chunks must be whole, bytes or a seed, not ${JSON.stringify(value)}`)
}

/** Fields of a handshake over HTTP/1.1, whose values belong to the case. `Host` may be another one. */
const handshakeFields = /^(upgrade|connection|sec-websocket-(key|version))$/i

function parseHeader(line: string): readonly [string, string] {
  const [, name, value] = /^([!#$%&'*+\-.^_`|~\w]+):[ \t]*([\t -~\u0080-\u00ff]*)$/.exec(line) ?? []
  if (name !== undefined && value !== undefined) {
    if (handshakeFields.test(name)) throw new UsageError(`--header ${name}: the cases send this field themselves`)
    return [name, value.replace(/[\t ]+$/, '')]
  }
  // The value may be secret, and so may a line without a name.
  const [, given] = /^([^\s:]+):/.exec(line) ?? []
  if (given === undefined) throw new UsageError("--header must be 'Name: value'")
  const isName = /^[!#$%&'*+\-.^_`|~\w]+$/.test(given)
  throw new UsageError(
    isName
      ? `--header ${given}: the value has an invalid character`
      : `--header must be 'Name: value', and ${JSON.stringify(given)} is not a name`,
  )
}
