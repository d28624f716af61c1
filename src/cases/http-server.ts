/**
 * The head of an opening request over HTTP/1.1 as a server reads it: the request line, `Host`, and the fields of a body.
 *
 * @module
 */

import type { Case, Outcome } from '../testing/case.ts'
import { closing, open, section } from './build.ts'
import {
  accepted,
  blamedItself,
  either,
  endedWithoutResponse,
  followed,
  head,
  ignored,
  itsChoice,
  opened,
  openedAndClosed,
  openings,
  refusedWith400,
  tookForPlain,
} from './opening.ts'
import { bareCr, higherMinorVersion, rule } from './opening-rules.ts'

const getRequest = rule(
  'RFC 6455 §4.2.1',
  'An HTTP/1.1 or higher GET request, including a "Request-URI" [RFC2616] that should be interpreted as a /resource name/ defined in Section 3 (or an absolute HTTP/HTTPS URI containing the /resource name/).',
)
const invalidLine = rule(
  'RFC 9112 §3.2',
  'Recipients of an invalid request-line SHOULD respond with either a 400 (Bad Request) error or a 301 (Moved Permanently) redirect with the request-target properly encoded.',
)
const lenientLine = rule(
  'RFC 9112 §3',
  'Although the request-line grammar rule requires that each of the component elements be separated by a single SP octet, recipients MAY instead parse on whitespace-delimited word boundaries and, aside from the CRLF terminator, treat any form of whitespace as the SP separator while ignoring preceding or trailing whitespace; such whitespace includes one or more of the following octets: SP, HTAB, VT (%x0B), FF (%x0C), or bare CR.',
)
const httpVersion = rule('RFC 9112 §2.3', 'HTTP-version = HTTP-name "/" DIGIT "." DIGIT')

/** An invalid request line. A redirect is a valid answer too. */
const refusedLine: readonly Outcome[] = [
  { verdict: 'pass', reason: 'It refused or redirected the request.', when: { status: ['3xx', '4xx', 501, 505] } },
  blamedItself,
  { ...tookForPlain, when: { status: '2xx' } },
  endedWithoutResponse,
  opened,
]

