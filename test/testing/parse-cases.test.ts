/**
 * Reading a file of cases: valid files pass, and an error names its place. Another implementation of JSON Schema gives the same
 * results, for all cases and for changed ones.
 *
 * @module
 */

import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { clientCases, serverCases } from '../../src/cases/all.ts'
import type { Case } from '../../src/testing/case.ts'
import { parseCases } from '../../src/testing/parse-cases.ts'
import { xorshift32 } from '../../src/testing/random.ts'
import { caseFileSchema } from '../../src/testing/schema.ts'

const isValid = new Ajv2020({ allErrors: false, strict: true, strictRequired: false }).compile(caseFileSchema)

/** A file with a case that uses every property. */
const full: Case = {
  id: 'server/framing/all-there-is-1.1',
  since: '0.1.0',
  title: 'All that there is',
  why: 'It uses each part of the schema.',
  level: 'must',
  references: [{ section: 'RFC 6455 §5.2', quote: 'MUST be 0' }],
  side: 'server',
  carriers: ['http/1.1'],
  needs: ['echo', 'deflate'],
  autobahn: ['1.1.1'],
  passive: true,
  steps: [
    {
      do: 'open',
      line: 'GET / HTTP/1.1',
      before: '\r\n',
      fields: { Host: null, host: '{host}', Cookie: ['a=b', 'c=d'] },
      raw: '',
      // biome-ignore lint/suspicious/noThenProperty: a step is data, which no code awaits.
      then: [{ bytes: { hex: '81 80 0' + '0', repeat: 2 } }],
      chunks: 'bytes',
      wait: false,
    },
    {
      do: 'send',
      pieces: [
        {
          frame: {
            opcode: 15,
            fin: false,
            rsv: 7,
            payload: 'a',
            mask: 'deadBEEF',
            lengthSize: 8,
            payloadLength: 2 ** 53 - 1,
          },
        },
        { frame: { opcode: 0, mask: false, lengthSize: 0, payload: ['a', { text: 'b', repeat: 3 }] }, repeat: 10 },
        { bytes: { random: 5, seed: 1 } },
      ],
      chunks: { sizes: [1, 2] },
      label: 'sent',
    },
    { do: 'send', pieces: [{ bytes: [] }], chunks: { seed: 4 } },
    { do: 'await', for: 'message', count: 2, briefly: true },
    { do: 'end', label: 'ended' },
    { do: 'reset' },
  ],
  outcomes: [
    {
      verdict: 'pass',
      reason: 'It did.',
      when: {
        status: [101, '4xx', 'none'],
        fields: {
          upgrade: 'websocket',
          connection: { token: 'upgrade' },
          date: { present: true },
          server: null,
          via: { pattern: '^1\\.1 ' },
          location: { pattern: '^http://{host}{path}$' },
          'sec-websocket-extensions': { extension: 'permessage-deflate', with: ['a'], without: ['b'], max: { c: 15 } },
        },
        messages: [{ text: 'a' }, { binary: { hex: '00' } }],
        pongs: [''],
        lastPong: 'x',
        close: [1000, 'empty', 'none'],
        reason: 'bye',
        end: 'fin',
        before: 'sent',
      },
    },
    { verdict: 'info', reason: 'Or so.', when: { status: '4xx', close: 'any' } },
    { verdict: 'info', reason: 'Or so.', when: { status: 404, close: 1000 } },
    { verdict: 'info', reason: 'Or so.', when: { close: 'none' } },
  ],
}

const ofClient: Case = {
  ...full,
  id: 'client/opening/key',
  side: 'client',
  outcomes: [{ verdict: 'pass', reason: 'It did.', when: { line: '^GET ', freshKey: true, freshMasks: true } }],
}

const cases: readonly Case[] = [full, ofClient]
const file = { format: 1, cases }
const all = { format: 1, cases: [...serverCases, ...clientCases] }

/** Returns the file with the value at this path replaced, or removed if it is `undefined`. */
function changed(path: readonly (string | number)[], change: (value: unknown) => unknown, of: unknown = file): unknown {
  const copy = structuredClone(of)
  let parent = copy as Record<string | number, unknown>
  for (const name of path.slice(0, -1)) parent = parent[name] as Record<string | number, unknown>
  const last = path.at(-1) as string | number
  const value = change(parent[last])
  if (value !== undefined) parent[last] = value
  else if (Array.isArray(parent)) parent.splice(last as number, 1)
  else delete parent[last]
  return copy
}

/** Returns the message of the error, or `undefined`. */
function errorOf(value: unknown): string | undefined {
  try {
    parseCases(value)
    return undefined
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError)
    return (error as TypeError).message
  }
}

