/**
 * Heads of requests and responses, made from valid ones by a few edits, and every form in which a program may pass them. Defines
 * what is common and what is rare; checks nothing.
 *
 * @module
 */

import fc from 'fast-check'
import type { HeaderRecord, HeaderSource } from '../../src/http/headers.ts'
import type { FieldSectionLike } from '../../src/http/http2-fields.ts'
import type { HttpVersion, RequestLike, RequestSource } from '../../src/http/request.ts'
import type { ResponseSource } from '../../src/http/response.ts'

type Field = readonly [name: string, value: string]

/** A head as data: the three parts of its start line, and its fields. */
export interface Head {
  readonly start: readonly [string, string, string]
  readonly fields: readonly Field[]
  /** Pseudo-headers instead of a start line, for HTTP/2 and HTTP/3. */
  readonly pseudo: readonly Field[]
}

export const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

/** fast-check shrinks to the first one. */
const constants = <const Value>(...values: readonly Value[]): fc.Arbitrary<Value> => fc.constantFrom(...values)

const digits = '0123456789'
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const tchars = `!#$%&'*+-.^_\`|~${digits}${letters}`
const token: fc.Arbitrary<string> = fc.string({
  unit: fc.constantFrom(...tchars),
  minLength: 1,
  maxLength: 8,
})
const visible = fc.string({ unit: fc.constantFrom(...`${tchars}"(),/:;<=>?@[\\]{}`), maxLength: 12 })
/** Every code unit of Latin-1. */
const latin1 = fc.string({ unit: fc.nat(255).map((unit) => String.fromCharCode(unit)), maxLength: 12 })
const size = constants(0, 1, 10, 1000, 20_000, 70_000)
const huge = fc
  .tuple(constants('a', ' ', ',', 'é', '"', '/', 'a,', '; '), size)
  .map(([text, times]) => text.repeat(times / text.length))

const ip6 = fc
  .array(constants('0', '1', 'ffff', 'a.example', '', '127.0.0.1', '12345', 'G', '%25eth0'), { maxLength: 9 })
  .map((parts) => `[${parts.join(':')}]`)
const host: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: constants('a.example', 'a.example:80', 'A.Example:8080', 'localhost', '127.0.0.1:1') },
  {
    weight: 4,
    arbitrary: constants(
      '[::1]',
      '[::1]:443',
      '[2001:db8::1]:80',
      '[::ffff:1.2.3.4]',
      '[v1.a]',
      '[v1f.x:y]:80',
      '[::::::]',
      '[.]',
      '[1]',
      '[cafe.de]',
      '[::1',
      '[]',
      'a.example:99999',
      'a.example:0',
      'a.example:',
      ':80',
      '',
      'a,b',
      'a.example, a.example',
      'user:secret@a.example',
      'a_b.example',
      '%61.example',
      '%',
      '%zz',
      'b\xfccher.example',
      'xn--bcher-kva.example',
      '999.1.1.1',
      '0x7f.1',
      '1.2.3.4.5',
      'a..b',
      '.',
      'a.example.',
      'a/b',
      'a?b',
      'a#b',
      '__proto__',
    ),
  },
  { weight: 1, arbitrary: ip6 },
  { weight: 1, arbitrary: fc.tuple(visible, fc.nat(70_000)).map(([name, port]) => `${name}:${port}`) },
)

const target: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: constants('/', '/chat', '/chat?token=x&y=%20') },
  {
    weight: 4,
    arbitrary: constants(
      'http://a.example/',
      'http://a.example/x?y=z',
      'HTTP://A.Example:80',
      'https://a.example?x',
      'ws://a.example/x',
      'wss://[::1]:8080/x',
      'http://user:secret@a.example/',
      'http:///x',
      'http://',
      'http:/x',
      'ftp://a.example/x',
      'javascript:alert(1)',
      'a.example:443',
      '[::1]:443',
      '[cafe.de]:443',
      'a.example:0',
      ':443',
      'a.example',
      '*',
      '',
      '?x',
      '#x',
      '/a#b',
      '//evil.example/x',
      '///',
      '/\\evil.example',
      '/../../x',
      '/%2e%2e/',
      '/%',
      '/%zz',
      '/caf\xe9',
      '/caf\xc3\xa9?\xff',
      '/\u0085',
      '/"<>`{}|^',
      '/?a?b?#',
      '/:::',
      '/http://b.example/',
    ),
  },
  { weight: 2, arbitrary: visible.map((text) => `/${text}`) },
  { weight: 1, arbitrary: fc.tuple(host, visible).map(([name, path]) => `http://${name}/${path}`) },
  { weight: 1, arbitrary: host },
  { weight: 1, arbitrary: visible },
  { weight: 1, arbitrary: latin1 },
)

