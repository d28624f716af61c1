/** A client that echoes each message, over HTTP/1.1 (RFC 6455 §4.1) and HTTP/2 (RFC 8441). It offers the subprotocol `chat`. */

import { createHash, randomBytes } from 'node:crypto'
import type { DuplexLike } from '../../../src/driver/shapes.ts'
import type { Http2Response } from '../../../src/testing/case-options.ts'
import { memoryPair } from '../../../src/testing/memory-pair.ts'
import { Connection } from './connection.ts'
import type { Agreement } from './deflate.ts'
import { readExtensions, takeAnswer } from './extensions.ts'
import type { Faults } from './faults.ts'
import { type Field, foldByUnicode, type Head, headSize, listOf, readHead, valuesOf } from './head.ts'

const MAX_HEAD = 65_536
const OFFER = 'permessage-deflate; client_max_window_bits'
const DEMANDS = 'permessage-deflate; server_max_window_bits=10; client_max_window_bits=10'

/** The agreement in the answer. */
interface Opened {
  readonly agreement: Agreement | undefined
}

/** Opens over one connection. */
export function connect(end: DuplexLike, faults: Faults): void {
  const key = drawKey(faults)
  let held = Buffer.alloc(0)
  let connection: Connection | undefined
  let failed = false
  let interims = 0
  const maxInterims = faults.has('interim-refused') ? 0 : faults.has('one-interim-only') ? 1 : 1000
  /** The last head, or `undefined` if it is not complete. */
  const takeHead = (): Head | 'bad' | undefined => {
    const text = held.toString('latin1')
    if (!'HTTP/'.startsWith(text.slice(0, 5)) && !isAnyStartTaken(faults)) return 'bad'
    const size = headSize(text)
    if ((size < 0 ? held.length : size) > MAX_HEAD && !faults.has('head-without-limit')) return 'bad'
    if (size < 0) return faults.has('head-in-one-chunk') ? 'bad' : undefined
    const head = readHead(text.slice(0, size), faults, !faults.has('folds-refused')) ?? 'bad'
    held = held.subarray(size)
    return head !== 'bad' && isInterim(head.line) && interims++ < maxInterims ? takeHead() : head
  }
  const open = (): void => {
    const head = takeHead()
    if (head === undefined) return
    const opened = head === 'bad' ? undefined : judge(head, key, faults)
    failed = opened === undefined
    if (opened !== undefined) {
      connection = new Connection(end, 'client', faults, opened.agreement)
      if (!faults.has('bytes-after-head-lost')) connection.push(held)
    } else if (!faults.has('refusal-kept-open')) end.destroy()
  }
  end.allowHalfOpen = true
  end.on('error', () => {})
  end.on('end', () => {
    if (connection !== undefined) connection.ended()
    else if (!faults.has('end-in-head-ignored')) end.end()
  })
  end.on('data', (chunk: Uint8Array) => {
    if (connection !== undefined) connection.push(chunk)
    else if (!failed) {
      held = Buffer.concat([held, chunk])
      open()
    }
  })
  end.write(Buffer.from(requestHead(key, faults), 'latin1'))
  if (faults.has('sends-before-answer')) end.write(Buffer.from([0x89, 0x80, 0, 0, 0, 0]))
}

function isAnyStartTaken(faults: Faults): boolean {
  return faults.has('start-of-answer-unchecked') || faults.has('answer-unchecked')
}

function isInterim(line: string): boolean {
  return /^HTTP\/1\.[0-9] 1(?!01)[0-9]{2}(?: |$)/.test(line)
}

function drawKey(faults: Faults): string {
  if (faults.has('key-constant')) return 'dGhlIHNhbXBsZSBub25jZQ=='
  if (faults.has('key-of-zeros')) return 'AAAAAAAAAAAAAAAAAAAAAA=='
  if (faults.has('key-with-loose-tail')) return `${randomBytes(15).toString('base64')}AB==`
  if (faults.has('key-of-15-bytes')) return randomBytes(15).toString('base64')
  if (faults.has('key-in-hexadecimal')) return randomBytes(16).toString('hex')
  if (faults.has('key-unpadded')) return randomBytes(16).toString('base64').slice(0, 22)
  return randomBytes(16).toString('base64')
}

