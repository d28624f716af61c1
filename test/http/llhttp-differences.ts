/**
 * Where our heads and those of Node's own parser, llhttp, part, as data: each difference that damaged heads bring up falls
 * into one of these classes, and each class has its reason. Knows not how heads are damaged or read.
 */

export type Kind = 'request' | 'response'

/** What a parser says to some bytes, which are all there is. */
export type Verdict =
  | { readonly state: 'more' }
  | { readonly state: 'refused'; readonly why: string }
  | {
      readonly state: 'read'
      /** Method and target, or status and reason. */
      readonly start: readonly (string | number)[]
      /** Of a request. */
      readonly version: string
      /** Names and values in turn. */
      readonly fields: readonly string[]
      /** Bytes up to the end of the head. */
      readonly size: number
    }

export interface Difference {
  readonly kind: Kind
  readonly text: string
  readonly llhttp: Verdict
  readonly ours: Verdict
}

export interface DifferenceClass {
  /** Who keeps to the RFC; `'both'` where it leaves the choice. */
  readonly right: 'ours' | 'llhttp' | 'both'
  readonly reason: string
  readonly reference: string
  readonly example: readonly [Kind, string]
  /** The first and the last version of llhttp that were seen to differ so, if others were seen not to. */
  readonly firstSeen?: string
  readonly lastSeen?: string
  holds(difference: Difference): boolean
}

/** One that refuses with these words, while the other reads the head, or waits for the rest of it. */
interface Refusal {
  readonly kind?: Kind
  readonly why: RegExp
  /** What the other does, if it may not do either. */
  readonly other?: 'read' | 'more'
  readonly text?: RegExp
}

function refuses(by: 'llhttp' | 'ours', { kind, why, other, text = /^/ }: Refusal): (all: Difference) => boolean {
  return (all) => {
    const refusing = all[by]
    const { state } = all[by === 'ours' ? 'llhttp' : 'ours']
    return (
      refusing.state === 'refused' &&
      why.test(refusing.why) &&
      (other === undefined ? state !== 'refused' : state === other) &&
      (kind === undefined || kind === all.kind) &&
      text.test(all.text)
    )
  }
}

const badLength = /^HPE_(INVALID|UNEXPECTED)_CONTENT_LENGTH/
const badFraming = /^HPE_(INVALID|UNEXPECTED)_(CONTENT_LENGTH|TRANSFER_ENCODING)/

/** Whether a head says its length several times, and each time the same. */
function repeatsLength(verdict: Verdict): boolean {
  if (verdict.state !== 'read') return false
  const { fields } = verdict
  const values = fields.filter((_, at) => at % 2 === 1 && /^content-length$/i.test(fields[at - 1] ?? ''))
  const lengths = values.flatMap((value) => value.split(/[ \t]*,[ \t]*/))
  return lengths.length > 1 && new Set(lengths).size === 1
}

