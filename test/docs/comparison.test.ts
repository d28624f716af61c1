/** Checks what the comparison's second table says about this package, and the versions of the peers that it names. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  acceptHandshake,
  Connection,
  encodeFrame,
  formatResponse,
  getHeader,
  offerHandshake,
  RequestHeadParser,
  ResponseHeadParser,
  verifyHandshake,
} from '../../src/index.ts'
import { root } from './snippets.ts'

const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const comparison = read('docs/comparison.md')

/** The column `here` of the row that begins with this text. */
function saidHere(row: string): string {
  const line = comparison.split('\n').find((text) => text.startsWith(`| ${row}`))
  return line?.split('|')[3]?.trim() ?? `no row ${row}`
}

const sound = ['Host: a', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13']
const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='

function answer(lines: readonly string[], requestLine = 'GET / HTTP/1.1', options = {}) {
  const parsed = new RequestHeadParser().push(Buffer.from(`${[requestLine, ...lines, key].join('\r\n')}\r\n\r\n`))
  if (parsed === undefined) throw new Error('the head is not whole')
  return acceptHandshake(parsed, options)
}
const replaced = (name: string, line: string): string[] => sound.map((field) => (field.startsWith(name) ? line : field))

test.each([
  ['`Upgrade: foo/2', answer(replaced('Upgrade', 'Upgrade: foo/2, websocket'))],
  ['`Sec-WebSocket-Version: 0xd', answer(replaced('Sec-', 'Sec-WebSocket-Version: 0xd'))],
  ['`GET / HTTP/1.0', answer(sound, 'GET / HTTP/1.0')],
  ['no `Host`', answer(sound.slice(1))],
  ['two `Sec-WebSocket-Key', answer([...sound, key])],
  ['a page of another origin', answer([...sound, 'Origin: https://elsewhere.example'])],
])('%s: the status', (row, { response }) => {
  expect(saidHere(row)).toBe(String(response.status))
})

test('version 14 is answered with the list', () => {
  const { response } = answer(replaced('Sec-', 'Sec-WebSocket-Version: 14'))
  expect(saidHere('`Sec-WebSocket-Version: 14')).toBe(
    `${response.status} \`${getHeader(response.headers, 'sec-websocket-version')}\``,
  )
})

test('an empty element is ignored', () => {
  const accepted = answer([...sound, 'Sec-WebSocket-Protocol: a,,b'])
  expect(accepted.ok && accepted.offeredSubprotocols.map((name) => `\`${name}\``).join(', ')).toBe(
    saidHere('`Sec-WebSocket-Protocol: a,,b'),
  )
})

test('Connection is a list', () => {
  const offer = offerHandshake('ws://a/')
  const accepted = acceptHandshake(offer.request)
  const headers = accepted.response.headers.map(([name, value]): [string, string] =>
    name === 'Connection' ? [name, 'keep-alive, Upgrade'] : [name, value],
  )
  const parsed = new ResponseHeadParser().push(formatResponse({ ...accepted.response, headers }))
  expect(parsed && verifyHandshake(parsed, offer).ok).toBe(true)
  expect(saidHere('101 with `Connection: keep-alive')).toBe('accepted')
})

/** The result of a server for a frame: the close code that it sent, or that it accepted the frame. */
function judged(frame: Parameters<typeof encodeFrame>[0]): string {
  const connection = new Connection({ role: 'server' })
  const events = connection.receive(encodeFrame({ ...frame, maskKey: 'random' }))
  const closed = events.find((event) => event.type === 'close')
  return closed?.type === 'close' && closed.error !== undefined ? String(closed.code) : 'accepted'
}

test.each([
  ['`82 7e 00 01 41`', judged({ opcode: 2, payload: 'A', lengthSize: 2 })],
  ['bad UTF-8 in the first', judged({ opcode: 1, fin: false, payload: Uint8Array.of(0x68, 0xc3, 0x28) })],
  ['a Close with 1012', judged({ opcode: 8, payload: Uint8Array.of(0x03, 0xf4) })],
  ['a Close with 1014', judged({ opcode: 8, payload: Uint8Array.of(0x03, 0xf6) })],
])('%s: the close code', (row, found) => {
  expect(saidHere(row)).toBe(found)
})

test('names the versions used by the tests', () => {
  const { devDependencies } = JSON.parse(read('package.json'))
  expect(comparison).toContain(`\`ws\` ${devDependencies.ws},`)
  expect(comparison).toContain(`\`websocket-driver\` ${devDependencies['websocket-driver']},`)
  expect(comparison).toContain(`undici ${devDependencies.undici} (`)
})
