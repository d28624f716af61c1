/** Results as text for a terminal. */

import { expect, test } from 'vitest'
import { defaultProblem } from '../../../src/cli/output/formatter.ts'
import { formatText } from '../../../src/cli/output/text.ts'
import type { CaseResult } from '../../../src/testing/result.ts'
import { bad, mixed, report, result } from './fixtures.ts'

const known = ['server/handshake/http-1.0', 'server/deflate/other']

test('prints counts by section, a line for each other result, then each problem in full', () => {
  expect(formatText([mixed])).toBe(`ws 8.23.0 as a server: 6 cases of websocket-primitives 0.1.0, seed 7

              fail  error   warn   info   skip   pass
  handshake      1      ·      ·      ·      ·      1
  framing        ·      ·      1      1      ·      ·
  deflate        ·      1      ·      ·      1      ·
  all            1      1      1      1      1      1

SKIP 1 case: It does not agree on permessage-deflate.

INFO server/framing/limit: It accepts 16 MiB.

WARN server/framing/opcode-3: It sent no Close.

FAIL server/handshake/http-1.0 (must)
  title     A frame with the reserved opcode 3
  actual    It answered 101 to HTTP/1.0.
  expected  It refused with 400.
  or        It answered with 200 and ignored Upgrade.
  rule      RFC 6455 §5.2: “the receiving endpoint MUST _Fail the WebSocket Connection_”
  why       An endpoint that ignores it loses data.
  ending    open: the agent neither sent a Close nor ended the transport, so the suite ended it (the suite first)
      0.0 ms  suite  18 bytes
               GET / HTTP/1.1
      1.3 ms  suite  6 bytes: 83 80 37 fa 21 3d
               opcode 3, fin, 0 bytes
      2.0 ms  agent  4 bytes: 88 02 03 ea
               close, fin, 2 bytes: 1002
      2.5 ms  agent  ends its direction

ERROR server/deflate/other (must)
  title     A frame with the reserved opcode 3
  actual    connect ECONNREFUSED
  expected  It closed the connection with 1002.
  rule      RFC 6455 §5.2: “the receiving endpoint MUST _Fail the WebSocket Connection_”
  why       An endpoint that ignores it loses data.
  ending    there was no connection

1 fail, 1 error, 1 warn, 1 info, 1 skip, 1 pass; 2 problems; 1.2 s
`)
})

test('prints a line for an expected failure, and in full why the run fails at the end', () => {
  const problem = ({ id, verdict, reason }: CaseResult) =>
    verdict === 'pass'
      ? `It passes now: ${reason}`
      : known.includes(id)
        ? undefined
        : defaultProblem({ verdict, reason })
  const text = formatText([mixed], { problem })
  expect(text.match(/^[A-Z]+ .*$/gm)).toEqual([
    'SKIP 1 case: It does not agree on permessage-deflate.',
    'INFO server/framing/limit: It accepts 16 MiB.',
    'WARN server/framing/opcode-3: It sent no Close.',
    'ERROR (expected) server/deflate/other: connect ECONNREFUSED',
    'FAIL (expected) server/handshake/http-1.0: It answered 101 to HTTP/1.0.',
    'PASS server/handshake/sound (must)',
  ])
  expect(text).toContain('  actual    It passes now: It closed the connection with 1002.\n')
})

test('prints one line for each problem with `brief`', () => {
  const lines = formatText([mixed], { brief: true }).trimEnd().split('\n')
  expect(lines.slice(-4)).toEqual([
    'FAIL server/handshake/http-1.0: It answered 101 to HTTP/1.0.',
    'ERROR server/deflate/other: connect ECONNREFUSED',
    '',
    '1 fail, 1 error, 1 warn, 1 info, 1 skip, 1 pass; 2 problems; 1.2 s',
  ])
})

test('prints the first of many problems with one reason in full, and lists the others', () => {
  const fails = (count: number) =>
    Array.from({ length: count }, (_, i) =>
      result({ id: `client/a/${i}`, verdict: 'fail', reason: `It broke RFC 6455 §5.1: unmasked frame, at byte ${i}.` }),
    )
  const text = formatText([report([...fails(5), result({ verdict: 'fail', reason: 'Another.' })])])
  expect(text.match(/^(FAIL| {2}actual) .*$/gm)).toEqual([
    'FAIL client/a/0 (must)',
    '  actual    It broke RFC 6455 §5.1: unmasked frame, at byte 0.',
    'FAIL server/framing/opcode-3 (must)',
    '  actual    Another.',
  ])
  expect(text).toContain(`
  The same outcome in 4 other cases; they may have one cause: fix it and run again.
    client/a/1: A frame with the reserved opcode 3
    client/a/2: A frame with the reserved opcode 3
    client/a/3: A frame with the reserved opcode 3
    client/a/4: A frame with the reserved opcode 3

FAIL server/framing`)
  expect(formatText([report(fails(3))]).match(/^FAIL /gm)).toHaveLength(3)
})

test("escapes a peer's text that could control a terminal or reverse a line", () => {
  const text = formatText([report([bad], `evil\u001b[2J`)])
  expect(text).not.toMatch(/[^\P{C}\n]/u)
  expect(text).toContain('evil\\u{1b}[2J 8.23.0 as a server')
  expect(text).toContain('\\u{1b}[31m\\u{0}\\u{d}\\u{a}\\u{202e}\\u{d800}\\u{ffff}')
})

test('cuts a long transcript in the middle, and a long entry at its end', () => {
  const [entry] = bad.transcript
  if (entry === undefined) throw new Error('the fixture has no entry')
  const transcript = Array.from({ length: 1000 }, (_, at) => ({ ...entry, at, notes: Array(100).fill('a note') }))
  const text = formatText([report([result({ verdict: 'fail', transcript })])])
  expect(text).toContain(`3.0 ms  agent  300 bytes: ${'ff '.repeat(32)}…\n`)
  expect(text).toContain('… 988 more …\n    992.0')
  expect(text).toContain('a note\n               … 88 more …')
  expect(text.split('\n').length).toBeLessThan(190)
})

test('no results', () => {
  expect(formatText([report([])])).toContain('\nno case; 0 problems; 1.2 s\n')
})
