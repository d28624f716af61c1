/**
 * The differences between our parsers and llhttp, the parser of Node, as data: each difference that a damaged head causes belongs to one
 * of these classes, and each class has a reason. This file neither damages nor reads heads.
 */

export type Kind = 'request' | 'response'

/** The result of a parser for some bytes, after which no more arrive. */
export type ParserResult =
  | { readonly state: 'more' }
  | { readonly state: 'refused'; readonly why: string }
  | {
      readonly state: 'read'
      /** Method and target, or status and reason. */
      readonly start: readonly (string | number)[]
      /** The HTTP version. */
      readonly version: string
      /** Alternating names and values. */
      readonly fields: readonly string[]
      /** The number of bytes before the end of the head. */
      readonly size: number
    }

export interface Difference {
  readonly kind: Kind
  readonly text: string
  readonly llhttp: ParserResult
  readonly ours: ParserResult
}

export interface DifferenceClass {
  /** Which parser follows the RFC; `'both'` if the RFC leaves the choice. */
  readonly right: 'ours' | 'llhttp' | 'both'
  readonly reason: string
  readonly reference: string
  readonly example: readonly [Kind, string]
  /** The first and the last version of llhttp that show this difference, if other versions do not. */
  readonly firstSeen?: string
  readonly lastSeen?: string
  matches(difference: Difference): boolean
}