const method = fc.oneof(
  { weight: 8, arbitrary: constants('GET') },
  { weight: 3, arbitrary: constants('CONNECT', 'POST', 'HEAD', 'OPTIONS', 'get', 'PRI', '__proto__') },
  { weight: 1, arbitrary: token },
)
const versions: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: constants('HTTP/1.1') },
  {
    weight: 2,
    arbitrary: constants('HTTP/1.0', 'HTTP/1.2', 'HTTP/2.0', 'HTTP/0.9', 'http/1.1', 'HTTP/1.10', 'HTTP/', 'ICY', ''),
  },
)

const param = fc.oneof(
  {
    weight: 4,
    arbitrary: constants('client_max_window_bits', 'server_no_context_takeover', 'client_no_context_takeover'),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        constants('server_max_window_bits', 'client_max_window_bits'),
        constants('15', '8', '9', '7', '16', '010', '"10"', ''),
      )
      .map(([name, bits]) => `${name}=${bits}`),
  },
  {
    weight: 1,
    arbitrary: constants('x', 'x=1', 'x="1"', 'x="a\\"b"', 'x="', 'x = 1', '=', '', '__proto__=1', 'x=\xe9'),
  },
  { weight: 1, arbitrary: fc.tuple(token, token).map(([name, value]) => `${name}=${value}`) },
)
const extensions: fc.Arbitrary<string> = fc.oneof(
  { weight: 2, arbitrary: constants('permessage-deflate; client_max_window_bits', 'permessage-deflate') },
  {
    weight: 3,
    arbitrary: fc
      .array(
        fc
          .tuple(constants('permessage-deflate', 'x-upper', 'x', 'constructor', ''), fc.array(param, { maxLength: 4 }))
          .map((parts) => parts.flat().join('; ')),
        { maxLength: 4 },
      )
      .map((list) => list.join(', ')),
  },
  { weight: 1, arbitrary: visible },
)
const subprotocols: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 3,
    arbitrary: constants('chat', 'chat, superchat', 'superchat', 'access-token, eyJh.eyJz.c2ln', 'bearer.eyJh, chat'),
  },
  {
    weight: 1,
    arbitrary: constants('', ',', ', ,chat,', 'chat chat', 'chat, chat', '"chat"', 'toString', 'chat;x', '\xe9'),
  },
  { weight: 1, arbitrary: fc.array(token, { maxLength: 4 }).map((names) => names.join(',')) },
)
const upgrades = constants(
  'websocket',
  'WebSocket',
  'h2c',
  'h2c, websocket',
  'foo/2, websocket',
  'websocket/13',
  'websocket, a b',
  'websocket/',
  '/',
  '',
  ',',
  'websocket,,',
  'websocket, websocket',
  ','.repeat(101),
  ','.repeat(102),
)
const connections = constants(
  'Upgrade',
  'keep-alive, Upgrade',
  'upgrade',
  'close',
  'Upgrade, close',
  'Upgrade, ???',
  'Upgrade, a b',
  'upgrade, sec-websocket-key, origin',
  '',
  ',',
  ','.repeat(102),
)
const origins = fc.oneof(
  constants(
    'http://a.example',
    'https://a.example',
    'null',
    'http://a.example:80',
    'https://b.example',
    'http://[::1]',
    'chrome-extension://abcdef',
    'http://A.example',
    'http://a.example/',
    'http://user@a.example',
    'a.example',
    '',
    'http://',
    'http://caf\xe9.example',
    'http://a.example http://b.example',
  ),
  host.map((name) => `http://${name}`),
)
const basic = fc
  .oneof(
    constants('Aladdin:open sesame', ':', 'a:b:c', 'a', '', 'a:\x00', 'a\x7f:b', '\u00fc:\u20ac', '\ud83d\ude00:x'),
    fc.string({ unit: 'grapheme', maxLength: 8 }),
  )
  .map((text) => `Basic ${Buffer.from(text).toString('base64')}`)