function requestHead(key: string, faults: Faults): string {
  const method = faults.has('method-post') ? 'POST' : 'GET'
  const target = faults.has('target-without-slash') ? 'chat' : faults.has('fragment-sent') ? '/#top' : '/'
  const lines = [`${method} ${target} HTTP/${faults.has('request-http-1.0') ? '1.0' : '1.1'}`]
  const fields: readonly (readonly [field: string, sent: boolean])[] = [
    ['Host: localhost', !faults.has('host-unsent')],
    ['Host: localhost', faults.has('host-sent-twice')],
    [`Upgrade: ${wantedProtocols(faults)}`, !faults.has('upgrade-unsent')],
    [`Connection: ${faults.has('connection-keep-alive') ? 'keep-alive' : 'Upgrade'}`, !faults.has('connection-unsent')],
    [`Sec-WebSocket-Key: ${key}`, !faults.has('key-unsent')],
    [`Sec-WebSocket-Key: ${key}`, faults.has('key-sent-twice')],
    [`Sec-WebSocket-Version: ${faults.has('version-8-sent') ? 8 : 13}`, !faults.has('version-unsent')],
    ['Sec-WebSocket-Version: 8', faults.has('two-versions-sent')],
    [`Sec-WebSocket-Protocol: ${offeredProtocols(faults)}`, true],
    [`Sec-WebSocket-Accept: ${acceptOf(key)}`, faults.has('accept-sent')],
    ['Content-Length: 5', faults.has('body-announced')],
    ['Transfer-Encoding: chunked', faults.has('transfer-encoding-sent')],
    ['Origin: localhost', faults.has('origin-without-scheme')],
    [`Sec-WebSocket-Extensions: ${offeredExtensions(faults)}`, true],
  ]
  for (const [field, sent] of fields) if (sent) lines.push(field)
  return `${lines.join(faults.has('line-ends-of-lf') ? '\n' : '\r\n')}\r\n\r\n`
}

function wantedProtocols(faults: Faults): string {
  if (faults.has('upgrade-misspelled')) return 'web-socket'
  return faults.has('two-protocols-sent') ? 'websocket, h2c' : 'websocket'
}

function offeredExtensions(faults: Faults): string {
  if (faults.has('malformed-offer')) return `${OFFER};`
  if (faults.has('demands-unchecked')) return DEMANDS
  return faults.has('client-window-not-offered-taken') ? 'permessage-deflate' : OFFER
}

function offeredProtocols(faults: Faults): string {
  if (faults.has('empty-subprotocol-sent')) return ''
  if (faults.has('subprotocol-with-space')) return 'my chat'
  return faults.has('subprotocol-sent-twice') ? 'chat, chat' : 'chat'
}

function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
}

/** Returns `undefined` if the answer does not open the WebSocket. */
function judge({ line, fields }: Head, key: string, faults: Faults): Opened | undefined {
  if (faults.has('answer-unchecked')) return judgeAnswers(fields, faults)
  if (!isSwitching(line, faults)) return undefined
  if (!hasToken(fields, 'upgrade', 'websocket', faults)) return undefined
  if (!hasToken(fields, 'connection', 'upgrade', faults)) return undefined
  if (!areAccepts(valuesOf(fields, 'sec-websocket-accept'), acceptOf(key), faults)) return undefined
  return judgeAnswers(fields, faults)
}

/** The checks that HTTP/2 shares. */
function judgeAnswers(fields: readonly Field[], faults: Faults): Opened | undefined {
  const protocols = valuesOf(fields, 'sec-websocket-protocol')
  if (!areProtocols(protocols, faults)) return undefined
  const extensions = readExtensions(fields, faults)
  if (extensions === undefined) return faults.has('malformed-answer-ignored') ? { agreement: undefined } : undefined
  return takeAnswer(extensions, faults)
}

function isSwitching(line: string, faults: Faults): boolean {
  if (faults.has('status-unchecked')) return true
  if (faults.has('status-as-class') && /^HTTP\/1\.[1-9] [12]/.test(line)) return true
  if (faults.has('status-200-taken') && line.startsWith('HTTP/1.1 200')) return true
  if (faults.has('status-within')) return line.includes('101')
  if (faults.has('status-line-version-unchecked')) return / 101(?: |$)/.test(line)
  if (faults.has('http-1.0-answer-taken') && line.startsWith('HTTP/1.0 101')) return true
  if (faults.has('status-phrase-wanted')) return line === 'HTTP/1.1 101 Switching Protocols'
  return /^HTTP\/1\.[1-9] 101(?: [\t\x20-\x7e\x80-\xff]*)?$/.test(line)
}