/** One parser refuses with a message that matches `why`, while the other reads the head or waits for more bytes. */
interface Refusal {
  readonly kind?: Kind
  readonly why: RegExp
  /** What the other parser does, if only one of the two is expected. */
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

/** Whether a head contains the same length several times. */
function repeatsLength(result: ParserResult): boolean {
  if (result.state !== 'read') return false
  const { fields } = result
  const values = fields.filter((_, at) => at % 2 === 1 && /^content-length$/i.test(fields[at - 1] ?? ''))
  const lengths = values.flatMap((value) => value.split(/[ \t]*,[ \t]*/))
  return lengths.length > 1 && new Set(lengths).size === 1
}

/** The classes, by name. */
export const differenceClasses: Readonly<Record<string, DifferenceClass>> = {
  'a method that is not in a list': {
    right: 'ours',
    reason: 'A method is any token. A server reads a method that it does not know, and answers with 501.',
    reference: 'RFC 9110 §9.1',
    example: ['request', 'BREW / HTTP/1.1\r\n\r\n'],
    matches: refuses('llhttp', { kind: 'request', why: /^HPE_INVALID_METHOD/, text: /^(\r\n)*[!#$%&'*+.^_`|~\w-]/ }),
  },
  'a target of an unknown form': {
    right: 'llhttp',
    reason:
      'llhttp checks how the target begins. Our parser accepts visible ASCII; the target is checked together with Host.',
    reference: 'RFC 9112 §3.2',
    example: ['request', 'GET ht"tp://a/ HTTP/1.1\r\n\r\n'],
    matches: refuses('llhttp', { kind: 'request', why: /^HPE_INVALID_URL/ }),
  },
  'a fragment in a target': {
    right: 'ours',
    reason: 'A target has no fragment, which the client does not send.',
    reference: 'RFC 9112 §3.2, RFC 9110 §4.2.5',
    example: ['request', 'GET /a#b HTTP/1.1\r\n\r\n'],
    matches: refuses('ours', { kind: 'request', why: /^target: .*'#' in the request target/ }),
  },
  'a request line without a version': {
    right: 'ours',
    reason: 'llhttp reads it as HTTP/0.9. A request line has three parts.',
    reference: 'RFC 9112 §3',
    example: ['request', 'GET /\r\n\r\n'],
    matches: refuses('ours', { kind: 'request', why: /^target: .*(a CR|an LF) in the request target/ }),
  },
  'several spaces in a request line': {
    right: 'both',
    reason: 'One space separates the parts. A parser may be lenient, but then recipients may read different targets.',
    reference: 'RFC 9112 §3',
    example: ['request', 'GET  / HTTP/1.1\r\n\r\n'],
    matches: refuses('ours', { kind: 'request', why: /a space in the (request target|HTTP version)/, text: / {2}/ }),
  },
  'a line end before a request that is not CRLF': {
    right: 'both',
    reason:
      'Empty lines are skipped, and they end in CRLF. A parser may accept a lone LF as a line end, but never a lone CR.',
    reference: 'RFC 9112 §2.2',
    example: ['request', '\nGET / HTTP/1.1\r\n\r\n'],
    matches: refuses('ours', { kind: 'request', why: /LF in the method|after a CR/, text: /^(\r\n)*(\n|\r[^\n])/ }),
  },
  'an empty line before a response': {
    right: 'ours',
    reason: 'Empty lines are skipped before a request line. The RFC does not allow them before a status line.',
    reference: 'RFC 9112 §2.2',
    example: ['response', '\r\nHTTP/1.1 200 OK\r\n\r\n'],
    matches: refuses('ours', { kind: 'response', why: /(a CR|an LF) in the HTTP version at byte 0$/ }),
  },
  'a higher minor version': {
    right: 'ours',
    reason: 'A recipient treats it as the highest minor version that it supports of this major version.',
    reference: 'RFC 9110 §2.5',
    example: ['request', 'GET / HTTP/1.2\r\n\r\n'],
    matches: refuses('llhttp', { why: /^HPE_INVALID_VERSION Invalid HTTP version/, text: /HTTP\/1\.[2-9]/ }),
  },
  'another major version': {
    right: 'ours',
    reason: 'HTTP/0.9 has no heads, and HTTP/2 heads are not text. The answer is a 505.',
    reference: 'RFC 9110 §15.6.6',
    example: ['request', 'GET / HTTP/2.0\r\n\r\n'],
    matches: refuses('ours', { why: /^http-version: HTTP\/[02]\.\d is not supported/ }),
  },
  'an incomplete part of the start line that is already invalid': {
    right: 'both',
    reason: 'llhttp refuses at the first invalid byte, our parser when the part is complete.',
    reference: 'RFC 9112 §2.3, §4',
    example: ['request', 'GET / HTTQ'],
    matches: refuses('llhttp', {
      why: /^HPE_INVALID_(CONSTANT|STATUS|VERSION)/,
      other: 'more',
      text: / [^\r\n]*$|^[^\r\n ]*$|\r\n\r\n[^\r\n]*$/,
    }),
  },
  'a status below 100': {
    right: 'ours',
    reason: 'A status is an integer of at least 100. A lower one belongs to no class.',
    reference: 'RFC 9110 §15',
    example: ['response', 'HTTP/1.1 099 No\r\n\r\n'],
    matches: refuses('ours', { kind: 'response', why: /^status: the status is "0\d\d"/ }),
  },
  'a control in a reason phrase': {
    right: 'ours',
    reason: 'A reason phrase contains visible characters, spaces and tabs. Others, such as NUL, could get into a log.',
    reference: 'RFC 9112 §4',
    example: ['response', 'HTTP/1.1 200 O\0K\r\n\r\n'],
    matches: refuses('ours', { kind: 'response', why: /the byte 0x([01].|7f) in the reason phrase/ }),
  },
  'a second CR after a status line': {
    right: 'ours',
    reason: 'A CR without an LF is invalid. llhttp read the second CR as the LF.',
    reference: 'RFC 9112 §2.2',
    example: ['response', 'HTTP/1.1 200 OK\r\rA: b\r\n\r\n'],
    lastSeen: '9.3.1',
    matches: refuses('ours', { kind: 'response', why: /a CR after a CR/, text: /(^|\r\n\r\n)HTTP[^\r\n]*\r\r/ }),
  },
  'a folded line in a response': {
    right: 'ours',
    reason: 'A client replaces each fold with spaces. Only servers refuse folds.',
    reference: 'RFC 9112 §5.2',
    example: ['response', 'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n'],
    matches: refuses('llhttp', { kind: 'response', why: /^HPE_INVALID_HEADER_TOKEN/, text: /\r\n[ \t]/ }),
  },
  'invalid framing in an incomplete head': {
    right: 'both',
    reason: 'llhttp checks each field when it reads it. Our framing functions take a complete head.',
    reference: 'RFC 9112 §6.3',
    example: ['request', 'PUT / HTTP/1.1\r\nContent-Length: +1\r\n'],
    matches: refuses('llhttp', { why: badFraming, other: 'more' }),
  },
  'framing of a response that has no body': {
    right: 'ours',
    reason: 'A 1xx, 204 or 304 ends with its head, whatever its fields are.',
    reference: 'RFC 9112 §6.3',
    example: ['response', 'HTTP/1.1 101 Go\r\nContent-Length: +1\r\n\r\n'],
    matches: refuses('llhttp', {
      kind: 'response',
      why: badFraming,
      other: 'read',
      text: /HTTP\/1\.\d (1\d\d|204|304)/,
    }),
  },
  'the same length several times': {
    right: 'both',
    reason: 'A recipient may refuse the list, or use the value once.',
    reference: 'RFC 9110 §8.6',
    example: ['request', 'PUT / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\n'],
    matches: (all) => refuses('llhttp', { why: badLength, other: 'read' })(all) && repeatsLength(all.ours),
  },
  'a tab after a length': {
    right: 'ours',
    reason: 'The white space around the value of any field may contain tabs.',
    reference: 'RFC 9110 §5.6.3',
    example: ['request', 'PUT / HTTP/1.1\r\nContent-Length: 1\t\r\n\r\n'],
    lastSeen: '9.3.1',
    matches: refuses('llhttp', { why: badLength, other: 'read', text: /content-length:[ \t]*\d+ *\t/i }),
  },
  'an empty element after chunked': {
    right: 'ours',
    reason: 'A recipient ignores empty list elements.',
    reference: 'RFC 9110 §5.6.1.2',
    example: ['request', 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked,\r\n\r\n'],
    matches: refuses('llhttp', { why: badFraming, other: 'read', text: /chunked[\t ]*,[\t ,]*\r\n/i }),
  },
  'an empty Transfer-Encoding': {
    right: 'ours',
    reason: 'Recipients disagree on whether an empty field counts as present: llhttp ignored it.',
    reference: 'RFC 9112 §6.3',
    example: ['request', 'PUT / HTTP/1.1\r\nTransfer-Encoding:\r\nContent-Length: 3\r\n\r\n'],
    lastSeen: '9.3.1',
    matches: refuses('ours', {
      why: /^framing: .*(both Content-Length|an empty)/,
      other: 'read',
      text: /transfer-encoding:[ \t]*\r\n/i,
    }),
  },
  'a request whose last coding is not chunked': {
    right: 'ours',
    reason: 'The end of its body is unknown. llhttp reports that only when it reads the body.',
    reference: 'RFC 9112 §6.3',
    example: ['request', 'POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n'],
    matches: refuses('ours', { kind: 'request', why: /^framing: .* does not end in chunked/ }),
  },
  'a 101 of HTTP/1.0': {
    right: 'ours',
    reason: 'HTTP/1.0 has no 1xx, so it cannot switch protocols.',
    reference: 'RFC 9110 §15.2',
    example: ['response', 'HTTP/1.0 101 Switching Protocols\r\nUpgrade: foo\r\n\r\n'],
    matches: refuses('ours', { kind: 'response', why: /^http-version: a 101 in HTTP\/1\.0/, other: 'read' }),
  },
  'Transfer-Encoding in HTTP/1.0': {
    right: 'ours',
    reason: 'HTTP/1.0 has no Transfer-Encoding. An intermediary may have ignored it, so the framing is invalid.',
    reference: 'RFC 9112 §6.1',
    example: ['request', 'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n'],
    matches: refuses('ours', { why: /^framing: .* Transfer-Encoding in HTTP\/1\.0/ }),
  },
}
