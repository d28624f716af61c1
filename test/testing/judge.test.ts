import { describe, expect, test } from 'vitest'
import type { Conditions, Outcome } from '../../src/testing/case.ts'
import { createDataCache, findUnmet, type Seen } from '../../src/testing/conditions.ts'
import { type Evidence, judge } from '../../src/testing/judge.ts'
import { describeConditions, describeSeen } from '../../src/testing/words.ts'
import { caseOf, open } from './agents.ts'

const nothing: Seen = {
  status: undefined,
  line: undefined,
  fields: undefined,
  freshKey: false,
  messages: [],
  pongs: [],
  freshMasks: true,
  close: undefined,
  unfinished: undefined,
  end: undefined,
}

const bytes = (text: string) => new TextEncoder().encode(text)
const message = (type: 'text' | 'binary', text: string) => ({ type, data: bytes(text) })

function unmet(when: Conditions, seen: Partial<Seen>, early?: Partial<Seen>): readonly string[] {
  const labels = new Map(early === undefined ? [] : [['label', { ...nothing, ...early }]])
  return findUnmet(when, { last: { ...nothing, ...seen }, labels, bytesOf: createDataCache() })
}

describe('conditions', () => {
  test.each<[Conditions, holds: Partial<Seen>, fails: Partial<Seen>]>([
    [{ status: 101 }, { status: 101 }, { status: 200 }],
    [{ status: '4xx' }, { status: 426 }, { status: 500 }],
    [{ status: 'none' }, {}, { status: 500 }],
    [{ status: [400, '5xx', 'none'] }, { status: 503 }, { status: 401 }],
    [{ status: '4xx' }, { status: 400 }, {}],
    [{ line: '^GET ' }, { line: 'GET / HTTP/1.1' }, { line: 'PUT / HTTP/1.1' }],
    [{ line: '' }, { line: '' }, {}],
    [{ freshKey: true }, { freshKey: true }, {}],
    [{ freshMasks: true }, {}, { freshMasks: false }],
    [{ messages: [] }, {}, { messages: [message('text', '')] }],
    [{ messages: [{ text: 'a' }] }, { messages: [message('text', 'a')] }, { messages: [message('binary', 'a')] }],
    [
      { messages: [{ binary: { hex: '61' } }] },
      { messages: [message('binary', 'a')] },
      { messages: [message('binary', 'b')] },
    ],
    [{ pongs: ['a', ''] }, { pongs: [bytes('a'), bytes('')] }, { pongs: [bytes(''), bytes('a')] }],
    [{ pongs: ['a', 'b'] }, { pongs: ['x', 'a', '', 'b', 'a'].map(bytes) }, { pongs: [bytes('a'), bytes('a')] }],
    [{ lastPong: 'b' }, { pongs: [bytes('a'), bytes('b')] }, { pongs: [] }],
    [{ close: 1000 }, { close: { code: 1000, reason: 'x' } }, { close: { code: 1005, reason: '' } }],
    [{ close: 'empty' }, { close: { code: 1005, reason: '' } }, { close: { code: 1000, reason: '' } }],
    [{ close: 'none' }, {}, { close: { code: 1005, reason: '' } }],
    [{ close: 'any' }, { close: { code: 1005, reason: '' } }, {}],
    [{ close: [1002, 'none'] }, {}, { close: { code: 1000, reason: '' } }],
    [{ close: [1002, 'none'] }, { close: { code: 1002, reason: '' } }, { close: { code: 1005, reason: '' } }],
    [{ reason: 'é' }, { close: { code: 1000, reason: 'é' } }, { close: { code: 1000, reason: 'e' } }],
    [{ reason: '' }, { close: { code: 1000, reason: '' } }, {}],
    [{ end: 'fin' }, { end: 'fin' }, { end: 'reset' }],
    [{ end: 'reset' }, { end: 'reset' }, {}],
    [{ end: 'any' }, { end: 'fin' }, {}],
    [{ end: 'none' }, {}, { end: 'fin' }],
  ])('%j', (when, holds, fails) => {
    expect(unmet(when, holds)).toEqual([])
    expect(unmet(when, fails)).toEqual(Object.keys(when))
  })

  const fields = [
    ['Upgrade', 'WebSocket'],
    ['Connection', 'keep-alive'],
    ['connection', 'Upgrade'],
    ['Sec-WebSocket-Extensions', 'a; x=9; y, permessage-deflate; server_max_window_bits=10'],
    [':status', '200'],
  ] as const
  test.each<[Required<Conditions>['fields'], Required<Conditions>['fields']]>([
    [{ upgrade: 'WebSocket' }, { upgrade: 'websocket' }],
    [{ ':status': '200' }, { ':status': '101' }],
    [{ connection: 'keep-alive, Upgrade' }, { connection: 'Upgrade' }],
    [{ host: null }, { upgrade: null }],
    [{ upgrade: { present: true } }, { host: { present: true } }],
    [{ connection: { token: 'upgrade' } }, { connection: { token: 'up' } }],
    [{ upgrade: { pattern: '^Web' } }, { upgrade: { pattern: '^web' } }],
    [
      { 'sec-websocket-extensions': { extension: 'a', with: ['x'], without: ['z'], max: { x: 9 } } },
      { 'sec-websocket-extensions': { extension: 'a', with: ['z'] } },
    ],
    [
      { 'sec-websocket-extensions': { extension: 'permessage-deflate', max: { server_max_window_bits: 10 } } },
      { 'sec-websocket-extensions': { extension: 'permessage-deflate', max: { server_max_window_bits: 9 } } },
    ],
    [{ upgrade: { present: true } }, { 'sec-websocket-extensions': { extension: 'a', without: ['x'] } }],
    [{ upgrade: { present: true } }, { 'sec-websocket-extensions': { extension: 'a', max: { z: 1 } } }],
    [{ upgrade: { present: true } }, { upgrade: { extension: 'b' } }],
  ])('fields %j', (holds, fails) => {
    expect(unmet({ fields: holds }, { fields })).toEqual([])
    expect(unmet({ fields: fails }, { fields })).toEqual(['fields'])
    expect(unmet({ fields: holds }, {})).toEqual(['fields'])
  })

  test('before a label: all other conditions must have held there', () => {
    const close = { code: 1007, reason: '' }
    const when = { close: 1007, before: 'label' } as const
    expect(unmet(when, { close }, { close })).toEqual([])
    expect(unmet(when, { close }, {})).toEqual(['before'])
    expect(unmet(when, {}, {})).toEqual(['close'])
    // The step never began.
    expect(unmet(when, { close })).toEqual(['before'])
  })
})