describe('valid files', () => {
  test('are returned unchanged', () => {
    expect(parseCases(file)).toBe(file)
    expect(isValid(file)).toBe(true)
  })

  test('all cases of the suite', () => {
    expect(parseCases(all)).toBe(all)
    isValid(all)
    expect(isValid.errors).toBe(null)
  })

  test('all cases of the suite survive JSON unchanged', () => {
    expect(JSON.parse(JSON.stringify(all))).toEqual(all)
  })
})

type Row = readonly [path: readonly (string | number)[], value: unknown, message: string]

/** The errors that the schema expresses. */
const schemaRows: readonly Row[] = [
  [['format'], 2, 'format: must be 1, not 2'],
  [['format'], undefined, 'format: is missing'],
  [['cases'], {}, 'cases: must be a list, not an object'],
  [['cases', 0], null, 'cases[0]: must be an object, not null'],
  [['cases', 0, 'id'], 'server/Framing/x', 'cases[0].id: must be a string that matches ^(server|client)/'],
  [['cases', 0, 'id'], 'server/framing/a/b', 'cases[0].id: must be a string that matches'],
  [['cases', 0, 'why'], '', 'cases[0].why: must be a string that is not empty, not ""'],
  [['cases', 0, 'level'], 'MUST', 'cases[0].level: must be "must", "should", "may" or "policy", not "MUST"'],
  [['cases', 0, 'references', 0, 'quote'], undefined, 'cases[0].references[0].quote: is missing'],
  [['cases', 0, 'carriers'], [], 'cases[0].carriers: must not be empty'],
  [['cases', 0, 'carriers', 0], 'http/3', 'cases[0].carriers[0]: must be "http/1.1" or "http/2", not "http/3"'],
  [['cases', 0, 'passive'], false, 'cases[0].passive: must be true, not false'],
  [['cases', 0, 'tags'], [], 'cases[0]: unknown property "tags"; known are id, since, title, why, level'],
  [['cases', 0, 'steps', 0], 'open', 'cases[0].steps[0]: must be an object with do, an object with do'],
  [
    ['cases', 0, 'steps', 0, 'do'],
    'opn',
    'cases[0].steps[0].do: must be "open", "send", "await", "end" or "reset", not "opn"',
  ],
  [
    ['cases', 0, 'steps', 0, 'do'],
    undefined,
    'cases[0].steps[0].do: must be "open", "send", "await", "end" or "reset", not undefined',
  ],
  [
    ['cases', 0, 'steps', 0, 'fields', 'Host'],
    1,
    'cases[0].steps[0].fields.Host: must be a string, a list or null, not 1',
  ],
  [
    ['cases', 0, 'steps', 0, 'chunks'],
    'byte',
    'cases[0].steps[0].chunks: must be "whole", "bytes", an object with sizes',
  ],
  [['cases', 0, 'steps', 0, 'wait'], true, 'cases[0].steps[0].wait: must be false, not true'],
  [['cases', 0, 'steps', 0, 'label'], 'x', 'cases[0].steps[0]: unknown property "label"'],
  [['cases', 0, 'steps', 1, 'pieces'], [], 'cases[0].steps[1].pieces: must not be empty'],
  [
    ['cases', 0, 'steps', 1, 'pieces', 0, 'frame', 'opcode'],
    16,
    'cases[0].steps[1].pieces[0].frame.opcode: must be a whole number from 0 to 15, not 16',
  ],
  [
    ['cases', 0, 'steps', 1, 'pieces', 0, 'frame', 'opcode'],
    1.5,
    'frame.opcode: must be a whole number from 0 to 15, not 1.5',
  ],
  [['cases', 0, 'steps', 1, 'pieces', 0, 'frame', 'fin'], 1, 'frame.fin: must be true or false, not 1'],
  [
    ['cases', 0, 'steps', 1, 'pieces', 0, 'frame', 'mask'],
    '1234567',
    'frame.mask: must be a string that matches ^[0-9a-fA-F]{8}$ or false, not "1234567"',
  ],
  [['cases', 0, 'steps', 1, 'pieces', 0, 'frame', 'mask'], true, 'frame.mask: must be a string that matches'],
  [['cases', 0, 'steps', 1, 'pieces', 0, 'frame', 'lengthSize'], 4, 'frame.lengthSize: must be 0, 2 or 8, not 4'],
  [
    ['cases', 0, 'steps', 1, 'pieces', 0, 'frame', 'payloadLength'],
    -1,
    'frame.payloadLength: must be a whole number from 0 to',
  ],
  [
    ['cases', 0, 'steps', 1, 'pieces', 0, 'frame', 'payloadLength'],
    2 ** 53,
    'frame.payloadLength: must be a whole number from 0 to 9007199254740991, not 9007199254740992',
  ],
  [
    ['cases', 0, 'steps', 1, 'pieces', 0, 'frame', 'payload'],
    null,
    'frame.payload: must be a string, an object with hex, an object with text, an object with random or a list, not null',
  ],
  [
    ['cases', 0, 'steps', 1, 'pieces', 0, 'bytes'],
    'x',
    'cases[0].steps[1].pieces[0]: unknown property "bytes"; known are frame, repeat',
  ],
  [
    ['cases', 0, 'steps', 1, 'pieces', 1, 'frame', 'payload', 1, 'repeat'],
    1e9,
    'payload[1].repeat: must be a whole number from 0 to 67108864',
  ],
  [['cases', 0, 'steps', 1, 'pieces', 1, 'repeat'], -1, 'pieces[1].repeat: must be a whole number'],
  [['cases', 0, 'steps', 1, 'pieces', 2, 'bytes'], { random: 1 }, 'pieces[2].bytes.seed: is missing'],
  [
    ['cases', 0, 'steps', 1, 'pieces', 2],
    { hex: '00' },
    'pieces[2]: must be an object with frame or an object with bytes, not an object',
  ],
  [['cases', 0, 'steps', 0, 'then', 0, 'bytes', 'hex'], '123', 'then[0].bytes.hex: must be a string that matches'],
  [['cases', 0, 'steps', 0, 'then', 0, 'bytes', 'hex'], '0g', 'then[0].bytes.hex: must be a string that matches'],
  [['cases', 0, 'steps', 1, 'chunks', 'sizes', 0], 0, 'chunks.sizes[0]: must be a whole number from 1 to'],
  [
    ['cases', 0, 'steps', 3, 'for'],
    'messages',
    'steps[3].for: must be "message", "pong", "ping", "close" or "end", not "messages"',
  ],
  [['cases', 0, 'steps', 3, 'count'], 0, 'steps[3].count: must be a whole number from 1'],
  [['cases', 0, 'outcomes'], [], 'cases[0].outcomes: must not be empty'],
  [
    ['cases', 0, 'outcomes', 0, 'verdict'],
    'ok',
    'outcomes[0].verdict: must be "pass", "warn", "fail", "info" or "skip", not "ok"',
  ],
  [
    ['cases', 0, 'outcomes', 0, 'when', 'status'],
    '4XX',
    'when.status: must be a whole number from 100 to 999, a string that matches ^([1-5]xx|none)$ or a list, not "4XX"',
  ],
  [
    ['cases', 0, 'outcomes', 0, 'when', 'status', 0],
    99,
    'when.status[0]: must be a whole number from 100 to 999 or a string',
  ],
  [['cases', 0, 'outcomes', 0, 'when', 'status'], [], 'when.status: must not be empty'],
  [
    ['cases', 0, 'outcomes', 0, 'when', 'fields', 'Via'],
    'x',
    'when.fields: the name "Via" must be a string that matches ^[^A-Z]+$',
  ],
  [
    ['cases', 0, 'outcomes', 0, 'when', 'fields', 'date', 'present'],
    false,
    'when.fields.date.present: must be true, not false',
  ],
  [
    ['cases', 0, 'outcomes', 0, 'when', 'fields', 'date'],
    {},
    'when.fields.date: must be a string, null, an object with present, an object with token, an object with pattern or an object with extension, not an object',
  ],
  [
    ['cases', 0, 'outcomes', 0, 'when', 'messages', 0],
    'a',
    'when.messages[0]: must be an object with text or an object with binary, not "a"',
  ],
  [
    ['cases', 0, 'outcomes', 0, 'when', 'close'],
    'normal',
    'when.close: must be a whole number from 0 to 65535, "empty", "none", "any" or a list, not "normal"',
  ],
  [
    ['cases', 0, 'outcomes', 0, 'when', 'close', 0],
    'any',
    'when.close[0]: must be a whole number from 0 to 65535, "empty" or "none", not "any"',
  ],
  [['cases', 1, 'outcomes', 0, 'when', 'freshKey'], false, 'when.freshKey: must be true, not false'],
]

