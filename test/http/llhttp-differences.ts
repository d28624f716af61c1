/**
 * Where our heads and those of Node's own parser, llhttp, part, as data: every difference that mutated heads bring up falls
 * into one of these classes, and every class has its reason. Knows nothing of how heads are made or read.
 */

/** What a parser says to some bytes that are all there is. */
export type Verdict =
  | { readonly state: 'more' }
  | { readonly state: 'refused'; readonly why: string }
  | {
      readonly state: 'read'
      /** Method and target, or status and reason. */
      readonly start: readonly (string | number)[]
      readonly version: string
      /** Names and values in turn. */
      readonly fields: readonly string[]
      /** Bytes up to the end of the head. */
      readonly size: number
    }

export type Kind = 'request' | 'response'

export interface Difference {
  readonly kind: Kind
  readonly text: string
  readonly llhttp: Verdict
  readonly ours: Verdict
}

export interface DifferenceClass {
  readonly name: string
  /** Who keeps to the RFC; `'both'` where it leaves the choice. */
  readonly right: 'ours' | 'llhttp' | 'both'
  readonly reason: string
  readonly reference: string
  /** A short one. */
  readonly example: readonly [Kind, string]
  holds(difference: Difference): boolean
}

/** We refuse, with these words; llhttp reads it, or waits for the rest. */
function weRefuse(kind: Kind | undefined, why: RegExp, text: RegExp = /^/): (difference: Difference) => boolean {
  return ({ ours, llhttp, ...difference }) =>
    (kind === undefined || difference.kind === kind) &&
    ours.state === 'refused' &&
    llhttp.state !== 'refused' &&
    why.test(ours.why) &&
    text.test(difference.text)
}

/** llhttp refuses, with this code; we read it, or wait for the rest. */
function llhttpRefuses(kind: Kind | undefined, why: RegExp, text: RegExp = /^/): (difference: Difference) => boolean {
  return ({ ours, llhttp, ...difference }) =>
    (kind === undefined || difference.kind === kind) &&
    llhttp.state === 'refused' &&
    ours.state !== 'refused' &&
    why.test(llhttp.why) &&
    text.test(difference.text)
}