/** Fields with values of their own kind: a name and its values. */
const known: Readonly<Record<string, fc.Arbitrary<string>>> = {
  Host: host,
  Upgrade: upgrades,
  Connection: connections,
  'Sec-WebSocket-Key': constants(
    KEY,
    'AQIDBAUGBwgJCgsMDQ4PEC==',
    'c2hvcnQ=',
    '',
    'dGhlIHNhbXBsZSBub25jZQ',
    KEY.replace('=', '!'),
  ),
  'Sec-WebSocket-Version': constants(
    '13',
    '8',
    '7',
    '0',
    '255',
    '256',
    '013',
    '0xd',
    '13, 8',
    '',
    '13.0',
    '99999999999999999999',
  ),
  'Sec-WebSocket-Protocol': subprotocols,
  'Sec-WebSocket-Extensions': extensions,
  'Sec-WebSocket-Accept': constants(ACCEPT, 'x', '', `${ACCEPT}, ${ACCEPT}`),
  Origin: origins,
  'Sec-WebSocket-Origin': origins,
  'Content-Length': constants('0', '5', '5, 5', '5, 6', '', '-1', '+5', '0x5', '1e3', '9007199254740993', '05', '5 5'),
  'Transfer-Encoding': constants(
    'chunked',
    'gzip, chunked',
    'chunked, chunked',
    'chunked, gzip',
    'identity',
    '',
    'xchunked',
    '"chunked"',
  ),
  Expect: constants('100-continue', '100-Continue', 'x', ''),
  Authorization: basic,
  'Proxy-Authorization': fc.oneof(basic, constants('Basic', 'Basic ', 'basic  Og==', 'Bearer x', 'Basic ====')),
  'WWW-Authenticate': constants(
    'Basic realm="x"',
    'Bearer',
    '',
    'Basic realm="\xe9"',
    'Digest a="b, c", Basic realm="x"',
  ),
  'Proxy-Authenticate': constants('Basic realm="x"', ''),
  Location: fc.oneof(
    constants(
      '/next',
      'next',
      'ws://a.example/x',
      'wss://b.example/x?y#z',
      'http://a.example/',
      'https://user:secret@a.example/',
      '//b.example/x',
      '/caf\xc3\xa9',
      '/caf\xe9',
      'wss://b\xc3\xbccher.example/',
      'ftp://a.example/',
      'ws:',
      'ws://',
      'http://[::1]:8080/',
      'http://[cafe.de]/',
      'http://a.example:99999/',
      '?x',
      '#x',
      '',
      'javascript:alert(1)',
      '\\\\b.example\\x',
      'http:/b.example',
      'wss://a:b:c@d/',
      'ws://a%00b/',
    ),
    target,
  ),
  'Retry-After': constants('120', 'Fri, 31 Dec 1999 23:59:59 GMT', '-1', '1e3', '', '99999999999999999999', '\xe9'),
  Cookie: constants('a=b', 'a=b; c=d', ''),
  'Set-Cookie': constants('a=b; Path=/', ''),
  Forwarded: constants('for="[::1]";proto=https'),
  Via: constants('1.1 proxy'),
  TE: constants('trailers', 'gzip', ''),
  'Keep-Alive': constants('timeout=5'),
  Trailer: constants('x'),
}
const value = fc.oneof(
  { weight: 2, arbitrary: visible },
  { weight: 2, arbitrary: latin1 },
  { weight: 1, arbitrary: huge },
)
const anyName = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...Object.keys(known)) },
  {
    weight: 1,
    arbitrary: constants(
      'X-Other',
      '__proto__',
      'constructor',
      'ok',
      'rest',
      'status',
      'target',
      'url',
      'fields',
      'headers',
      'then',
    ),
  },
  { weight: 1, arbitrary: token },
)
/** A field whose value is usually one of its kind. */
const field: fc.Arbitrary<Field> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.oneof(...Object.entries(known).map(([name, values]) => values.map((text): Field => [name, text]))),
  },
  { weight: 2, arbitrary: fc.tuple(anyName, value) },
  { weight: 1, arbitrary: fc.tuple(latin1, latin1) },
)