const requestLine: readonly Case[] = section(
  'server',
  'request-line',
  { references: getRequest, why: 'A WebSocket begins with a GET of HTTP/1.1 only.' },
  [
    ...openings(ignored, [
      ['post', 'POST', { line: 'POST {path} HTTP/1.1', fields: { 'Content-Length': '0' } }],
      ['put', 'PUT', { line: 'PUT {path} HTTP/1.1', fields: { 'Content-Length': '0' } }],
      ['head', 'HEAD', { line: 'HEAD {path} HTTP/1.1' }],
      ['options', 'OPTIONS', { line: 'OPTIONS {path} HTTP/1.1' }],
      ['unknown-method', 'An unknown method', { line: 'OPENSESAME {path} HTTP/1.1' }],
    ]),
    ...openings(ignored, [['lower-case-method', 'get', { line: 'get {path} HTTP/1.1' }]], {
      references: rule('RFC 9112 §3.1', 'The request method is case-sensitive.'),
    }),
    ...openings(
      ignored,
      [
        ['http-1-0', 'HTTP/1.0', { line: 'GET {path} HTTP/1.0' }],
        [
          'http-1-0-keep-alive',
          'HTTP/1.0 with keep-alive',
          { line: 'GET {path} HTTP/1.0', fields: { Connection: 'keep-alive, Upgrade' } },
        ],
      ],
      {
        references: rule(
          'RFC 9110 §7.8',
          'A server that receives an Upgrade header field in an HTTP/1.0 request MUST ignore that Upgrade field.',
        ),
        why: 'An HTTP/1.0 proxy does not know that Upgrade concerns one hop only, and does not understand a 101.',
      },
    ),
    ...accepted([['http-1-2', 'HTTP/1.2', { line: 'GET {path} HTTP/1.2' }]], {
      level: 'should',
      references: higherMinorVersion,
      why: "A later minor version of HTTP/1 can be read by today's servers.",
    }),
    ...openings(
      refusedLine,
      [
        ['http-2-0', 'HTTP/2.0 in a request line', { line: 'GET {path} HTTP/2.0' }],
        ['http-3-0', 'HTTP/3.0 in a request line', { line: 'GET {path} HTTP/3.0' }],
        ['http-0-9', 'HTTP/0.9 in a request line', { line: 'GET {path} HTTP/0.9' }],
      ],
      {
        level: 'should',
        references: rule(
          'RFC 9110 §15.6.6',
          'The 505 (HTTP Version Not Supported) status code indicates that the server does not support, or refuses to support, the major version of HTTP that was used in the request message.',
        ),
        why: 'No other major version has heads of text. A server that continues guesses what the client means.',
      },
    ),
    ...openings(
      refusedLine,
      [
        ['lower-case-version', 'http/1.1', { line: 'GET {path} http/1.1' }],
        ['other-name', 'HTTPS/1.1', { line: 'GET {path} HTTPS/1.1' }],
        ['no-version', 'No version', { line: 'GET {path}' }],
        ['no-minor-version', 'HTTP/1', { line: 'GET {path} HTTP/1' }],
        ['two-digits', 'HTTP/1.10', { line: 'GET {path} HTTP/1.10' }],
        ['three-numbers', 'HTTP/1.1.1', { line: 'GET {path} HTTP/1.1.1' }],
        ['comma', 'HTTP/1,1', { line: 'GET {path} HTTP/1,1' }],
        ['text-after', 'Text after the version', { line: 'GET {path} HTTP/1.1 HTTP/1.1' }],
      ],
      {
        level: 'should',
        references: [...httpVersion, ...invalidLine],
        why: 'A server and a proxy may guess different versions.',
      },
    ),
    ...openings(
      refusedLine,
      [
        ['asterisk', 'The target *', { line: 'GET * HTTP/1.1' }],
        ['authority', 'A host and port as the target', { line: 'GET example.com:80 HTTP/1.1' }],
        ['no-slash', 'A target without its slash', { line: 'GET chat HTTP/1.1' }],
        ['no-target', 'No target', { line: 'GET  HTTP/1.1' }],
        ['space-in-target', 'A space in the target', { line: 'GET {path}?a b HTTP/1.1' }],
        ['fragment', 'A fragment in the target', { line: 'GET {path}#a HTTP/1.1' }],
        ['not-ascii', 'A byte in the target that is not ASCII', { line: 'GET {path}?caf\xe9 HTTP/1.1' }],
        ['control', 'A control character in the target', { line: 'GET {path}?a\x01b HTTP/1.1' }],
        ['nul', 'A NUL in the target', { line: 'GET {path}?a\0b HTTP/1.1' }],
      ],
      {
        level: 'should',
        references: invalidLine,
        why: 'A proxy in front of the server may read another path from such a line, and allow it.',
      },
    ),
    ...openings(
      [
        ...ignored.filter(({ when }) => when.end === undefined),
        { verdict: 'pass', reason: 'It ended the connection.', when: { status: 'none', end: 'any' } },
      ],
      [['connect', 'CONNECT to another host', { line: 'CONNECT example.com:80 HTTP/1.1' }]],
      { why: 'A CONNECT asks for a tunnel, regardless of its fields.' },
    ),
    ...accepted([['absolute-form', 'A target with scheme and host', { line: 'GET http://{host}{path} HTTP/1.1' }]], {
      references: rule(
        'RFC 9112 §3.2.2',
        'A server MUST accept the absolute-form in requests even though most HTTP/1.1 clients will only send the absolute-form to a proxy.',
      ),
      why: 'Clients that use a proxy write such targets, and some proxies pass them on.',
    }),
    ...openedAndClosed(
      itsChoice,
      [
        [
          'absolute-form-other-host',
          'An absolute target, and another Host',
          { line: 'GET http://{host}{path} HTTP/1.1', fields: { Host: 'elsewhere.example' } },
        ],
        ['absolute-form-ws', 'A target that begins with ws:', { line: 'GET ws://{host}{path} HTTP/1.1' }],
        ['query', 'A query', { line: 'GET {path}?a=b&c=%20 HTTP/1.1' }],
        ['percent-encoded', 'Percent-encoded UTF-8 in the query', { line: 'GET {path}?q=%E2%82%AC HTTP/1.1' }],
        ['bad-percent-encoding', 'A percent sign without two digits', { line: 'GET {path}?q=%zz%2 HTTP/1.1' }],
        ['unknown-path', 'A path that the server does not serve', { line: 'GET /x-unheard-of/never HTTP/1.1' }],
      ],
      { level: 'policy', why: 'A server decides which targets it serves, but it must answer each of them.' },
    ),
    ...openedAndClosed(
      either('It split the line at white space, as RFC 9112 §3 allows.'),
      [
        ['two-spaces', 'Two spaces before the version', { line: 'GET {path}  HTTP/1.1' }],
        ['tab', 'A tab for a space', { line: 'GET\t{path} HTTP/1.1' }],
        ['space-before', 'A space before the method', { line: ' GET {path} HTTP/1.1' }],
        ['space-after', 'A space after the version', { line: 'GET {path} HTTP/1.1 ' }],
      ],
      { level: 'may', references: lenientLine, why: 'This leniency has helped to smuggle requests past proxies.' },
    ),
    ...accepted([['empty-line-before', 'An empty line before the request', { before: '\r\n' }]], {
      level: 'should',
      references: rule(
        'RFC 9112 §2.2',
        'In the interest of robustness, a server that is expecting to receive and parse a request-line SHOULD ignore at least one empty line (CRLF) received prior to the request-line.',
      ),
      why: 'Old clients send one after the body of the previous request.',
    }),
    ...openings(
      refusedLine,
      [['bare-cr', 'A bare CR at the end of the line', { line: 'GET {path} HTTP/1.1\rX-Other: a' }]],
      {
        references: bareCr,
        why: 'A server that reads CR as the end of a line sees fields that a proxy in front of it has not seen.',
      },
    ),
    ...accepted([['7900-bytes', 'A line of 7900 bytes', { line: `GET {path}?${'a'.repeat(7880)} HTTP/1.1` }]], {
      level: 'should',
      references: rule(
        'RFC 9112 §3',
        'It is RECOMMENDED that all HTTP senders and recipients support, at a minimum, request-line lengths of 8000 octets.',
      ),
      why: 'Tokens and signatures in the query make lines long.',
    }),
    {
      name: '70000-bytes',
      title: 'A line of 70 000 bytes',
      level: 'policy',
      references: rule(
        'RFC 9112 §3',
        'A server that receives a request-target longer than any URI it wishes to parse MUST respond with a 414 (URI Too Long) status code (see Section 15.5.15 of [HTTP]).',
      ),
      why: 'Without a limit, a single client can fill the memory of a server.',
      steps: [
        open(followed({ raw: 'GET {path}?' }, { bytes: { text: 'a', repeat: 70_000 } }, { bytes: longRest() })),
        ...closing(),
      ],
      outcomes: [
        { verdict: 'pass', reason: 'It answered 414.', when: { status: 414 } },
        { verdict: 'pass', reason: 'It refused the head as too large.', when: { status: 431 } },
        { verdict: 'info', reason: 'It refused the request, but not with 414.', when: { status: ['4xx', '5xx'] } },
        { verdict: 'info', reason: 'It has a higher limit.', when: { status: [101, '2xx', '3xx'] } },
        { verdict: 'info', reason: 'It ended the connection.', when: { status: 'none', end: 'any' } },
      ],
    },
  ],
)

