/** A server that echoes each message, over HTTP/1.1 (RFC 6455 §4.2) and HTTP/2 (RFC 8441). Its subprotocol is `chat`. */

import { createHash } from 'node:crypto'
import { isIPv6 } from 'node:net'
import type { DuplexLike } from '../../../src/driver/shapes.ts'
import type { Fields, Http2Request } from '../../../src/testing/case-options.ts'
import { memoryPair } from '../../../src/testing/memory-pair.ts'
import { Connection } from './connection.ts'
import { type Answer, answerOffers, readExtensions } from './extensions.ts'
import type { Faults } from './faults.ts'
import { type Field, foldByUnicode, type Head, headSize, listOf, readHead, token, valuesOf } from './head.ts'

const MAX_HEAD = 65_536

/** A refusal, with further fields. */
interface Refusal {
  readonly status: number
  readonly fields?: readonly string[]
}

interface Accepted {
  /** Of the request. */
  readonly request: readonly Field[]
  readonly protocol: string | undefined
  readonly extensions: Answer | undefined
}

/** Serves one connection. */
export function serve(end: DuplexLike, faults: Faults): void {
  let held = Buffer.alloc(0)
  let connection: Connection | undefined
  let refused = false
  const open = (): void => {
    const taken = takeHead(held, faults)
    if (taken === undefined) return
    const { head, rest } = taken
    const answer = 'status' in head ? head : judge(head, faults)
    refused = 'status' in answer
    if ('status' in answer) refuse(end, answer, faults)
    else {
      end.write(Buffer.from(switching(answer, faults), 'latin1'))
      if (faults.has('text-at-once-unasked')) end.write(Buffer.from([0x81, 2, 0x68, 0x69]))
      connection = new Connection(end, 'server', faults, answer.extensions?.agreement)
      if (!faults.has('bytes-after-head-lost')) connection.push(rest)
    }
  }
  end.allowHalfOpen = true
  end.on('error', () => {})
  end.on('end', () => {
    if (connection !== undefined) connection.ended()
    else if (!faults.has(refused ? 'bad-head-ignored' : 'end-in-head-ignored')) end.end()
  })
  end.on('data', (chunk: Uint8Array) => {
    if (connection !== undefined) connection.push(chunk)
    else if (!refused) {
      held = Buffer.concat([held, chunk])
      open()
    }
  })
}

/** Returns the head at the start of the bytes and the rest, or `undefined` if it is not complete. */
function takeHead(held: Buffer, faults: Faults): { readonly head: Head | Refusal; readonly rest: Buffer } | undefined {
  const text = held.toString('latin1')
  // An empty line before a request does not end the head (RFC 9112 §2.2).
  const begin = faults.has('empty-line-before-refused') ? 0 : (/^(?:\r\n)*/.exec(text) as RegExpExecArray)[0].length
  const size = headSize(text.slice(begin))
  if ((size < 0 ? held.length : size) > MAX_HEAD && !faults.has('head-without-limit'))
    return { head: { status: 431 }, rest: held }
  if (size < 0) return faults.has('head-in-one-chunk') ? { head: { status: 400 }, rest: held } : undefined
  const head = readHead(text.slice(begin, begin + size), faults, false) ?? { status: 400 }
  return { head, rest: held.subarray(begin + size) }
}

function judge({ line, fields }: Head, faults: Faults): Accepted | Refusal {
  const [, method = '', target = '', major = '', minor = ''] =
    new RegExp(`^(${token}) ([^ ]+) HTTP/([0-9])\\.([0-9])$`).exec(line) ?? []
  if (method === '' && !faults.has('start-line-unchecked')) return { status: 400 }
  const version = `${major}.${minor}`
  if (major !== '1' && !faults.has('start-line-unchecked') && !faults.has('http-version-unchecked'))
    return { status: 505 }
  if (version === '1.0' && !faults.has('http-1.0-upgraded')) return { status: 426 }
  if (version === '1.2' && faults.has('http-1.1-only')) return { status: 505 }
  if (!isTarget(target, faults) && !faults.has('start-line-unchecked')) return { status: 400 }
  if (!areHosts(valuesOf(fields, 'host'), faults)) return { status: 400 }
  if (method !== 'GET' && !isOtherMethodTaken(method, faults)) return { status: 405, fields: ['Allow: GET'] }
  if (faults.has('length-0-refused') && valuesOf(fields, 'content-length').length > 0) return { status: 400 }
  if (hasBody(fields) && !faults.has('body-as-frames')) return { status: 400 }
  return judgeFields(fields, faults)
}