type Edit = (head: Head) => Head

const changeFields =
  (change: (fields: Field[]) => void): Edit =>
  (head) => {
    const fields = [...head.fields]
    change(fields)
    return { ...head, fields }
  }
const at = fc.nat(20)
const place = (fields: readonly Field[], index: number): number => (fields.length === 0 ? 0 : index % fields.length)

/** An edit appears in a reproduction as its effect, because the resulting head is printed. */
const editFields: fc.Arbitrary<Edit> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(at, field).map(([i, added]) => changeFields((fields) => fields.splice(i, 0, added))),
  },
  {
    weight: 4,
    arbitrary: field.map((changed) =>
      changeFields((fields) => {
        const found = fields.findIndex(([name]) => name.toLowerCase() === changed[0].toLowerCase())
        if (found === -1) fields.push(changed)
        else fields[found] = changed
      }),
    ),
  },
  { weight: 2, arbitrary: at.map((i) => changeFields((fields) => fields.splice(place(fields, i), 1))) },
  {
    weight: 1,
    arbitrary: at.map((i) =>
      changeFields((fields) => {
        const twice = fields[place(fields, i)]
        if (twice !== undefined) fields.push(twice)
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: at.map((i) => changeFields((fields) => fields.unshift(...fields.splice(place(fields, i), 1)))),
  },
  {
    weight: 1,
    arbitrary: fc.constant(
      changeFields((fields) => {
        for (const [i, [name, text]] of fields.entries()) fields[i] = [name.toLowerCase(), text]
      }),
    ),
  },
)
const editStart = (part: 0 | 1 | 2, texts: fc.Arbitrary<string>): fc.Arbitrary<Edit> =>
  texts.map((text) => (head) => {
    const start: [string, string, string] = [...head.start]
    start[part] = text
    return { ...head, start }
  })
const pseudoNames = [':method', ':scheme', ':authority', ':path', ':protocol', ':status', ':x', ':']
const editPseudo: fc.Arbitrary<Edit> = fc
  .tuple(
    fc.constantFrom(...pseudoNames),
    fc.option(
      fc.oneof(
        host,
        target,
        method,
        constants('https', 'http', 'websocket', 'connect-udp', 'ftp', '200', '101', '99', '0200'),
      ),
    ),
  )
  .map(([name, text]) => (head) => ({
    ...head,
    pseudo:
      text === null
        ? head.pseudo.filter(([known]) => known !== name)
        : head.pseudo.some(([known]) => known === name)
          ? head.pseudo.map((pair): Field => (pair[0] === name ? [name, text] : pair))
          : [...head.pseudo, [name, text]],
  }))

function edited(bases: readonly Head[], edit: fc.Arbitrary<Edit>): fc.Arbitrary<Head> {
  return fc
    .tuple(
      fc.constantFrom(...bases),
      fc.oneof({ weight: 3, arbitrary: fc.array(edit, { maxLength: 2 }) }, fc.array(edit, { maxLength: 6 })),
    )
    .map(([base, edits]) => edits.reduce((head, change) => change(head), base))
}

const wsFields: readonly Field[] = [
  ['Host', 'a.example'],
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade'],
  ['Sec-WebSocket-Key', KEY],
  ['Sec-WebSocket-Version', '13'],
]
const wsPseudo: readonly Field[] = [
  [':method', 'CONNECT'],
  [':protocol', 'websocket'],
  [':scheme', 'https'],
  [':authority', 'a.example'],
  [':path', '/chat'],
]
const plainPseudo: readonly Field[] = wsPseudo
  .filter(([name]) => name !== ':protocol')
  .map(([name, text]) => [name, name === ':method' ? 'GET' : text])

/** The fields of HTTP/2 and HTTP/3, which have no connection-specific ones. */
const sectionFields: readonly Field[] = [
  ['sec-websocket-version', '13'],
  ['sec-websocket-protocol', 'chat'],
  ['sec-websocket-extensions', 'permessage-deflate'],
  ['origin', 'https://a.example'],
]
const requestBases: readonly Head[] = [
  { start: ['GET', '/chat', 'HTTP/1.1'], fields: wsFields, pseudo: wsPseudo },
  {
    start: ['GET', '/chat?x', 'HTTP/1.1'],
    fields: [
      ...wsFields,
      ['Origin', 'http://a.example'],
      ['Sec-WebSocket-Protocol', 'chat, superchat'],
      ['Sec-WebSocket-Extensions', 'permessage-deflate; client_max_window_bits'],
    ],
    pseudo: wsPseudo,
  },
  {
    start: ['CONNECT', 'a.example:443', 'HTTP/1.1'],
    fields: [
      ['Host', 'a.example:443'],
      ['Proxy-Authorization', 'Basic QTpi'],
    ],
    pseudo: [
      [':method', 'CONNECT'],
      [':authority', 'a.example:443'],
    ],
  },
  { start: ['GET', '/', 'HTTP/1.1'], fields: [['Host', 'a.example']], pseudo: plainPseudo },
  {
    start: ['POST', '/', 'HTTP/1.1'],
    fields: [
      ['Host', 'a.example'],
      ['Content-Length', '5'],
    ],
    pseudo: plainPseudo,
  },
  { start: ['GET', '/', 'HTTP/1.0'], fields: [], pseudo: [] },
]
const sectionBases: readonly Head[] = requestBases.map((head, i) => ({ ...head, fields: i < 2 ? sectionFields : [] }))

const opened: readonly Field[] = [
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade'],
  ['Sec-WebSocket-Accept', ACCEPT],
]
const status = (code: string, reason: string, fields: readonly Field[]): Head => ({
  start: ['HTTP/1.1', code, reason],
  fields,
  pseudo: [[':status', code]],
})
const responseBases: readonly Head[] = [
  status('101', 'Switching Protocols', opened),
  status('101', 'Switching Protocols', [
    ...opened,
    ['Sec-WebSocket-Protocol', 'chat'],
    ['Sec-WebSocket-Extensions', 'permessage-deflate'],
  ]),
  status('200', 'OK', [['Sec-WebSocket-Protocol', 'chat']]),
  status('302', 'Found', [['Location', '/next']]),
  status('401', 'Unauthorized', [['WWW-Authenticate', 'Basic realm="x"']]),
  status('407', 'Proxy Authentication Required', [['Proxy-Authenticate', 'Basic realm="x"']]),
  status('426', 'Upgrade Required', [
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
    ['Sec-WebSocket-Version', '8'],
  ]),
  status('503', '', [
    ['Retry-After', '120'],
    ['Content-Length', '0'],
  ]),
  status('204', 'No Content', []),
]

const statuses = fc.oneof(
  constants(
    '101',
    '200',
    '100',
    '204',
    '205',
    '301',
    '304',
    '307',
    '400',
    '403',
    '407',
    '426',
    '500',
    '599',
    '600',
    '999',
    '099',
    '1000',
    '20',
    'abc',
    '',
  ),
  fc.nat(1100).map(String),
)
const editRequest = fc.oneof(
  { weight: 6, arbitrary: editFields },
  { weight: 2, arbitrary: editStart(1, target) },
  { weight: 1, arbitrary: editStart(0, method) },
  { weight: 1, arbitrary: editStart(2, versions) },
)
const editSection = fc.oneof({ weight: 3, arbitrary: editFields }, { weight: 2, arbitrary: editPseudo })
const editResponse = fc.oneof(
  { weight: 6, arbitrary: editFields },
  { weight: 2, arbitrary: editStart(1, statuses) },
  { weight: 1, arbitrary: editStart(2, fc.oneof(visible, latin1, constants('', 'OK', 'a\tb'))) },
  { weight: 1, arbitrary: editStart(0, versions) },
)

export const requestHead: fc.Arbitrary<Head> = edited(requestBases, editRequest)
export const requestSection: fc.Arbitrary<Head> = edited(sectionBases, editSection)
export const responseHead: fc.Arbitrary<Head> = edited(responseBases, editResponse)
export const responseSection: fc.Arbitrary<Head> = edited(
  responseBases.map((head) => ({
    ...head,
    fields: head.fields.filter(([name]) => !/^(upgrade|connection)$/i.test(name)),
  })),
  editSection,
)

/** As in HTTP/1.1, without any checks. */
export function toText({ start, fields }: Head): string {
  return `${start.join(' ')}\r\n${fields.map(([name, text]) => `${name}: ${text}\r\n`).join('')}\r\n`
}

/** Code units beyond Latin-1 lose their upper half, as they do in Node. */
export function toBytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'))
}

/** What a valid HTTP parser (of Node, nghttp2 or a browser) produces: what it would refuse is removed from a head. */
export function soundHead(head: Head): Head {
  const [method, url, last] = head.start
  return {
    start: [soundName(method), url.replace(/[^\x21-\x7e\x80-\xff]/g, '') || '/', soundValue(last)],
    fields: head.fields.map(([name, text]): Field => [soundName(name), soundValue(text)]),
    pseudo: head.pseudo.map(([name, text]): Field => [name, soundValue(text)]),
  }
}

function soundName(name: string): string {
  return name.replace(/[^!#$%&'*+.^_`|~0-9A-Za-z-]/g, '') || 'x'
}

function soundValue(text: string): string {
  return text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '').replace(/^[ \t]+|[ \t]+$/g, '')
}

/** A record as from `node:http2`: no prototype, lower-case names, repeated fields joined or as arrays. */
function toRecord(pairs: readonly Field[]): HeaderRecord {
  const record: Record<string, string | string[]> = Object.create(null)
  for (const [name, text] of pairs) {
    const key = name.toLowerCase()
    const before = record[key]
    if (before === undefined) record[key] = text
    else if (key === 'cookie') record[key] = `${String(before)}; ${text}`
    else if (Array.isArray(before)) before.push(text)
    else record[key] = key === 'set-cookie' ? [before, text] : `${before}, ${text}`
  }
  return record
}

/** The forms of a plain head's fields. */
function toFields(form: number, fields: readonly Field[]): HeaderSource {
  switch (form % 4) {
    case 0:
      return fields
    case 1:
      return toRecord(fields)
    case 2:
      return new Map(fields.map(([name, text]) => [name, text]))
    default:
      return fields.length === 0 ? [] : fields.flat()
  }
}

const requestForms = ['node', 'http2', 'section2', 'section3', 'fetch', 'request', 'like', 'node2'] as const
export type RequestForm = (typeof requestForms)[number]
export const requestForm: fc.Arbitrary<RequestForm> = fc.constantFrom(...requestForms)
const responseForms = ['node', 'http2', 'section2', 'section3', 'like', 'response'] as const
export type ResponseForm = (typeof responseForms)[number]
export const responseForm: fc.Arbitrary<ResponseForm> = fc.constantFrom(...responseForms)

/** Whether a form's head has pseudo-headers. */
export function isSection(form: RequestForm | ResponseForm): boolean {
  return form === 'http2' || form === 'section2' || form === 'section3' || form === 'node2'
}

/** A request in one of the forms; `undefined` if it has no such form because a Fetch runtime has refused it. */
export function toRequest(head: Head, form: RequestForm, variant: number): RequestSource | undefined {
  const { start, fields, pseudo } = head
  const [method, url, version] = start
  switch (form) {
    case 'node':
      return { method, url, httpVersion: version === 'HTTP/1.0' ? '1.0' : '1.1', rawHeaders: fields.flat() }
    case 'node2': {
      // Its compatibility request: separate fields, with the pseudo-headers among the raw ones.
      const of = (name: string): string | undefined => pseudo.find(([known]) => known === name)?.[1]
      return { method: of(':method'), url: of(':path'), httpVersion: '2.0', rawHeaders: [...pseudo, ...fields].flat() }
    }
    case 'http2':
      return { ':method': 'GET', ...toRecord([...pseudo, ...fields]) }
    case 'section2':
    case 'section3':
      return section(form, pseudo, fields)
    case 'fetch':
    case 'request':
      return toFetch(head, form, variant)
    default:
      return { method, target: url, headers: toFields(variant, fields), ...likeVersions[variant % likeVersions.length] }
  }
}

const likeVersions: readonly Partial<RequestLike>[] = [
  {},
  { httpVersion: '1.1' },
  { httpVersion: '1.0' },
  { httpVersion: '2' as HttpVersion, protocol: 'websocket', scheme: 'https', authority: 'a.example' },
]

function section(form: 'section2' | 'section3', pseudo: readonly Field[], fields: readonly Field[]): FieldSectionLike {
  return {
    httpVersion: form === 'section2' ? '2' : '3',
    fields: [...pseudo, ...fields.map(([name, text]): Field => [name.toLowerCase(), text])],
  }
}

function toFetch({ start, fields }: Head, form: 'fetch' | 'request', variant: number): RequestSource | undefined {
  const [method, path] = start
  const authority = fields.find(([name]) => name.toLowerCase() === 'host')?.[1] ?? 'a.example'
  const scheme = variant % 2 === 0 ? 'https' : 'http'
  if (!URL.canParse(path, `${scheme}://${authority}/`)) return undefined
  const url = new URL(path, `${scheme}://${authority}/`)
  // Requests to a server use the http scheme, and no client sends userinfo.
  if (!/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') return undefined
  try {
    const headers = new Headers(fields.map(([name, text]): [string, string] => [name, text]))
    return form === 'request' ? new Request(url, { method, headers }) : { method, url: url.href, headers }
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

/** A response in one of the forms; `undefined` if it has no such form. */
export function toResponse(
  { start, fields, pseudo }: Head,
  form: ResponseForm,
  variant: number,
): ResponseSource | undefined {
  const code = /^[0-9]{3}$/.test(start[1]) ? Number(start[1]) : undefined
  switch (form) {
    case 'node':
      return { statusCode: code, rawHeaders: fields.flat() }
    case 'http2': {
      const record = toRecord([...pseudo, ...fields])
      // Node converts it to a number: 0 if it is not one.
      return { ...record, ':status': variant % 2 === 0 ? Number(record[':status']) | 0 : String(record[':status']) }
    }
    case 'section2':
    case 'section3':
      return section(form, pseudo, fields)
    case 'response':
      return toFetchResponse(code, fields)
    default:
      return code === undefined ? undefined : { status: code, reason: start[2], headers: toFields(variant, fields) }
  }
}

function toFetchResponse(code: number | undefined, fields: readonly Field[]): ResponseSource | undefined {
  try {
    const headers = new Headers(fields.map(([name, text]): [string, string] => [name, text]))
    return new Response(null, { status: code ?? 200, headers }) as unknown as ResponseSource
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return undefined
    throw error
  }
}

/** Bytes cut at the given places, which may produce empty chunks. */
export function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = [0, ...places.map((each) => each % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  return sorted.slice(1).map((end, i) => bytes.slice(sorted[i], end))
}

const spoils = fc.array(
  fc.tuple(
    fc.nat(400),
    fc.nat(4),
    fc.oneof(
      constants(
        '',
        '\r\n',
        '\r',
        '\n',
        '\0',
        ' ',
        '\t',
        '\r\n ',
        '\r\n\t',
        '\n\n',
        '\r\n\r\n',
        ':',
        ',',
        '"',
        '\\',
        ';',
        '\x7f',
        '\x80',
        '\xff',
        '\x0b',
        '\x0c',
      ),
      field.map(([name, text]) => `\r\n${name}: ${text}\r\n`),
      constants(
        'Host: b\r\n',
        'HTTP/1.0',
        'HTTP/2.0',
        'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
        '\x16\x03\x01',
        'HTTP/1.1 100 Continue\r\n\r\n',
        'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n',
      ),
    ),
  ),
  { maxLength: 3 },
)

/** Bytes of a head damaged in a few places, in ways that a head as data cannot express. */
export const spoil: fc.Arbitrary<readonly (readonly [at: number, drop: number, put: string])[]> = fc.oneof(
  fc.constant([]),
  spoils,
)

export function spoiled(text: string, edits: readonly (readonly [number, number, string])[]): string {
  let result = text
  for (const [position, drop, put] of edits) {
    const start = position % (result.length + 1)
    result = result.slice(0, start) + put + result.slice(start + drop)
  }
  return result
}