/** The rest of a head with a long line. Placeholders are allowed in heads only. */
function longRest(): string {
  return head(
    ' HTTP/1.1',
    'Host: localhost',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
  )
}

const host: readonly Case[] = section(
  'server',
  'host',
  {
    references: rule(
      'RFC 9112 §3.2',
      'A server MUST respond with a 400 (Bad Request) status code to any HTTP/1.1 request message that lacks a Host header field and to any request message that contains more than one Host header field line or a Host header field with an invalid field value.',
    ),
    why: 'Servers and proxies choose a site by this field, and compare origins with it. They must read it in the same way.',
  },
  [
    ...openings(refusedWith400, [
      ['missing', 'No Host', { fields: { Host: null } }],
      ['two-alike', 'The same Host in two lines', { fields: { Host: ['{host}', '{host}'] } }],
      ['two-different', 'Two Hosts', { fields: { Host: ['{host}', 'elsewhere.example'] } }],
      ['list', 'Two hosts in one line', { fields: { Host: '{host}, elsewhere.example' } }],
      ['path', 'A host with a path', { fields: { Host: '{host}/chat' } }],
      ['query', 'A host with a query', { fields: { Host: '{host}?a' } }],
      ['scheme', 'A URL', { fields: { Host: 'http://{host}' } }],
      ['userinfo', 'A user name before the host', { fields: { Host: 'user@{host}' } }],
      ['space', 'A space in the host', { fields: { Host: 'exa mple.com' } }],
      ['letters-for-port', 'Letters for a port', { fields: { Host: 'example.com:http' } }],
      ['two-ports', 'Two ports', { fields: { Host: 'example.com:80:80' } }],
      ['open-bracket', 'An IPv6 address without its last bracket', { fields: { Host: '[::1' } }],
      ['bare-ipv6', 'An IPv6 address without brackets', { fields: { Host: '2001:db8::1' } }],
      ['bad-ipv6', 'Brackets around an invalid address', { fields: { Host: '[::g]' } }],
      ['bad-percent-encoding', 'A percent sign without two digits', { fields: { Host: 'exa%zmple.com' } }],
      ['angle-brackets', 'Angle brackets in the host', { fields: { Host: 'exa<>mple.com' } }],
      ['backslash', 'A backslash in the host', { fields: { Host: 'example.com\\elsewhere' } }],
      ['not-ascii', 'A byte that is not ASCII', { fields: { Host: 'ex\xe4mple.com' } }],
    ]),
    ...openedAndClosed(
      itsChoice,
      [
        ['empty', 'An empty Host', { fields: { Host: '' } }],
        ['other', 'A host that may be unknown to the server', { fields: { Host: 'elsewhere.example' } }],
        ['capitals', 'A host in capitals', { fields: { Host: 'EXAMPLE.COM' } }],
        ['empty-port', 'A colon without a port', { fields: { Host: 'example.com:' } }],
        ['trailing-dot', 'A dot at the end', { fields: { Host: 'example.com.' } }],
        ['underscore', 'An underscore', { fields: { Host: 'x_y.example.com' } }],
        ['ipv4', 'An IPv4 address', { fields: { Host: '192.0.2.1' } }],
        ['ipv6', 'An IPv6 address and a port', { fields: { Host: '[2001:db8::1]:8080' } }],
        ['ipv-future', 'An address of a future version of IP', { fields: { Host: '[v1.fe80::a]' } }],
        ['percent-encoded', 'A percent-encoded letter', { fields: { Host: 'ex%61mple.com' } }],
        ['port-65536', 'Port 65536', { fields: { Host: 'example.com:65536' } }],
      ],
      {
        level: 'policy',
        references: rule('RFC 9110 §7.2', 'Host = uri-host [ ":" port ] ; Section 4'),
        why: 'These are valid. A server decides which hosts it serves.',
      },
    ),
  ],
)