describe('verdicts', () => {
  const values = { host: 'a.example', path: '/a.b', key: 'k', accept: 'x', subprotocol: 'chat' }
  const evidence = (last: Partial<Seen>, more: Partial<Evidence> = {}): Evidence => ({
    last: { ...nothing, ...last },
    labels: new Map(),
    bytesOf: createDataCache(),
    values,
    answered: true,
    opened: true,
    fault: undefined,
    headFault: undefined,
    lacks: undefined,
    spent: undefined,
    ...more,
  })
  const outcome = (verdict: Outcome['verdict'], when: Conditions): Outcome => ({ verdict, reason: `${verdict}.`, when })
  const withOutcomes = (...outcomes: readonly Outcome[]) => ({ ...caseOf('server', [open()], {}), outcomes })

  test('chooses the first outcome that fits', () => {
    const one = withOutcomes(outcome('pass', { close: 1002 }), outcome('warn', { close: 'any' }), outcome('fail', {}))
    expect(judge(one, evidence({ close: { code: 1002, reason: '' } }))).toEqual({ verdict: 'pass', reason: 'pass.' })
    expect(judge(one, evidence({ close: { code: 1000, reason: '' } }))).toEqual({ verdict: 'warn', reason: 'warn.' })
    expect(judge(one, evidence({}))).toEqual({ verdict: 'fail', reason: 'fail.' })
  })

  test.each([
    ['must', 'fail'],
    ['should', 'warn'],
    ['may', 'info'],
    ['policy', 'info'],
  ] as const)('gives a %s case a %s at worst', (level, verdict) => {
    const failing = { ...withOutcomes(outcome('fail', {})), level }
    expect(judge(failing, evidence({})).verdict).toBe(verdict)
    const warning = { ...withOutcomes(outcome('warn', {})), level }
    expect(judge(warning, evidence({})).verdict).toBe(verdict === 'info' ? 'info' : 'warn')
    const none = { ...withOutcomes(outcome('pass', { close: 1002 })), level }
    expect(judge(none, evidence({}, { spent: 2000 }))).toEqual({
      verdict,
      reason:
        verdict === 'info'
          ? 'No rule is broken: it sent nothing more within 2000 ms. A pass requires a Close with 1002 (RFC 6455 §5.1).'
          : 'Expected a Close with 1002 (RFC 6455 §5.1); it sent nothing more within 2000 ms.',
    })
  })

  test('describes the closest good outcome if none fits', () => {
    const one = withOutcomes(
      outcome('pass', { messages: [{ text: 'a' }], pongs: ['b'], close: 1000 }),
      outcome('pass', { close: 1002, messages: [] }),
      outcome('warn', { end: 'reset' }),
    )
    const seen = { messages: [message('text', 'a')], pongs: [bytes('b')], end: 'fin' } as const
    expect(judge(one, evidence(seen)).reason).toBe(
      'Expected a Close with 1000 (RFC 6455 §5.1); it sent the text "a", then a pong "b" and ended the connection.',
    )
    expect(judge(withOutcomes(outcome('fail', { end: 'reset' })), evidence(seen)).reason).toBe(
      'No outcome of the case fits (RFC 6455 §5.1): it sent the text "a", then a pong "b" and ended the connection.',
    )
  })

  test('reports nothing else if the head is not as expected', () => {
    const reasonFor = (when: Conditions, seen: Partial<Seen>) =>
      judge(withOutcomes(outcome('pass', when)), evidence(seen)).reason
    const close = { code: 1000, reason: '' }
    expect(reasonFor({ status: 101, close: 1000 }, { status: 400, fields: [] })).toBe(
      'Expected status 101 (RFC 6455 §5.1); it answered 400.',
    )
    const fields = { upgrade: 'websocket', host: { present: true } } as const
    expect(reasonFor({ fields }, { fields: [['upgrade', 'h2c']], close })).toBe(
      'Expected upgrade: websocket, not "h2c" and host, which is absent (RFC 6455 §5.1).',
    )
    expect(reasonFor({ freshKey: true }, { fields: [], close })).toBe(
      'Expected a key that no earlier connection had (RFC 6455 §5.1).',
    )
    expect(reasonFor({ fields }, {})).toBe(
      'Expected upgrade: websocket and host (RFC 6455 §5.1); it sent nothing more.',
    )
  })

  test('fills values of the connection into conditions, escaped in patterns', () => {
    const fields = [['location', 'http://a.example/a.b']] as const
    const one = (fields: Required<Conditions>['fields']) => withOutcomes(outcome('pass', { fields }))
    expect(judge(one({ location: 'http://{host}{path}' }), evidence({ fields })).verdict).toBe('pass')
    expect(judge(one({ location: { pattern: '^http://{host}{path}$' } }), evidence({ fields })).verdict).toBe('pass')
    const other = [['location', 'http://a-example/a.b']] as const
    expect(judge(one({ location: { pattern: '^http://{host}' } }), evidence({ fields: other })).verdict).toBe('fail')
    expect(
      judge(one({ location: { token: '{subprotocol}' } }), evidence({ fields: [['location', 'Chat']] })).verdict,
    ).toBe('pass')
  })

  test('compiles patterns with the flag u, as `parseCases` does', () => {
    const one = (pattern: string) => withOutcomes(outcome('pass', { fields: { a: { pattern } } }))
    const fields = [['a', 'a_b c-d/é']] as const
    const odd = { ...values, host: 'a_b c-d/é' }
    for (const pattern of ['^\\u{61}', '^\\p{L}_', '^{host}$', '^[{host}]+$'])
      expect(judge(one(pattern), evidence({ fields }, { values: odd })).verdict).toBe('pass')
    const line = { ...caseOf('client', [open()], {}), outcomes: [outcome('pass', { line: '^\\u{47}ET' })] }
    expect(judge(line, evidence({ line: 'GET /' })).verdict).toBe('pass')
  })

  test('reports a fault of the handshake, unless an outcome is about it', () => {
    const headFault = { verdict: 'fail', reason: 'Its handshake breaks it.' } as const
    const passing = withOutcomes(outcome('pass', { status: 101 }))
    expect(judge(passing, evidence({ status: 101 }, { headFault }))).toEqual(headFault)
    const failing = withOutcomes(outcome('fail', { status: 101 }))
    expect(judge(failing, evidence({ status: 101 }, { headFault }))).toEqual({ verdict: 'fail', reason: 'fail.' })
    expect(judge({ ...passing, level: 'may' }, evidence({ status: 101 }, { headFault }))).toEqual({
      ...headFault,
      verdict: 'info',
    })
  })

  test('skips the case if the agent lacks something, unless an outcome looks at the fields', () => {
    const lacks = 'It lacks it.'
    expect(judge(withOutcomes(outcome('pass', {})), evidence({}, { lacks }))).toEqual({
      verdict: 'skip',
      reason: lacks,
    })
    const looking = withOutcomes(outcome('pass', { fields: { a: null } }))
    expect(judge(looking, evidence({ fields: [] }, { lacks })).verdict).toBe('pass')
  })

  test('turns only a pass into a warning of the reader', () => {
    const fault = { verdict: 'warn', reason: 'It did more.' } as const
    expect(judge(withOutcomes(outcome('pass', {})), evidence({}, { fault }))).toEqual(fault)
    expect(judge(withOutcomes(outcome('info', {})), evidence({}, { fault })).verdict).toBe('info')
  })

  test('no opening', () => {
    const one = withOutcomes(outcome('pass', { close: 'none' }))
    const unopened = { opened: false, answered: false }
    expect(judge(one, evidence({}, { ...unopened, spent: 2000 })).reason).toBe(
      'It sent no response to a valid request within 2000 ms.',
    )
    expect(judge(one, evidence({ status: 500 }, unopened)).reason).toBe('It refused a valid request with 500.')
    const client = { ...one, side: 'client' } as const
    expect(judge(client, evidence({ end: 'fin' }, unopened)).reason).toBe(
      'It sent no opening request, and ended the connection.',
    )
    // The suite refused it, as the case requires.
    expect(judge(client, evidence({}, { opened: false })).verdict).toBe('pass')
  })
})