/** By name. */
export const differenceClasses: Readonly<Record<string, DifferenceClass>> = {
  'a method that is not in a list': {
    right: 'ours',
    reason: 'A method is any token. One that a server does not know can be read, and gets a 501.',
    reference: 'RFC 9110 §9.1',
    example: ['request', 'BREW / HTTP/1.1\r\n\r\n'],
    holds: refuses('llhttp', { kind: 'request', why: /^HPE_INVALID_METHOD/, text: /^(\r\n)*[!#$%&'*+.^_`|~\w-]/ }),
  },
  'a target of no known form': {
    right: 'llhttp',
    reason: 'llhttp looks at how it begins. To us it is visible ASCII, and judged together with Host.',
    reference: 'RFC 9112 §3.2',
    example: ['request', 'GET ht"tp://a/ HTTP/1.1\r\n\r\n'],
    holds: refuses('llhttp', { kind: 'request', why: /^HPE_INVALID_URL/ }),
  },
  'a fragment in a target': {
    right: 'ours',
    reason: 'A target has none: it stays with the client.',
    reference: 'RFC 9112 §3.2, RFC 9110 §4.2.5',
    example: ['request', 'GET /a#b HTTP/1.1\r\n\r\n'],
    holds: refuses('ours', { kind: 'request', why: /^target: .*'#' in the request target/ }),
  },
  'a request line without a version': {
    right: 'ours',
    reason: 'To llhttp it is HTTP/0.9. A request line has three parts.',
    reference: 'RFC 9112 §3',
    example: ['request', 'GET /\r\n\r\n'],
    holds: refuses('ours', { kind: 'request', why: /^target: .*(a CR|an LF) in the request target/ }),
  },
  'several spaces in a request line': {
    right: 'both',
    reason: 'One space stands between the parts. Leniency is allowed; then recipients may differ over the target.',
    reference: 'RFC 9112 §3',
    example: ['request', 'GET  / HTTP/1.1\r\n\r\n'],
    holds: refuses('ours', { kind: 'request', why: /a space in the (request target|HTTP version)/, text: / {2}/ }),
  },
  'a line end before a request that is not CRLF': {
    right: 'both',
    reason: 'Empty lines are skipped, and they end in CRLF. A lone LF may be taken for a line end, a lone CR never.',
    reference: 'RFC 9112 §2.2',
    example: ['request', '\nGET / HTTP/1.1\r\n\r\n'],
    holds: refuses('ours', { kind: 'request', why: /LF in the method|after a CR/, text: /^(\r\n)*(\n|\r[^\n])/ }),
  },
  'an empty line before a response': {
    right: 'ours',
    reason: 'Empty lines are skipped before a request line; nothing of the kind is said of a status line.',
    reference: 'RFC 9112 §2.2',
    example: ['response', '\r\nHTTP/1.1 200 OK\r\n\r\n'],
    holds: refuses('ours', { kind: 'response', why: /(a CR|an LF) in the HTTP version at byte 0$/ }),
  },
  'a higher minor version': {
    right: 'ours',
    reason: 'It is understood as the highest minor version that one knows of its major version.',
    reference: 'RFC 9110 §2.5',
    example: ['request', 'GET / HTTP/1.2\r\n\r\n'],
    holds: refuses('llhttp', { why: /^HPE_INVALID_VERSION Invalid HTTP version/, text: /HTTP\/1\.[2-9]/ }),
  },
  'another major version': {
    right: 'ours',
    reason: 'HTTP/0.9 has no heads, and those of HTTP/2 are no text. It is a 505.',
    reference: 'RFC 9110 §15.6.6',
    example: ['request', 'GET / HTTP/2.0\r\n\r\n'],
    holds: refuses('ours', { why: /^http-version: HTTP\/[02]\.\d is not supported/ }),
  },
  'a part of the start line that cannot become one': {
    right: 'both',
    reason: 'llhttp refuses at the first byte that does not fit, we when the part is whole.',
    reference: 'RFC 9112 §2.3, §4',
    example: ['request', 'GET / HTTQ'],
    holds: refuses('llhttp', {
      why: /^HPE_INVALID_(CONSTANT|STATUS|VERSION)/,
      other: 'more',
      text: / [^\r\n]*$|^[^\r\n ]*$|\r\n\r\n[^\r\n]*$/,
    }),
  },
  'a status below 100': {
    right: 'ours',
    reason: 'A status is an integer from 100 on; there is no class that a lower one could belong to.',
    reference: 'RFC 9110 §15',
    example: ['response', 'HTTP/1.1 099 No\r\n\r\n'],
    holds: refuses('ours', { kind: 'response', why: /^status: the status is "0\d\d"/ }),
  },
  'a control in a reason phrase': {
    right: 'ours',
    reason: 'It holds visible characters, spaces and tabs; a NUL or an escape sequence ends up in somebody’s log.',
    reference: 'RFC 9112 §4',
    example: ['response', 'HTTP/1.1 200 O\0K\r\n\r\n'],
    holds: refuses('ours', { kind: 'response', why: /the byte 0x([01].|7f) in the reason phrase/ }),
  },
  'a second CR behind a status line': {
    right: 'ours',
    reason: 'A CR without its LF is invalid. llhttp read the second one for the LF.',
    reference: 'RFC 9112 §2.2',
    example: ['response', 'HTTP/1.1 200 OK\r\rA: b\r\n\r\n'],
    lastSeen: '9.3.1',
    holds: refuses('ours', { kind: 'response', why: /a CR after a CR/, text: /(^|\r\n\r\n)HTTP[^\r\n]*\r\r/ }),
  },
  'a folded line in a response': {
    right: 'ours',
    reason: 'A client replaces each fold by spaces; refusing is for servers.',
    reference: 'RFC 9112 §5.2',
    example: ['response', 'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n'],
    holds: refuses('llhttp', { kind: 'response', why: /^HPE_INVALID_HEADER_TOKEN/, text: /\r\n[ \t]/ }),
  },
  'faulty framing in a head that is not whole': {
    right: 'both',
    reason: 'llhttp judges field by field, we by functions of their own, which take a whole head.',
    reference: 'RFC 9112 §6.3',
    example: ['request', 'PUT / HTTP/1.1\r\nContent-Length: +1\r\n'],
    holds: refuses('llhttp', { why: badFraming, other: 'more' }),
  },
  'framing of a response that has no body': {
    right: 'ours',
    reason: 'A 1xx, 204 or 304 ends with its head, whatever its fields say.',
    reference: 'RFC 9112 §6.3',
    example: ['response', 'HTTP/1.1 101 Go\r\nContent-Length: +1\r\n\r\n'],
    holds: refuses('llhttp', { kind: 'response', why: badFraming, other: 'read', text: /HTTP\/1\.\d (1\d\d|204|304)/ }),
  },
  'the same length several times': {
    right: 'both',
    reason: 'A recipient may refuse it, or take it for one.',
    reference: 'RFC 9110 §8.6',
    example: ['request', 'PUT / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\n'],
    holds: (all) => refuses('llhttp', { why: badLength, other: 'read' })(all) && repeatsLength(all.ours),
  },
  'a tab behind a length': {
    right: 'ours',
    reason: 'White space around a value may be tabs, in every field.',
    reference: 'RFC 9110 §5.6.3',
    example: ['request', 'PUT / HTTP/1.1\r\nContent-Length: 1\t\r\n\r\n'],
    lastSeen: '9.3.1',
    holds: refuses('llhttp', { why: badLength, other: 'read', text: /content-length:[ \t]*\d+ *\t/i }),
  },
  'an empty element behind chunked': {
    right: 'ours',
    reason: 'A recipient ignores empty list elements.',
    reference: 'RFC 9110 §5.6.1.2',
    example: ['request', 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked,\r\n\r\n'],
    holds: refuses('llhttp', { why: badFraming, other: 'read', text: /chunked[\t ]*,[\t ,]*\r\n/i }),
  },
  'an empty Transfer-Encoding': {
    right: 'ours',
    reason: 'It says nothing, and recipients differ over whether it is there: llhttp passed over it.',
    reference: 'RFC 9112 §6.3',
    example: ['request', 'PUT / HTTP/1.1\r\nTransfer-Encoding:\r\nContent-Length: 3\r\n\r\n'],
    lastSeen: '9.3.1',
    holds: refuses('ours', {
      why: /^framing: .*(both Content-Length|an empty)/,
      other: 'read',
      text: /transfer-encoding:[ \t]*\r\n/i,
    }),
  },
  'a request whose last coding is not chunked': {
    right: 'ours',
    reason: 'Nobody can tell where its body ends. llhttp finds that out when it comes to the body.',
    reference: 'RFC 9112 §6.3',
    example: ['request', 'POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n'],
    holds: refuses('ours', { kind: 'request', why: /^framing: .* does not end in chunked/ }),
  },
  'a 101 of HTTP/1.0': {
    right: 'ours',
    reason: 'HTTP/1.0 knows no 1xx: nothing can be switched to by it.',
    reference: 'RFC 9110 §15.2',
    example: ['response', 'HTTP/1.0 101 Switching Protocols\r\nUpgrade: foo\r\n\r\n'],
    holds: refuses('ours', { kind: 'response', why: /^http-version: a 101 in HTTP\/1\.0/, other: 'read' }),
  },
  'Transfer-Encoding in HTTP/1.0': {
    right: 'ours',
    reason: 'HTTP/1.0 has none: somebody on the way has not understood it, and framing is faulty.',
    reference: 'RFC 9112 §6.1',
    example: ['request', 'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n'],
    holds: refuses('ours', { why: /^framing: .* Transfer-Encoding in HTTP\/1\.0/ }),
  },
}