const lengthError = rule(
  'RFC 9112 §6.3',
  'If a message is received without Transfer-Encoding and with an invalid Content-Length header field, then the message framing is invalid and the recipient MUST treat it as an unrecoverable error, unless the field value can be successfully parsed as a comma-separated list (Section 5.6.1 of [HTTP]), all values in the list are valid, and all values in the list are the same (in which case, the message is processed with that single value used as the Content-Length field value).',
)
const codingError = rule(
  'RFC 9112 §6.3',
  'If a Transfer-Encoding header field is present in a request and the chunked transfer coding is not the final encoding, the message body length cannot be determined reliably; the server MUST respond with the 400 (Bad Request) status code and then close the connection.',
)

/** A request with a body: the server must refuse it, or read the body before the frames. */
const bodyOutcomes: readonly Outcome[] = [
  { verdict: 'fail', reason: 'It opened, and answered a ping in the body of the request.', when: { pongs: ['x'] } },
  { verdict: 'pass', reason: 'It refused a request with a body.', when: { status: ['4xx', '5xx'] } },
  {
    verdict: 'pass',
    reason: 'It read the body before the first frame.',
    when: { status: 101, close: [1000, 'empty'] },
  },
  { verdict: 'pass', reason: 'It answered by HTTP.', when: { status: ['2xx', '3xx'] } },
  endedWithoutResponse,
  {
    verdict: 'fail',
    reason: 'It opened, and read the body of the request as frames.',
    when: { status: 101 },
  },
]

