/** A case in words and bytes. */

import { expect, test } from 'vitest'
import { clientCases, serverCases } from '../../../src/cases/all.ts'
import { explainCase, explainSteps } from '../../../src/cli/output/explain-case.ts'
import type { Case, Step } from '../../../src/testing/case.ts'
import { share } from '../../share.ts'

const one: Case = {
  id: 'server/framing/opcode-3',
  since: '0.1.0',
  title: 'An empty frame with the reserved opcode 3',
  why: 'An endpoint that ignores such frames loses data silently.',
  level: 'must',
  references: [{ section: 'RFC 6455 §5.2', quote: 'If an unknown opcode is received …' }],
  side: 'server',
  carriers: ['http/1.1', 'http/2'],
  needs: ['echo'],
  autobahn: ['4.1.1'],
  passive: true,
  steps: [
    { do: 'open' },
    { do: 'send', pieces: [{ frame: { opcode: 3 } }, { frame: { opcode: 8, payload: { hex: '03e8' } } }] },
    { do: 'await', for: 'close' },
  ],
  outcomes: [
    { verdict: 'pass', reason: 'It closed the connection with 1002.', when: { close: 1002, messages: [] } },
    { verdict: 'warn', reason: 'It did something else.', when: {} },
  ],
}

test('explains the rule, steps and outcomes of a case', () => {
  expect(explainCase(one)).toBe(`server/framing/opcode-3
An empty frame with the reserved opcode 3

Level: must. Since 0.1.0. Side: server. Over: http/1.1, http/2. Needs: echo.
In the Autobahn test suite: 4.1.1.

An endpoint that ignores such frames loses data silently.

RFC 6455 §5.2: “If an unknown opcode is received …”

Steps
  1. The suite opens the connection with a valid request.
       GET / HTTP/1.1
       Host: server.example.com
       Upgrade: websocket
       Connection: Upgrade
       Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
       Sec-WebSocket-Version: 13
  2. The suite sends 2 frames.
       reserved opcode 3, fin, masked 37fa213d, 0 bytes
       close, fin, masked 37fa213d, 2 bytes: 1000 Normal Closure
       83 80 37 fa 21 3d 88 82 37 fa 21 3d 34 12
  3. The suite waits for the agent's Close.
  The suite does not answer pings and Close frames automatically in this case.

Outcomes (the first one that fits counts)
  pass  It closed the connection with 1002.
        If there is: a Close with 1002; no message.
  warn  It did something else.
        In any other case.`)
})

test.each<[text: string, step: Step, changes?: Partial<Case>]>([
  ['The suite opens the connection with this request.', { do: 'open', fields: { Host: null } }],
  [
    'The suite opens the connection with a valid request, and in the same write 1 frame and bytes, byte by byte, and does not wait for the response.',
    // biome-ignore lint/suspicious/noThenProperty: a step is data, which no code awaits.
    { do: 'open', then: [{ frame: { opcode: 9 } }, { bytes: 'x' }], chunks: 'bytes', wait: false },
  ],
  [
    "The suite answers the agent's request with this response.",
    { do: 'open', line: 'HTTP/1.1 404 Not Found' },
    { side: 'client' },
  ],
  [
    'The suite sends 70 frames, in writes of 1, 2 bytes.',
    { do: 'send', pieces: [{ frame: { opcode: 9 }, repeat: 70 }], chunks: { sizes: [1, 2] } },
  ],
  [
    'The suite sends bytes, in writes of 1 to 8 bytes (step “late”).',
    { do: 'send', pieces: [{ bytes: '' }], chunks: { seed: 1 }, label: 'late' },
  ],
  ['The suite waits for a pong.', { do: 'await', for: 'pong' }],
  ['The suite waits for 3 messages in all.', { do: 'await', for: 'message', count: 3 }],
  [
    "The suite waits for the end of the transport, at most a quarter of the case's time.",
    { do: 'await', for: 'end', briefly: true },
  ],
  ['The suite ends its direction of the transport.', { do: 'end' }],
  ['The suite resets the transport.', { do: 'reset' }],
])('%s', (text, step, changes = {}) => {
  expect(explainSteps({ ...one, ...changes, steps: [step] }).map((explained) => explained.text)).toEqual([text])
})

test('cuts long steps', () => {
  const pieces = Array(20).fill({ bytes: { random: 100, seed: 1 } })
  const [step] = explainSteps({ ...one, steps: [{ do: 'send', pieces }] })
  expect(step?.notes).toEqual([...Array(8).fill('100 bytes'), '… and 12 more'])
  expect(step?.hex).toMatch(/^([\da-f]{2} ){64}…$/)
})

test('shows characters of a head that a terminal would hide', () => {
  const [step] = explainSteps({ ...one, steps: [{ do: 'open', raw: 'GET / HTTP/1.1\nHost: a\r\n\r\n' }] })
  expect(step?.notes).toEqual(['GET / HTTP/1.1\nHost: a'])
  expect(explainCase({ ...one, steps: [{ do: 'open', raw: 'GET / HTTP/1.1\nHost: a\r\n\r\n' }] })).toContain(
    '       GET / HTTP/1.1\\u{a}Host: a\n',
  )
})

test('explains each case of the suite', () => {
  for (const each of share([...serverCases, ...clientCases], 7)) {
    const lines = explainCase(each).split('\n')
    expect(lines[0]).toBe(each.id)
    expect(lines.join('\n')).not.toMatch(/undefined|\[object|NaN|[^\P{C}\n]/u)
  }
})
