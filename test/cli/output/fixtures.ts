/** Reports made by hand: each verdict, and text of a peer that tries to break out of each format. */

import type { CaseResult, Report } from '../../../src/testing/result.ts'

/** Markup, ends of CDATA and scripts, fences, controls of a terminal, a mark that reverses a line, half a surrogate pair. */
export const hostile = `<img src=x onerror=alert(1)> ]]> </script> \`\`\` | & "q" 'q' \u001b[31m\u0000\r\n\u202e\ud800\uffff`

export function result(changes: Partial<CaseResult> = {}): CaseResult {
  return {
    id: 'server/framing/opcode-3',
    title: 'A frame with the reserved opcode 3',
    level: 'must',
    carrier: 'http/1.1',
    references: [{ section: 'RFC 6455 §5.2', quote: 'the receiving endpoint MUST _Fail the WebSocket Connection_' }],
    verdict: 'pass',
    reason: 'It failed the connection with 1002.',
    expected: ['It failed the connection with 1002.'],
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
  result({ id: 'server/framing/limit', verdict: 'info', level: 'policy', reason: 'It takes 16 MiB.' }),
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

/** A failure in which all text of the peer is hostile. */
export const bad: CaseResult = result({
  verdict: 'fail',
  reason: `It sent ${hostile}`,
  ending: { how: 'closed', by: 'agent', code: 1000, reason: hostile },
  transcript: [{ at: 0, from: 'agent', type: 'bytes', size: 300, hex: 'ff'.repeat(256), notes: [hostile] }],
})
