/** Results as text for a terminal. */

import { expect, test } from 'vitest'
import { formatText } from '../../../src/cli/output/text.ts'
import { bad, mixed, report, result } from './fixtures.ts'

test('counts by section, then what did not pass in full, then the rest by its reason', () => {
  expect(formatText([mixed])).toBe(`ws 8.23.0 as a server: 6 cases of websocket-primitives 0.1.0, seed 7

              fail  error   warn   info   skip   pass
  handshake      1      ·      ·      ·      ·      1
  framing        ·      ·      1      1      ·      ·
  deflate        ·      1      ·      ·      1      ·
  all            1      1      1      1      1      1

FAIL server/handshake/http-1.0 (must)
  title     A frame with the reserved opcode 3
  came      It answered 101 to HTTP/1.0.
  expected  It refused with 400.
  or        It answered with 200 and ignored Upgrade.
  rule      RFC 6455 §5.2: “the receiving endpoint MUST _Fail the WebSocket Connection_”
  ending    open: the agent neither closed nor ended; the suite had to end (the suite first)
      0.0 ms  suite  18 bytes
               GET / HTTP/1.1
      1.3 ms  suite  6 bytes: 83 80 37 fa 21 3d
               opcode 3, fin, 0 bytes
      2.0 ms  agent  4 bytes: 88 02 03 ea
               close, fin, 2 bytes: 1002
      2.5 ms  agent  ends its direction

ERROR server/deflate/other (must)
  title     A frame with the reserved opcode 3
  came      connect ECONNREFUSED
  expected  It failed the connection with 1002.
  rule      RFC 6455 §5.2: “the receiving endpoint MUST _Fail the WebSocket Connection_”
  ending    there was no connection

WARN server/framing/opcode-3 (should)
  title     A frame with the reserved opcode 3
  came      It sent no Close.
  expected  It failed the connection with 1002.
  rule      RFC 6455 §5.2: “the receiving endpoint MUST _Fail the WebSocket Connection_”
  ending    dropped: the agent ended the transport without a Close (the agent first)

INFO It takes 16 MiB.
  server/framing/limit

SKIP It does not agree on permessage-deflate.
  server/deflate/offer

1 fail, 1 error, 1 warn, 1 info, 1 skip, 1 pass; 2 problems; 1.2 s
`)
})

test('text of a peer cannot control a terminal or reverse a line', () => {
  const text = formatText([report([bad], `evil\u001b[2J`)])
  expect(text).not.toMatch(/[^\P{C}\n]/u)
  expect(text).toContain('evil\\u{1b}[2J 8.23.0 as a server')
  expect(text).toContain('\\u{1b}[31m\\u{0}\\u{d}\\u{a}\\u{202e}\\u{d800}\\u{ffff}')
})

test('a long transcript is cut in the middle, a long entry at its end', () => {
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