function isOtherMethodTaken(method: string, faults: Faults): boolean {
  if (faults.has('method-unchecked') || faults.has('start-line-unchecked')) return true
  return faults.has('method-in-any-case') && method.toUpperCase() === 'GET'
}

function isTarget(target: string, faults: Faults): boolean {
  if (faults.has('target-unchecked')) return true
  if (/^[a-z]+:/.test(target) && faults.has('absolute-form-refused')) return false
  return /^(?:(?:http|ws)s?:\/\/[^/?#]+)?\/[\x21\x22\x24-\x7e]*$/.test(target)
}

function areHosts(hosts: readonly string[], faults: Faults): boolean {
  const [host] = hosts
  if (host === undefined) return faults.has('host-missing')
  if (hosts.length > 1 && !faults.has('host-twice')) return false
  if (faults.has('host-unchecked')) return true
  const [, bracketed] = /^\[([^\]]*)\](?::[0-9]*)?$/.exec(host) ?? []
  if (bracketed !== undefined) return isIPv6(bracketed) || /^v[0-9a-f]+\.[\w.~!$&'()*+,;=:-]+$/i.test(bracketed)
  return /^(?:[\w.~!$&'()*+;=-]|%[0-9a-f]{2})*(?::[0-9]*)?$/i.test(host)
}

function hasBody(fields: readonly Field[]): boolean {
  const lengths = valuesOf(fields, 'content-length')
  return valuesOf(fields, 'transfer-encoding').length > 0 || lengths.some((length) => length !== '0')
}

function judgeFields(fields: readonly Field[], faults: Faults): Accepted | Refusal {
  if (faults.has('fields-unchecked')) return judgeOffers(fields, faults)
  if (!hasToken(fields, 'upgrade', 'websocket', faults)) return { status: 426, fields: ['Upgrade: websocket'] }
  if (!hasToken(fields, 'connection', 'upgrade', faults)) return { status: 400 }
  if (!areVersions(valuesOf(fields, 'sec-websocket-version'), faults)) return versionRefusal(faults)
  if (!areKeys(valuesOf(fields, 'sec-websocket-key'), faults))
    return { status: faults.has('key-fault-500') ? 500 : 400 }
  return judgeOffers(fields, faults)
}

/** The checks that HTTP/2 shares. */
function judgeOffers(fields: readonly Field[], faults: Faults): Accepted | Refusal {
  const protocol = chooseProtocol(fields, faults)
  const extensions = readExtensions(fields, faults)
  if (protocol === false || extensions === undefined) return { status: 400 }
  if (faults.has('extension-unknown-refused') && extensions.some(({ name }) => name !== 'permessage-deflate'))
    return { status: 400 }
  if (faults.has('extension-by-object') && extensions.some(({ name }) => name in {})) return { status: 500 }
  return { request: fields, protocol, extensions: answerOffers(extensions, faults) }
}

function hasToken(fields: readonly Field[], name: 'upgrade' | 'connection', wanted: string, faults: Faults): boolean {
  const value = valuesOf(fields, name).join(', ')
  if (faults.has(`${name}-unchecked`)) return true
  if (faults.has(`${name}-missing-taken`) && value === '') return true
  if (faults.has(`${name}-within`)) return value.toLowerCase().includes(wanted)
  if (faults.has(`${name}-exact`)) return value.toLowerCase() === wanted
  if (faults.has(`${name}-first-line`) && valuesOf(fields, name)[0]?.toLowerCase() !== wanted) return false
  if (name === 'upgrade' && faults.has('upgrade-folded-by-unicode')) return foldByUnicode(value) === wanted
  const tokens = listOf(fields, name)
  if (faults.has(`${name}-case-sensitive`))
    return tokens.some((one) => one === (name === 'upgrade' ? wanted : 'Upgrade'))
  return tokens.some((one) => one.toLowerCase() === wanted)
}

function areVersions(versions: readonly string[], faults: Faults): boolean {
  const [version] = versions
  if (version === undefined) return faults.has('version-missing')
  if (faults.has('version-last')) return versions.at(-1) === '13'
  if (versions.length > 1 && !faults.has('version-twice')) return false
  if (faults.has('version-unchecked')) return true
  if (faults.has('version-as-number')) return Number(version) === 13
  if (faults.has('version-parsed')) return Number.parseInt(version, 10) === 13
  if (faults.has('version-at-least-13')) return Number(version) >= 13
  if (faults.has('version-of-8-bits')) return (Number(version) & 255) === 13
  return version === '13'
}

function versionRefusal(faults: Faults): Refusal {
  if (faults.has('version-refused-without-list')) return { status: 400 }
  if (faults.has('version-refused-426-without-upgrade')) return { status: 426, fields: ['Sec-WebSocket-Version: 13'] }
  return { status: 426, fields: ['Sec-WebSocket-Version: 13', 'Upgrade: websocket'] }
}

function areKeys(keys: readonly string[], faults: Faults): boolean {
  const [key] = keys
  if (key === undefined) return faults.has('key-missing')
  if (keys.length > 1 && !faults.has('key-twice')) return false
  if (faults.has('key-unchecked')) return true
  if (faults.has('key-well-known-refused') && (key === 'dGhlIHNhbXBsZSBub25jZQ==' || /^A+==$/.test(key))) return false
  if (faults.has('key-of-any-length'))
    return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(key)
  if (faults.has('key-length-only')) return Buffer.from(key, 'base64').length === 16
  if (faults.has('key-letters-only')) return /^[A-Za-z0-9]{22}==$/.test(key)
  return /^[A-Za-z0-9+/]{21}[AQgw]==$/.test(key)
}

/** Returns `false` if the offer breaks the grammar. */
function chooseProtocol(fields: readonly Field[], faults: Faults): string | undefined | false {
  const values = valuesOf(fields, 'sec-websocket-protocol')
  if (faults.has('subprotocol-unasked')) return 'chat'
  if (values.length === 0) return undefined
  if (faults.has('subprotocol-echoed')) return values.join(', ')
  const offers = listOf(fields, 'sec-websocket-protocol')
  if (faults.has('subprotocol-first-chosen')) return offers[0]
  if (!areProtocols(offers) && !faults.has('subprotocols-unchecked')) return false
  if (faults.has('subprotocol-own-chosen')) return 'chat'
  if (faults.has('subprotocol-first-line') && !values[0]?.includes('chat')) return undefined
  if (faults.has('subprotocol-by-object') && offers.some((offer) => offer in {})) return String(Object)
  if (!offers.includes('chat')) return faults.has('subprotocol-unknown-refused') ? false : undefined
  if (faults.has('subprotocol-unanswered')) return undefined
  return faults.has('subprotocol-in-capitals') ? 'CHAT' : 'chat'
}

function areProtocols(offers: readonly string[]): boolean {
  if (offers.length === 0 || new Set(offers).size < offers.length) return false
  return offers.every((offer) => new RegExp(`^${token}$`).test(offer))
}

/** Returns the head of the response that opens the WebSocket. */
function switching({ request: fields, protocol, extensions }: Accepted, faults: Faults): string {
  const key = valuesOf(fields, 'sec-websocket-key')[0] ?? ''
  const upgrade = valuesOf(fields, 'upgrade')
  const lines = [
    faults.has('status-200')
      ? 'HTTP/1.1 200 OK'
      : faults.has('answers-http-1.0')
        ? 'HTTP/1.0 101 OK'
        : 'HTTP/1.1 101 OK',
  ]
  if (!faults.has('upgrade-unanswered'))
    lines.push(`Upgrade: ${faults.has('upgrade-echoed') ? upgrade[0] : 'websocket'}`)
  if (faults.has('line-end-in-upgrade')) lines.push('')
  if (!faults.has('connection-unanswered'))
    lines.push(`Connection: ${faults.has('connection-echoed') ? valuesOf(fields, 'connection')[0] : 'Upgrade'}`)
  if (!faults.has('accept-unanswered')) lines.push(`Sec-WebSocket-Accept: ${acceptOf(key, faults)}`)
  if (protocol !== undefined) lines.push(`Sec-WebSocket-Protocol: ${protocol}`)
  if (faults.has('fields-of-request-echoed')) lines.push(...fields.map(([name, value]) => `${name}: ${value}`))
  if (extensions !== undefined) lines.push(`Sec-WebSocket-Extensions: ${extensions.field}`)
  if (faults.has('content-length-in-101')) lines.push('Content-Length: 0')
  if (faults.has('transfer-encoding-in-101')) lines.push('Transfer-Encoding: chunked')
  if (faults.has('line-ends-of-lf')) return `${lines.join('\n')}\n\n`
  if (faults.has('space-before-colon-sent')) return `${lines.join('\r\n').replaceAll(': ', ' : ')}\r\n\r\n`
  return `${lines.join('\r\n')}\r\n\r\n`
}

function acceptOf(key: string, faults: Faults): string {
  const guid = faults.has('accept-of-other-guid')
    ? '258EAFA5-E914-47DA-95CA-5AB5DC11B65B'
    : '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
  const from = faults.has('accept-of-decoded-key') ? Buffer.from(key, 'base64') : Buffer.from(key, 'latin1')
  const hash = createHash('sha1').update(from).update(guid)
  if (faults.has('accept-in-hexadecimal')) return hash.digest('hex')
  if (faults.has('accept-unpadded')) return hash.digest('base64').replace('=', '')
  if (faults.has('accept-of-url-alphabet')) return `${hash.digest('base64url')}=`
  return hash.digest('base64')
}

function refuse(end: DuplexLike, { status, fields = [] }: Refusal, faults: Faults): void {
  const lines = [`HTTP/1.1 ${status} No`, 'Connection: close', 'Content-Length: 0', ...fields]
  if (status === 400 && faults.has('bad-head-ignored')) return
  if (!faults.has('refused-without-response')) end.write(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'))
  end.end()
}

/** The suite's end of a connection to the server over HTTP/2. */
export function http2Request(faults: Faults): Http2Request {
  return {
    carrier: 'http/2',
    async request(fields) {
      const [client, server] = memoryPair()
      return { fields: answerHttp2(fields, server, faults), stream: client }
    },
  }
}

function answerHttp2(fields: Fields, end: DuplexLike, faults: Faults): Fields {
  const answer = judgeHttp2(fields, faults)
  end.on('error', () => {})
  if ('status' in answer) {
    end.on('data', () => {})
    end.end()
    const more = (answer.fields ?? []).map((field) => field.split(': ') as [string, string])
    return [[':status', String(answer.status)], ...more.map(([name, value]) => [name.toLowerCase(), value] as const)]
  }
  const connection = new Connection(end, 'server', faults, answer.extensions?.agreement)
  end.on('data', (chunk: Uint8Array) => connection.push(chunk))
  end.on('end', () => connection.ended())
  const response: [string, string][] = [[':status', faults.has('http2-status-101') ? '101' : '200']]
  if (faults.has('http2-accept')) response.push(['sec-websocket-accept', acceptOf('', faults)])
  if (answer.protocol !== undefined) response.push(['sec-websocket-protocol', answer.protocol])
  if (answer.extensions !== undefined) response.push(['sec-websocket-extensions', answer.extensions.field])
  return response
}

function judgeHttp2(fields: Fields, faults: Faults): Accepted | Refusal {
  const [protocol] = valuesOf(fields, ':protocol')
  if (protocol !== 'websocket' && !faults.has('http2-protocol-unchecked')) return { status: 501 }
  if (faults.has('http2-key-wanted') && valuesOf(fields, 'sec-websocket-key').length === 0) return { status: 400 }
  if (!areVersions(valuesOf(fields, 'sec-websocket-version'), faults))
    return { status: 400, fields: ['Sec-WebSocket-Version: 13'] }
  return judgeOffers(fields, faults)
}