describe('invalid files', () => {
  test.each(schemaRows)('%j: %j', (path, value, message) => {
    const wrong = changed(path, () => value)
    expect(errorOf(wrong)).toContain(message)
    expect(isValid(wrong)).toBe(false)
  })

  test.each<[value: unknown, message: string]>([
    [undefined, 'the file of cases: must be an object, not undefined'],
    [[], 'the file of cases: must be an object, not an array'],
    ['{}', 'the file of cases: must be an object, not "{}"'],
    [{}, 'format: is missing'],
  ])('rejects %j', (value, message) => {
    expect(errorOf(value)).toBe(message)
    expect(isValid(value)).toBe(false)
  })

  // The errors that a schema cannot express.
  test.each<Row>([
    [['cases', 1], { ...full }, 'cases[1].id: is already the slug of cases[0]'],
    [['cases', 1, 'side'], 'server', 'cases[1].id: must begin with the side, server'],
    [['cases', 0, 'steps', 4, 'label'], 'sent', 'cases[0].steps[4].label: there is a step "sent" already'],
    [['cases', 0, 'steps', 3, 'payload'], 'a', 'cases[0].steps[3].payload: applies to pongs only'],
    [['cases', 0, 'outcomes', 0, 'when', 'before'], 'then', 'when.before: there is no step with the label "then"'],
    [
      ['cases', 0, 'carriers', 1],
      'http/2',
      'cases[0].steps[0].line: applies to HTTP/1.1 only, but the case also runs over HTTP/2',
    ],
    [['cases', 0, 'outcomes', 0, 'when', 'freshKey'], true, 'when.freshKey: does not apply to a server'],
    [['cases', 1, 'outcomes', 0, 'when', 'status'], 101, 'when.status: does not apply to a client'],
    [['cases', 1, 'outcomes', 0, 'when', 'line'], '(', 'cases[1].outcomes[0].when.line: is not a regular expression: '],
    [
      ['cases', 0, 'outcomes', 0, 'when', 'fields', 'via', 'pattern'],
      '[',
      'when.fields.via.pattern: is not a regular expression: ',
    ],
  ])('rejects %j: %j, which the schema allows', (path, value, message) => {
    const wrong = changed(path, () => value)
    expect(isValid(wrong)).toBe(true)
    expect(errorOf(wrong)).toContain(message)
  })

  test('rejects data that is nested a hundred thousand lists deep', () => {
    let deep: unknown = 'a'
    for (let level = 0; level < 100_000; level++) deep = [deep]
    const wrong = { ...file, cases: [{ ...full, steps: [{ do: 'send', pieces: [{ bytes: deep }] }] }] }
    expect(errorOf(wrong)).toMatch(/^cases\[0\]\.steps\[0\]\.pieces\[0\]\.bytes(\[0\])+: is more than 64 levels deep$/)
  })

  test('rejects the name `__proto__`', () => {
    const wrong = JSON.parse('{ "format": 1, "cases": [], "__proto__": 1 }')
    expect(errorOf(wrong)).toContain('unknown property "__proto__"')
    expect(isValid(wrong)).toBe(false)
  })
})