export const differenceClasses: readonly DifferenceClass[] = [
  {
    name: 'a method that is not in the list',
    right: 'ours',
    reason: 'A method is any token; one that a server does not know is a 501 of whoever serves it, and can be read.',
    reference: 'RFC 9110 §9.1',
    example: ['request', 'BREW / HTTP/1.1\r\n\r\n'],
    holds: llhttpRefuses('request', /^HPE_INVALID_METHOD/, /^(\r\n)*[!#$%&'*+.^_`|~\w-]+/),
  },
  {
    name: 'a target of another form',
    right: 'llhttp',
    reason: 'llhttp looks for the four forms of a target, at least at its beginning; to us it is visible ASCII, and what it means is judged with Host, where it counts.',
    reference: 'RFC 9112 §3.2',
    example: ['request', 'GET ht"tp://a/ HTTP/1.1\r\n\r\n'],
    holds: llhttpRefuses('request', /^HPE_INVALID_URL/),
  },
  {
    name: 'a request line without a version',
    right: 'ours',
    reason: 'llhttp takes it for HTTP/0.9; a request line has three parts.',
    reference: 'RFC 9112 §3',
    example: ['request', 'GET /\r\n\r\n'],
    holds: weRefuse('request', /^target: .* (a CR|an LF) in the request target/),
  },
  {
    name: 'several spaces in the request line',
    right: 'both',
    reason: 'The parts are separated by single spaces; a recipient may be lenient, and then reads what others may not.',
    reference: 'RFC 9112 §3',
    example: ['request', 'GET  /  HTTP/1.1\r\n\r\n'],
    holds: weRefuse('request', /: .* a space in the (request target|HTTP version)/, /^(\r\n)*[^ \r\n]+ (.* )? HTTP|^(\r\n)*[^ \r\n]+  /),
  },
  {
    name: 'an empty line before a request that is not CR LF',
    right: 'both',
    reason: 'Only CRLF is to be skipped; a lone LF may be taken for a line end, a lone CR never.',
    reference: 'RFC 9112 §2.2',
    example: ['request', '\n\r\nGET / HTTP/1.1\r\n\r\n'],
    holds: weRefuse('request', /^(method: .* an LF in the method|head-syntax: .* behind a CR)/, /^(\r\n)*(\n|\r[^\n])/),
  },
  {
    name: 'empty lines before a response',
    right: 'ours',
    reason: 'Servers may skip them before a request line; before a status line there are none.',
    reference: 'RFC 9112 §2.2',
    example: ['response', '\r\nHTTP/1.1 200 OK\r\n\r\n'],
    holds: weRefuse('response', /^http-version: .*(a CR|an LF) in the HTTP version at byte 0/, /^[\r\n]|\r\n\r\n[\r\n]/),
  },
  {
    name: 'a minor version that is not known',
    right: 'ours',
    reason: 'A higher minor version of a major one that is known is read as the highest known.',
    reference: 'RFC 9110 §2.5',
    example: ['request', 'GET / HTTP/1.2\r\n\r\n'],
    holds: llhttpRefuses(undefined, /^HPE_INVALID_VERSION Invalid HTTP version/, /HTTP\/1\.[2-9]/),
  },
  {
    name: 'a folded line in a response',
    right: 'ours',
    reason: 'Each fold is replaced by a space; only a server may refuse it.',
    reference: 'RFC 9112 §5.2',
    example: ['response', 'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n'],
    holds: llhttpRefuses('response', /^HPE_INVALID_HEADER_TOKEN/, /\r\n[ \t]/),
  },
  {
    name: 'a CR behind the CR of a status line',
    right: 'ours',
    reason: 'A CR without its LF is to be refused, or read as a space; llhttp passes over one.',
    reference: 'RFC 9112 §2.2',
    example: ['response', 'HTTP/1.1 200 OK\r\r\n\r\n'],
    holds: weRefuse('response', /^head-syntax: .* a CR behind a CR/, /^HTTP[^\r\n]*\r\r|\r\n\r\nHTTP[^\r\n]*\r\r/),
  },
  {
    name: 'a control in the reason phrase',
    right: 'ours',
    reason: 'It holds visible characters, spaces and tabs. Who passes it on has written a NUL.',
    reference: 'RFC 9112 §4',
    example: ['response', 'HTTP/1.1 200 O\0K\r\n\r\n'],
    holds: weRefuse('response', /^head-syntax: .* the byte 0x(0\d|0[a-f]|1.|7f) in the reason phrase/),
  },
  {
    name: 'a length that is none, found before the head is whole',
    right: 'both',
    reason: 'llhttp judges Content-Length while it reads it; we have functions of their own for framing, which need the whole head.',
    reference: 'RFC 9112 §6.3',
    example: ['request', 'PUT / HTTP/1.1\r\nContent-Length: +1\r\n'],
    holds: (difference) => difference.ours.state === 'more' && llhttpRefuses(undefined, /^HPE_(INVALID|UNEXPECTED)_CONTENT_LENGTH|HPE_INVALID_TRANSFER_ENCODING/)(difference),
  },
  {
    name: 'the same length twice, or in a list',
    right: 'both',
    reason: 'A recipient may refuse it, or take it for one.',
    reference: 'RFC 9112 §6.3',
    example: ['request', 'PUT / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\n'],
    holds: ({ ours, llhttp, text }) => ours.state === 'read' && llhttp.state === 'refused' && /^HPE_(INVALID|UNEXPECTED)_CONTENT_LENGTH/.test(llhttp.why) && /Content-Length: *(\d+)(, *|\r\nContent-Length: *)\1/i.test(text),
  },
  {
    name: 'a tab behind a length',
    right: 'ours',
    reason: 'Optional white space around a value is spaces and tabs.',
    reference: 'RFC 9110 §5.6.3',
    example: ['request', 'PUT / HTTP/1.1\r\nContent-Length: 1\t\r\n\r\n'],
    holds: ({ ours, llhttp, text }) => ours.state === 'read' && llhttp.state === 'refused' && /^HPE_INVALID_CONTENT_LENGTH/.test(llhttp.why) && /Content-Length:[ \t]*\d+ *\t/i.test(text),
  },
  {
    name: 'a request whose last coding is not chunked',
    right: 'ours',
    reason: 'Nobody can tell where its body ends. llhttp says so, too, but only when it comes to the body.',
    reference: 'RFC 9112 §6.3',
    example: ['request', 'POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n'],
    holds: weRefuse('request', /^framing: .*does not end in chunked/),
  },
  {
    name: 'Transfer-Encoding in HTTP/1.0',
    right: 'ours',
    reason: 'There is none in HTTP/1.0: somebody on the way has not understood it, and framing is faulty.',
    reference: 'RFC 9112 §6.1',
    example: ['request', 'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n'],
    holds: weRefuse('request', /^framing: .*came in HTTP\/1.0/),
  },
]
