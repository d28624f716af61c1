/** The guide for users of `ws` names every option, member and event of the installed version: they are read from its source. */

import { expect, test } from 'vitest'
import { read } from './snippets.ts'

const source = (file: string): string => read(`node_modules/ws/lib/${file}.js`)
const guide = read('docs/from-ws.md')

/** The code in the first column of each table, by the heading above the table: `port`, `host`. */
const named = new Map<string, string>()
let heading = ''
for (const line of guide.replace(/^```.*?^```$/gms, '').split('\n')) {
  heading = /^#+ (.*)/.exec(line)?.[1] ?? heading
  const [, cell] = /^\| (.*?) \|/.exec(line) ?? []
  if (cell !== undefined) named.set(heading, `${named.get(heading) ?? ''}\n${cell}`)
}

/** Whether a table names this: as `name`, `name(data)` or as part of longer code. */
function isNamed(under: string, name: string): boolean {
  return new RegExp(`\`[^\`]*\\b${name}\\b[^\`]*\``).test(named.get(under) ?? '')
}

const unnamed = (names: Iterable<string>, ...under: string[]): string[] =>
  [...new Set(names)].filter((name) => !under.some((title) => isNamed(title, name)))

const all = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, name = '']) => name)

/** The keys of an object literal that begins with `start` and ends with the first of its spread options. */
function keysOf(text: string, start: string): string[] {
  const from = text.indexOf(start)
  const literal = text.slice(from + start.length, text.indexOf('...options', from))
  return all(literal, /^\s+([A-Za-z]\w*)(?=[:,])/gm)
}

const server = source('websocket-server')
const client = source('websocket')
const serverOptions = [...keysOf(server, 'options = {\n'), ...all(server, /@param .*\[options\.(\w+)/g)]
const clientOptions = [...keysOf(client, 'const opts = {\n'), ...all(client, /@param .*\[options\.(\w+)/g)]
/** Options of `send`, in the table of a socket. */
const sendOptions = ['binary', 'compress', 'fin', 'mask']

test('finds the options of ws', () => {
  expect(new Set(serverOptions)).toContain('WebSocket')
  expect(new Set(serverOptions).size).toBeGreaterThan(18)
  expect(new Set(clientOptions)).toContain('followRedirects')
  expect(new Set(clientOptions).size).toBeGreaterThan(15)
})

test('names each option of a server', () => {
  expect(unnamed(serverOptions, 'Options of WebSocketServer')).toEqual([])
})

test('names each option of a client', () => {
  const options = clientOptions.filter((name) => !sendOptions.includes(name))
  expect(unnamed(options, 'Options of WebSocketServer', 'Options of the client')).toEqual([])
  for (const shared of options.filter(
    (name) => serverOptions.includes(name) && !isNamed('Options of the client', name),
  ))
    expect(guide.split('## Options of the client')[1]?.split('\n## ')[0]).toContain(`\`${shared}\``)
  expect(unnamed(sendOptions, 'Members of a socket')).toEqual([])
})

test('names each option of permessage-deflate', () => {
  const options = all(source('permessage-deflate'), /@param .*\[options\.(\w+)/g)
  expect(options.length).toBeGreaterThan(9)
  expect(unnamed(options, 'Options of perMessageDeflate')).toEqual([])
})

/** Methods and accessors of a class, without those that are private. */
function membersOf(text: string): string[] {
  const found = text.matchAll(/((?: +\*.*\n)*) +\*\/\n(?: +\/\*.*\n)? {2}(?:get |set )?(\w+)(?:\(|;)/g)
  return [...found]
    .filter(([, comment = '', name = '']) => !comment.includes('@private') && name !== 'constructor')
    .map(([, , name = '']) => name)
}

test.each([
  ['a server', 'Members of the server', server, ['address', 'handleUpgrade']],
  ['a socket', 'Members of a socket', client, ['bufferedAmount', 'terminate', 'isPaused']],
])('names each member and event of %s', (_, title, text, some) => {
  const members = membersOf(text).filter((name) => name !== 'emitClose')
  expect(members).toEqual(expect.arrayContaining(some))
  const events = all(text, /\bemit(?:\.bind\(\w+, |\(\s*)'([\w-]+)'/g)
  expect(events.length).toBeGreaterThan(3)
  expect(unnamed([...members, ...events], title)).toEqual([])
})

test('names each export', () => {
  const exported = all(read('node_modules/ws/wrapper.mjs').split('export {')[1] ?? '', /^ {2}(\w+)/gm)
  expect(exported).toContain('Receiver')
  for (const name of exported) expect(guide, name).toMatch(new RegExp(`\\b${name}\\b`))
})

test('names the version', () => {
  const { version } = JSON.parse(read('node_modules/ws/package.json')) as { version: string }
  expect(guide).toContain(`\`ws\` ${version.split('.')[0]}`)
})