/** Returns every path in a value. */
function paths(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  const inside = Array.isArray(value) ? value.map((item, at) => [at, item] as const) : Object.entries(value)
  return [path, ...inside.flatMap(([name, item]) => paths(item, [...path, name]))].filter(({ length }) => length > 0)
}

const others = [
  undefined,
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e20,
  '',
  'a',
  'open',
  [],
  ['a'],
  {},
  { hex: '0' },
  { a: 1 },
  { text: 'a' },
]

/** The errors that only `parseCases` reports. */
const beyondSchema = /is the slug of|must begin with|there is (a|no) step|is of HTTP|does not apply|is no regular/

function disagreement(value: unknown): string | undefined {
  const error = errorOf(value)
  const accepted = error === undefined || beyondSchema.test(error)
  return accepted === isValid(value) ? undefined : `${error} ↔ ${JSON.stringify(isValid.errors)}`
}

describe('parseCases and another implementation of JSON Schema agree', () => {
  test('if any value is replaced by one of another type', () => {
    const found = paths(file).flatMap((path) =>
      others.flatMap((other) => disagreement(changed(path, () => structuredClone(other))) ?? []),
    )
    expect(found).toEqual([])
  })

  test('if a value in a case of the suite is replaced', () => {
    const next = xorshift32(20)
    const found: string[] = []
    for (const one of all.cases) {
      const small = { format: 1, cases: [one] }
      const places = paths(small)
      for (let count = 0; count < 5; count++) {
        const path = places[next() % places.length] ?? []
        const other = others[next() % others.length]
        found.push(...[disagreement(changed(path, () => structuredClone(other), small)) ?? []].flat())
      }
    }
    expect(found).toEqual([])
  })
})