function hasToken(fields: readonly Field[], name: 'upgrade' | 'connection', wanted: string, faults: Faults): boolean {
  const value = valuesOf(fields, name).join(', ')
  if (faults.has(`${name}-unchecked`)) return true
  if (faults.has(`${name}-missing-taken`) && value === '') return true
  if (faults.has(`${name}-within`)) return value.toLowerCase().includes(wanted)
  if (name === 'connection' && faults.has('connection-exact')) return value.toLowerCase() === wanted
  if (faults.has(`${name}-case-sensitive`)) return value === (name === 'upgrade' ? wanted : 'Upgrade')
  if (name === 'upgrade' && faults.has('upgrade-folded-by-unicode')) return foldByUnicode(value) === wanted
  const tokens = listOf(fields, name).map((one) => one.toLowerCase())
  if (name === 'upgrade' && !faults.has('upgrade-of-two')) return tokens.length === 1 && tokens[0] === wanted
  return tokens.includes(wanted)
}

function areAccepts(accepts: readonly string[], expected: string, faults: Faults): boolean {
  const [accept] = accepts
  if (accept === undefined) return faults.has('accept-missing') || faults.has('accept-unchecked')
  if (faults.has('accept-unchecked')) return true
  if (faults.has('accept-last')) return accepts.at(-1) === expected
  if (accepts.length > 1 && !faults.has('accept-twice')) return false
  if (faults.has('accept-within')) return accept.includes(expected)
  if (faults.has('accept-begins')) return accept.startsWith(expected)
  if (faults.has('accept-decoded')) return Buffer.from(accept, 'base64').equals(Buffer.from(expected, 'base64'))
  return accept === expected
}

function areProtocols(protocols: readonly string[], faults: Faults): boolean {
  const [protocol] = protocols
  if (protocol === undefined) return !faults.has('subprotocol-wanted')
  if (faults.has('subprotocol-unchecked')) return true
  if (faults.has('subprotocol-refused')) return false
  if (faults.has('subprotocol-within')) return protocols.join(',').includes('chat')
  if (faults.has('subprotocol-in-any-case')) return protocol.toLowerCase() === 'chat'
  if (protocols.length > 1 && !faults.has('subprotocol-twice')) return false
  return protocol === 'chat'
}

/** The client's request over HTTP/2. */
export function http2Response(faults: Faults): Http2Response {
  return {
    carrier: 'http/2',
    fields: [
      [':method', faults.has('http2-get') ? 'GET' : 'CONNECT'],
      ...(faults.has('http2-without-protocol') ? [] : ([[':protocol', 'websocket']] as const)),
      [':scheme', faults.has('http2-scheme-ws') ? 'ws' : 'http'],
      [':authority', 'localhost'],
      [':path', '/'],
      ...(faults.has('http2-version-unsent') ? [] : ([['sec-websocket-version', '13']] as const)),
      ...(faults.has('http2-key-sent') ? ([['sec-websocket-key', drawKey(faults)]] as const) : []),
      ...(faults.has('http2-upgrade-sent') ? ([['upgrade', 'websocket']] as const) : []),
      ['sec-websocket-protocol', 'chat'],
      ['sec-websocket-extensions', OFFER],
    ],
    respond(fields) {
      const [client, server] = memoryPair()
      client.on('error', () => {})
      const [status = ''] = valuesOf(fields, ':status')
      const isOpened =
        faults.has('http2-status-unchecked') || (faults.has('http2-200-only') ? status === '200' : /^2/.test(status))
      const opened = isOpened ? judgeAnswers(fields, faults) : undefined
      if (opened === undefined) client.destroy()
      else {
        const connection = new Connection(client, 'client', faults, opened.agreement)
        client.on('data', (chunk: Uint8Array) => connection.push(chunk))
        client.on('end', () => connection.ended())
      }
      return server
    },
  }
}
