/** Reports for tests: one with each verdict, and one with a peer's text that tries to break out of each format. */

import type { CaseResult, Report } from '../../../src/testing/result.ts'

/** Markup, ends of CDATA and scripts, fences, terminal controls, a mark that reverses a line, and half a surrogate pair. */
export const hostile = `<img src=x onerror=alert(1)> ]]> </script> \`\`\` | & "q" 'q' \u001b[31m\u0000\r\n\u202e\ud800\uffff`

export function result(changes: Partial<CaseResult> = {}): CaseResult {
  return {
    id: 'server/framing/opcode-3',
    title: 'A frame with the reserved opcode 3',
    why: 'An endpoint that ignores it loses data.',
    level: 'must',
    carrier: 'http/1.1',
    references: [{ section: 'RFC 6455 §5.2', quote: 'the receiving endpoint MUST _Fail the WebSocket Connection_' }],
    verdict: 'pass',
    reason: 'It closed the connection with 1002.',
    expected: ['It closed the connection with 1002.'],
    ending: { how: 'closed', by: 'agent', code: 1002 },
    transcript: [
      {
        at: 0,
        from: 'suite',
        type: 'bytes',
        size: 18,
        hex: '474554202f20485454502f312e310d0a0d0a',
        notes: ['GET / HTTP/1.1', ''],
      },
      { at: 1.25, from: 'suite', type: 'bytes', size: 6, hex: '838037fa213d', notes: ['opcode 3, fin, 0 bytes'] },
      { at: 2, from: 'agent', type: 'bytes', size: 4, hex: '880203ea', notes: ['close, fin, 2 bytes: 1002'] },
      { at: 2.5, from: 'agent', type: 'end', size: 0, hex: '', notes: [] },
    ],
    duration: 3,
    ...changes,
  }
}

export function report(results: readonly CaseResult[], name = 'ws', version = '8.23.0'): Report {
  return { format: 1, suite: '0.1.0', side: 'server', agent: { name, version }, seed: 7, duration: 1234, results }
}

/** One result of each verdict. */
export const mixed: Report = report([
  result({ id: 'server/handshake/sound' }),
  result({
    id: 'server/handshake/http-1.0',
    verdict: 'fail',
    reason: 'It answered 101 to HTTP/1.0.',
    expected: ['It refused with 400.', 'It answered with 200 and ignored Upgrade.'],
    ending: { how: 'open', by: 'suite' },
  }),
  result({
    verdict: 'warn',
    level: 'should',
    reason: 'It sent no Close.',
    ending: { how: 'dropped', by: 'agent' },
    transcript: [],
  }),
  result({ id: 'server/framing/limit', verdict: 'info', level: 'policy', reason: 'It accepts 16 MiB.' }),
  result({
    id: 'server/deflate/offer',
    verdict: 'skip',
    reason: 'It does not agree on permessage-deflate.',
    transcript: [],
  }),
  result({
    id: 'server/deflate/other',
    verdict: 'error',
    reason: 'connect ECONNREFUSED',
    ending: undefined,
    transcript: [],
  }),
])

/** A failure in which all of the peer's text is hostile. */
export const bad: CaseResult = result({
  verdict: 'fail',
  reason: `It sent ${hostile}`,
  ending: { how: 'closed', by: 'agent', code: 1000, reason: hostile },
  transcript: [{ at: 0, from: 'agent', type: 'bytes', size: 300, hex: 'ff'.repeat(256), notes: [hostile] }],
})

/** As many agents and cases as in a large run. Each agent fails different cases. Keys and times differ in each result. */
export function manyReports(agents: number, cases: number): readonly Report[] {
  return Array.from({ length: agents }, (_, agent) =>
    report(
      Array.from({ length: cases }, (_, number) => manyResult(agent, number)),
      `agent-${agent}`,
      `1.${agent}`,
    ),
  )
}

const sections = ['handshake', 'header-grammar', 'framing', 'masking', 'control', 'fragmentation', 'utf8', 'closing']

function manyResult(agent: number, number: number): CaseResult {
  const hex = (text: string) => Buffer.from(text, 'latin1').toString('hex')
  const verdict = (['pass', 'pass', 'pass', 'pass', 'pass', 'pass', 'pass', 'skip', 'warn', 'fail'] as const)[
    (number * 7 + agent * ((number % 11) + 1)) % 10
  ]
  const key = Buffer.from(`the key of ${number}`.padEnd(16)).toString('base64')
  const request = [
    'GET / HTTP/1.1',
    'Host: localhost',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${key}`,
  ]
  const response = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${key}${agent}`,
  ]
  const payload = number.toString(16).padStart(8, '0')
  const entry = (at: number, from: 'agent' | 'suite', bytes: string, notes: readonly string[]) => ({
    at: at + agent / 7 + number / 13,
    from,
    type: 'bytes' as const,
    size: bytes.length / 2,
    hex: bytes,
    notes,
  })
  return result({
    id: `server/${sections[Math.floor((number * sections.length) / 600)] ?? 'limits'}/case-${number}`,
    title: `Case ${number}: a text of eight characters, in two fragments with a ping between them`,
    verdict: verdict ?? 'pass',
    reason:
      verdict === 'fail'
        ? `It sent a Close with 1000 in case ${number}, where 1002 is expected.`
        : 'It sent each message back.',
    expected: [
      'It sent each message back.',
      `It closed the connection with 1002, because it does not accept ${payload}.`,
    ],
    ending: { how: 'closed', by: 'agent', code: 1000 },
    transcript: [
      entry(0, 'suite', hex(request.join('\r\n')), request),
      entry(1, 'agent', hex(response.join('\r\n')), response),
      entry(2, 'suite', `818837fa213d${payload}${payload}898037fa213d`, [
        `text, fin, masked 37fa213d, 8 bytes: "${payload}"`,
        'ping, fin, masked 37fa213d, 0 bytes',
      ]),
      entry(3, 'agent', `8108${payload}${payload}8a00`, [`text, fin, 8 bytes: "${payload}"`, 'pong, fin, 0 bytes']),
      entry(4, 'suite', '888237fa213d3412', ['close, fin, masked 37fa213d, 2 bytes: 1000 Normal Closure']),
      entry(5, 'agent', '880203e8', ['close, fin, 2 bytes: 1000 Normal Closure']),
      { at: 6, from: 'agent', type: 'end', size: 0, hex: '', notes: [] },
      { at: 6, from: 'suite', type: 'end', size: 0, hex: '', notes: [] },
    ],
  })
}