const body: readonly Case[] = section(
  'server',
  'body',
  {
    why: 'If two recipients disagree on the end of a request, one of them reads the body as a new request, or as frames.',
  },
  [
    ...accepted([['length-0', 'Content-Length: 0', { fields: { 'Content-Length': '0' } }]], {
      level: 'should',
      references: rule(
        'RFC 9112 §6.3',
        'If a valid Content-Length header field is present without Transfer-Encoding, its decimal value defines the expected message body length in octets.',
      ),
      why: 'There is no body, as in every opening request.',
    }),
    ...openedAndClosed(
      bodyOutcomes,
      [
        ['length-5', 'A body of five bytes', followed({ fields: { 'Content-Length': '5' } }, { bytes: 'hello' })],
        [
          'frame-in-body',
          'A body that is a ping frame',
          followed({ fields: { 'Content-Length': '7' } }, { bytes: { hex: '89 81 37fa213d 4f' } }),
        ],
        [
          'chunked',
          'A body in one chunk',
          followed({ fields: { 'Transfer-Encoding': 'chunked' } }, { bytes: '5\r\nhello\r\n0\r\n\r\n' }),
        ],
        [
          'chunked-empty',
          'A chunked body without a chunk',
          followed({ fields: { 'Transfer-Encoding': 'chunked' } }, { bytes: '0\r\n\r\n' }),
        ],
      ],
      {
        references: rule('RFC 9112 §6', 'Request message framing is independent of method semantics.'),
      },
    ),
    ...openings(
      refusedWith400,
      [
        ['length-plus-sign', 'Content-Length: +0', { fields: { 'Content-Length': '+0' } }],
        ['length-minus-sign', 'Content-Length: -1', { fields: { 'Content-Length': '-1' } }],
        ['length-hexadecimal', 'Content-Length: 0x0', { fields: { 'Content-Length': '0x0' } }],
        ['length-word', 'Content-Length: none', { fields: { 'Content-Length': 'none' } }],
        ['length-two-numbers', 'Content-Length: 0 0', { fields: { 'Content-Length': '0 0' } }],
        ['length-empty', 'An empty Content-Length', { fields: { 'Content-Length': '' } }],
        ['length-list', 'Content-Length: 0, 5', { fields: { 'Content-Length': '0, 5' } }],
        ['length-two-lines', 'Content-Length 0 and 5', { fields: { 'Content-Length': ['0', '5'] } }],
      ],
      { references: lengthError },
    ),
    ...openedAndClosed(
      either('It treated equal lengths as one, as RFC 9112 §6.3 allows.'),
      [['length-alike', 'Content-Length: 0, 0', { fields: { 'Content-Length': '0, 0' } }]],
      { level: 'may', references: lengthError },
    ),
    ...openings(
      [
        {
          verdict: 'pass',
          reason: 'It answered 501, as it should for an unknown coding (RFC 9112 §6.1).',
          when: { status: 501 },
        },
        ...refusedWith400,
      ],
      [
        [
          'coding-after-chunked',
          'Transfer-Encoding: chunked, gzip',
          { fields: { 'Transfer-Encoding': 'chunked, gzip' } },
        ],
        ['coding-identity', 'Transfer-Encoding: identity', { fields: { 'Transfer-Encoding': 'identity' } }],
        ['coding-longer-name', 'Transfer-Encoding: xchunked', { fields: { 'Transfer-Encoding': 'xchunked' } }],
      ],
      { references: codingError },
    ),
    ...openings(
      [
        { verdict: 'pass', reason: 'It refused the request.', when: { status: ['4xx', '5xx'] } },
        { verdict: 'info', reason: 'It answered by HTTP.', when: { status: ['2xx', '3xx'] } },
        endedWithoutResponse,
        {
          verdict: 'fail',
          reason: 'It opened on a connection that it must close.',
          when: { status: 101 },
        },
      ],
      [
        [
          'length-and-coding',
          'Content-Length and Transfer-Encoding',
          followed({ fields: { 'Content-Length': '0', 'Transfer-Encoding': 'chunked' } }, { bytes: '0\r\n\r\n' }),
        ],
      ],
      {
        references: rule(
          'RFC 9112 §6.1',
          'Regardless, the server MUST close the connection after responding to such a request to avoid the potential attacks.',
        ),
      },
    ),
    ...openedAndClosed(
      itsChoice,
      [['expect-continue', 'Expect: 100-continue', { fields: { Expect: '100-continue' } }]],
      {
        level: 'policy',
        references: rule(
          'RFC 9110 §7.8',
          'If a server receives both an Upgrade and an Expect header field with the "100-continue" expectation (Section 10.1.1), the server MUST send a 100 (Continue) response before sending a 101 (Switching Protocols) response.',
        ),
        why: 'Some HTTP libraries send it by default. There is no body to wait for, so many servers leave the 100 out.',
      },
    ),
  ],
)

/** The cases of the request line, of `Host` and of bodies. */
export const httpServer: readonly Case[] = [...requestLine, ...host, ...body]