describe('words', () => {
  test('describes what the agent did', () => {
    const long = 'x'.repeat(50)
    const many = Array.from({ length: 5 }, () => bytes('p'))
    expect(describeSeen({ ...nothing, status: 403, end: 'fin' })).toBe('it answered 403 and ended the connection')
    expect(describeSeen({ ...nothing, messages: [message('text', long)], pongs: many, end: 'reset' })).toBe(
      `it sent the text "${'x'.repeat(40)}"… of 50 bytes, then a pong "p", then a pong "p", then a pong "p", then 2 more pongs and reset the connection`,
    )
    expect(describeSeen({ ...nothing, messages: [message('binary', '')], close: { code: 1005, reason: '' } })).toBe(
      'it sent a binary message without a payload, then an empty Close',
    )
    expect(describeSeen({ ...nothing, pongs: [Uint8Array.of(0x7f, 0x80)], unfinished: '1 byte' })).toBe(
      'it sent a pong 7f80, then the beginning of a frame (1 byte)',
    )
    expect(describeSeen({ ...nothing, close: { code: 1000, reason: '\u001b[1m' } })).toBe(
      'it sent a Close with 1000 "\\u001b[1m"',
    )
  })

  test('describes the conditions', () => {
    expect(
      describeConditions({
        status: ['4xx', 'none'],
        fields: { upgrade: null, a: { token: 't' }, b: { pattern: 'p' }, c: { present: true }, d: 'v' },
        line: '^GET',
        freshKey: true,
        freshMasks: true,
        messages: [],
        lastPong: 'x',
        close: [1000, 'empty'],
        reason: 'r',
        end: 'any',
        before: 'label',
      }),
    ).toBe(
      'status 4xx or none; no upgrade and a with t and b that matches /p/ and c and d: v; a request line that matches /^GET/; ' +
        'a key that no earlier connection had; a different masking key for each frame; no message; a last pong "x"; ' +
        'a Close with 1000 or an empty Close; the reason "r"; the end of the connection; ' +
        'all that before the suite\'s step "label"',
    )
  })
})
